/** Which full names stand for a name, and in which order they are asked for: res_search of glibc. */
import type { ResolvConf } from './resolv-conf.ts'

/** Full names, each with its final dot. */
export interface SearchOrder {
  /** The name alone, where that is tried before the search domains. */
  readonly first: string | undefined
  /** Within each search domain. */
  readonly searched: readonly string[]
  /** The name alone, where that is tried after them, unless one of them that was tried is the root and so the same. */
  readonly last: string | undefined
}

/** The settings that have a say. */
export type SearchSettings = Pick<ResolvConf, 'search' | 'ndots' | 'noTldQuery'>

/** A name with a final dot is tried as it is, any other within each search domain and alone, which comes first if it has `ndots` dots or more. */
export function searchOrder(name: string, { search, ndots, noTldQuery }: SearchSettings): SearchOrder {
  if (name === '' || name.endsWith('.')) return { first: name || '.', searched: [], last: undefined }
  const alone = `${name}.`
  const dots = name.split('.').length - 1
  const isFirst = dots >= ndots
  const searched = search.map((domain) => within(alone, domain))
  const isLast = !isFirst && (dots > 0 || searched.length === 0 || !noTldQuery)
  return { first: isFirst ? alone : undefined, searched, last: isLast ? alone : undefined }
}

/** All of them as they are asked for while none is found. */
export function namesInOrder({ first, searched, last }: SearchOrder): string[] {
  const alone = last === undefined || searched.includes(last) ? [] : [last]
  return [...(first === undefined ? [] : [first]), ...searched, ...alone]
}

/** The root may be written as a dot or as nothing, and a domain with a dot at either end. */
function within(alone: string, domain: string): string {
  const bare = domain.replace(/^\.|\.$/g, '')
  return bare === '' ? alone : `${alone}${bare}.`
}
