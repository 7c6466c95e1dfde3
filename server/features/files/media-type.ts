/** The Content-Type of a file. */
import { extname } from 'node:path/posix'

/** Bytes that no text has (WHATWG MIME Sniffing, section 3). */
// eslint-disable-next-line no-control-regex -- control bytes are what it looks for
const binary = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/

/**
 * By the name's extension, else by whether it looks like text.
 * @param name as latin1
 * @param head its first bytes
 */
export async function mediaType(name: string, head: Buffer): Promise<string> {
  const { mimes } = await import('mrmime')
  const extension = extname(name).slice(1).toLowerCase()
  const known = Object.hasOwn(mimes, extension) ? mimes[extension] : undefined
  const type =
    known ?? (binary.test(head.toString('latin1', 0, 1445)) ? 'application/octet-stream' : 'text/plain')
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}
