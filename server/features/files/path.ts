/** Paths between URLs and the file system, where a name is any bytes but NUL and the slash. */
import { Refusal } from './refusal.ts'

/** Bytes as text: each character is one of them, 0 to 255 (latin1). Sorts as the bytes do. */
export type ByteText = string

/** A path below the browser's root, as a URL gives it. */
export interface RequestedPath {
  /** The names from the root on; no `.`, no `..`. */
  readonly names: readonly ByteText[]
  /** Whether the URL ends in a slash, so that links relative to it lead below it. */
  readonly endsInSlash: boolean
  /** Leads from the URL to itself with a final slash. */
  readonly withSlash: string
  /** Leads from the URL to itself without a final slash. */
  readonly withoutSlash: string
}

/**
 * Reads what follows `/fs/` in a URL, without the query. Dot segments end at the root (RFC 3986, section 5.2.4).
 * @param encoded percent-encoded
 * @throws Refusal for a broken escape or a NUL
 */
export function parsePath(encoded: string): RequestedPath {
  const trimmed = encoded.replace(/\/+$/, '')
  const last = encodeName(decode(trimmed.slice(trimmed.lastIndexOf('/') + 1)))
  return {
    names: namesOf(decode(encoded)),
    endsInSlash: encoded === '' || encoded.endsWith('/'),
    withSlash: `./${last}/`,
    withoutSlash: '../'.repeat(encoded.length - trimmed.length) + last,
  }
}

/**
 * Splits a path.
 * @throws Refusal for a NUL
 */
export function namesOf(path: ByteText): ByteText[] {
  if (path.includes('\0')) throw new Refusal('unsuitable', 'a path has no NUL in it')
  const names: ByteText[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '.') names.push(name)
  }
  return names.filter((name) => name !== '')
}

/** A name as one segment of a relative URL, which no character in it can make anything else. */
export const encodeName = (name: ByteText): string =>
  name.replace(
    /[^A-Za-z0-9._~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )

function decode(encoded: string): ByteText {
  const broken = /%(?![0-9a-f]{2}).{0,2}/i.exec(encoded)
  if (broken) throw new Refusal('unsuitable', `${broken[0]} is not an escape; a percent sign itself is %25`)
  return encoded.replace(/%(..)/g, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}

/** The bytes of a name or path, as the file system takes them. */
export const toBytes = (text: ByteText): Buffer => Buffer.from(text, 'latin1')

/** A name or path as the file system gave it. */
export const fromBytes = (bytes: Buffer): ByteText => bytes.toString('latin1')

/** Bytes as people read them; those that are not UTF-8 show as U+FFFD. */
export const readable = (text: ByteText): string => toBytes(text).toString()
