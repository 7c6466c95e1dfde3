/** Which path a client meant: the original's router sends `//healthy`, `/healthy/` and `/Healthy` on to `/healthy`. */

/**
 * The path that one has but for doubled slashes, dots, a final slash too many or too few, and the case of its letters; as
 * julienschmidt/httprouter does with RedirectTrailingSlash and RedirectFixedPath.
 * @param path as it was sent, percent-encoded
 * @param routes the patterns that may be meant, `/memq/server/queues/:queue` or `/fs/*`
 * @returns undefined when none is like it
 */
export function meantPath(path: string, routes: readonly string[]): string | undefined {
  const [, prefix = '', rest = ''] = /^(\/[abc](?=\/|$))?(.*)$/is.exec(cleanPath(path)) ?? []
  for (const route of routes) {
    const below = fitted(rest === '' ? '/' : rest, route)
    if (below !== undefined) return prefix.toLowerCase() + below
  }
  return undefined
}

/** A path made to fit a route's pattern: its fixed parts are the route's, its parameters the path's. */
function fitted(path: string, route: string): string | undefined {
  const parts = path.split('/')
  const fixed: string[] = []
  for (const [index, wanted] of route.split('/').entries()) {
    const part = parts[index] ?? ''
    if (wanted === '*') return [...fixed, ...parts.slice(index)].join('/') + (index in parts ? '' : '/')
    if (wanted.startsWith(':') ? part === '' : part.toLowerCase() !== wanted) return undefined
    fixed.push(wanted.startsWith(':') ? part : wanted)
  }
  const more = parts.slice(fixed.length)
  return more.length === 0 || (more.length === 1 && more[0] === '') ? fixed.join('/') : undefined
}

/** Without doubled slashes and dot segments (RFC 3986, section 5.2.4). */
function cleanPath(path: string): string {
  const kept: string[] = []
  const parts = path.split('/').slice(1)
  for (const part of parts) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  const isFolder = ['', '.', '..'].includes(parts.at(-1) ?? '')
  return `/${kept.join('/')}${isFolder && kept.length > 0 ? '/' : ''}`
}

/** The way from one path to another, without naming the root: a proxy may have taken off a part that this server never sees. */
export function relativeReference(from: string, to: string): string {
  const folders = from.split('/').slice(1, -1)
  const parts = to.split('/').slice(1)
  let shared = 0
  while (shared < folders.length && shared < parts.length - 1 && folders[shared] === parts[shared])
    shared += 1
  return ('../'.repeat(folders.length - shared) || './') + parts.slice(shared).join('/')
}
