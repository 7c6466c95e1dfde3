/** What a domain name may be. */

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
