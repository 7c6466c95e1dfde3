/** Domain names as a user types them, and the full names that a resolver makes of them. */
import type { ResolvConf } from '../../host/resolv-conf.ts'

/** Bytes of a label, and of a name with the length before each label and the root after them (RFC 1035, section 2.3.4). */
const maxLabel = 63
const maxName = 255

/** Says what is wrong with a name, or undefined when it can be asked for. */
export function nameFault(name: string): string | undefined {
  if (name === '' || name === '.') return undefined
  // U+2028 and U+2029 end a line too.
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) return 'it has a control character'
  const labels = name.replace(/\.$/, '').split('.')
  if (labels.includes('')) return 'it has nothing between two dots'
  const sizes = labels.map((label) => Buffer.byteLength(label))
  const longest = Math.max(...sizes)
  if (longest > maxLabel) return `the part between two dots may have ${maxLabel} bytes and has ${longest}`
  const total = sizes.reduce((sum, size) => sum + size + 1, 1)
  return total > maxName ? `it may have ${maxName} bytes, as it is sent, and has ${total}` : undefined
}

/**
 * The full names to try, in order, each with its final dot: a name that has the dot already as it is, any other with each search
 * domain and alone, which comes first if it has `ndots` dots or more (resolv.conf(5)). Those too long to exist are left out.
 */
export function fullNames(name: string, { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>): string[] {
  if (name === '') return ['.']
  if (name.endsWith('.')) return [name]
  const alone = `${name}.`
  const searched = search.map((domain) => (domain === '.' ? alone : `${alone}${domain.replace(/\.$/, '')}.`))
  const dots = alone.split('.').length - 2
  const names = dots >= ndots ? [alone, ...searched] : [...searched, alone]
  return [...new Set(names)].filter((full) => nameFault(full) === undefined)
}
