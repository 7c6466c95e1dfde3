/** The Range header (RFC 9110, section 14.2). */

/** Bytes from the first to the last, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/**
 * Reads a Range header. Several ranges count as none, as the RFC allows: the answer is then the whole.
 * @param size of the whole, in bytes
 * @returns undefined for the whole, `unsatisfiable` when nothing of what is asked for is there
 */
export function requestedRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? []
  if (from === '' && to === '') return undefined
  // Some clients ask for a range of everything, to limit what they get; Go's file server answers them so too.
  if (size === 0) return undefined
  const end = size - 1
  const [first, last] =
    from === '' ? [Math.max(0, size - Number(to)), end] : [Number(from), to === '' ? end : Number(to)]
  if (to !== '' && from !== '' && last < first) return undefined
  return first > end ? 'unsatisfiable' : { first, last: Math.min(last, end) }
}
