/** Addresses and names of the file system browser. A name is any bytes, so it stays percent-encoded as it came; only what is shown is text. */

/** One folder on the way to what is shown. */
export interface Crumb {
  /** As text. */
  readonly name: string
  /** Below the root. */
  readonly href: string
}

/** The server watches no longer ones. */
const maxWatchedLength = 4096

/** @param encoded as it stands in a URL, so ASCII */
function bytesOf(encoded: string): Uint8Array {
  const bytes = [...encoded.matchAll(/%([0-9a-f]{2})|[^]/gi)].map(([character, hex]) =>
    hex === undefined ? character.charCodeAt(0) : parseInt(hex, 16),
  )
  return new Uint8Array(bytes)
}

/** A percent-encoded name as text; bytes that are not UTF-8 show as U+FFFD. */
export const nameOf = (encoded: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(encoded))

/** @param path below the root, such as `fs/etc/`; the first crumb is what the server shows as `/` */
export function crumbsOf(path: string): Crumb[] {
  const crumbs = [{ name: '/', href: 'fs/' }]
  for (const segment of path.split('/').slice(1).filter(Boolean)) {
    crumbs.push({ name: nameOf(segment), href: `${crumbs.at(-1)?.href ?? ''}${segment}/` })
  }
  return crumbs
}

/** The page on which a file is shown. @param href percent-encoded, relative to its folder */
export const fileAddress = (folder: string, href: string): string => `${folder}?file=${href}`

/**
 * The file that a page's query asks for, percent-encoded; undefined for none, and for what is no name in this folder.
 * @param query with its question mark
 */
export function fileIn(query: string): string | undefined {
  const [, href = ''] = /[?&]file=([^&]*)/.exec(query) ?? []
  // A browser would take these for the way up, or for another path.
  const isName = href !== '' && !/[/\\?#]/.test(href) && !/^(?:\.|%2e){1,2}$/i.test(href)
  return isName ? href : undefined
}

/**
 * A path as the event stream takes it, which is text.
 * @param path below the root, percent-encoded
 * @returns undefined where it can't be followed, since a name in it is not UTF-8
 */
export function watchedPath(path: string): string | undefined {
  const names = path.split('/').slice(1).filter(Boolean)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(names.join('/')))
    return text.includes('\0') || text.length >= maxWatchedLength ? undefined : `/${text}`
  } catch {
    return undefined
  }
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }

/**
 * A text in which everything can be seen: escapes stand for control characters, and for those that turn the writing's direction
 * or take no room. Line breaks and tabs are escapes in a name, and themselves in a file.
 */
export function visible(text: string, kind: 'name' | 'file'): string {
  const kept = kind === 'file' ? '\n\t' : ''
  const shown = text.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what it looks for
    /[\0-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (character) => (kept.includes(character) ? character : escapeOf(character)),
  )
  return kind === 'file' ? shown : shown.replace(/^ +| +$/g, (spaces) => '\\x20'.repeat(spaces.length))
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0)
  const hex = (length: number) => code.toString(16).padStart(length, '0')
  return escapes[character] ?? (code < 0x100 ? `\\x${hex(2)}` : `\\u${hex(4)}`)
}
