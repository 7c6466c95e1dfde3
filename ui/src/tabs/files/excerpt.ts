/** What the first part of a file is: text, or other bytes. */

/** How much of a file is shown. */
export const shownBytes = 256 * 1024

/** How much of what isn't text is shown. */
const dumpedBytes = 256
const bytesPerLine = 16

/** The part of a file that is shown. */
export interface Excerpt {
  readonly bytes: Uint8Array
  /** Whether there is more. */
  readonly isCut: boolean
  /** Undefined where it isn't text. */
  readonly text: string | undefined
}

/** @param bytes one more than are shown, if there are so many */
export function excerptOf(bytes: Uint8Array): Excerpt {
  const isCut = bytes.length > shownBytes
  const shown = bytes.subarray(0, shownBytes)
  return { bytes: shown, isCut, text: textOf(shown, isCut) }
}

/** @param isCut whether the last character may be cut through */
function textOf(bytes: Uint8Array, isCut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut })
  } catch {
    return undefined
  }
}

/** Place, bytes, and the ASCII characters among them. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let start = 0; start < Math.min(bytes.length, dumpedBytes); start += bytesPerLine) {
    const line = [...bytes.subarray(start, start + bytesPerLine)]
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const characters = line
      .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
      .join('')
    lines.push(
      `${start.toString(16).padStart(4, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${characters}`.trimEnd(),
    )
  }
  return lines.join('\n')
}

export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])
