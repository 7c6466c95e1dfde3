/** Every route exists at the root and under /a, /b and /c: one rewrite in front of the router. */
import type { IncomingMessage } from 'node:http'

/** The prefixes beside the root, for examples of path-based ingress. */
export const prefixes = ['/a', '/b', '/c'] as const

/** Where the file browser's one route is found, whatever path was asked for. */
export const filesRoute = '/fs/*'

const absoluteForm = /^https?:\/\/[^/?]*/i

/**
 * The URL that the router sees: without its prefix; with everything below /fs/ on one route, since a
 * file's name may be bytes that no router takes. The URL as it was sent stays in `request.originalUrl`.
 */
export function routedUrl(request: Pick<IncomingMessage, 'url'>): string {
  const url = withoutPrefix(request.url ?? '/')
  return url.startsWith('/fs/') ? filesRoute : url
}

/** A request target's path, with its prefix. */
export const pathOf = (target: string): string => withoutOrigin(target).replace(/[?#].*/s, '')

const withoutOrigin = (target: string): string =>
  target.startsWith('/') ? target : target.replace(absoluteForm, '')

/**
 * A request target's path and query below its prefix.
 * @param target as the request line has it: `/a/healthy`, or `http://host/a/healthy` (RFC 9112, section 3.2.2)
 */
export function withoutPrefix(target: string): string {
  const url = withoutOrigin(target)
  const letter = url.charCodeAt(1)
  const isPrefix = letter >= 97 && letter <= 99 && url.charCodeAt(2) === 47
  return isPrefix ? url.slice(2) : url === '' ? '/' : url
}
