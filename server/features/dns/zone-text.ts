/** The small forms that the text of records is made of. */

/** Characters of a label that mean something in a zone file (RFC 1035, section 5.1); dig escapes the same. */
const special = new Set(Array.from('.\\"();@$', (character) => character.charCodeAt(0)))

const isPlain = (byte: number): boolean => byte > 0x20 && byte < 0x7f

/** A word with what would end it, or its line, escaped: bytes that are no visible character as `\DDD`. */
export const wordForm = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => {
    if (!isPlain(byte)) return decimal(byte)
    return special.has(byte) ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte)
  }).join('')

/** A name with its final dot. */
export const nameForm = (labels: readonly Uint8Array[]): string =>
  labels.length === 0 ? '.' : labels.map((label) => `${wordForm(label)}.`).join('')

/** A character string in quotes; bytes outside ASCII as `\DDD`. */
export function textForm(bytes: Uint8Array): string {
  const characters = Array.from(bytes, (byte) => {
    if (byte !== 0x20 && !isPlain(byte)) return decimal(byte)
    const character = String.fromCharCode(byte)
    return character === '"' || character === '\\' ? `\\${character}` : character
  })
  return `"${characters.join('')}"`
}

const decimal = (byte: number): string => `\\${String(byte).padStart(3, '0')}`

/** Bytes in capital hex digits. */
export const hexForm = (bytes: Buffer): string => bytes.toString('hex').toUpperCase()

/** @param seconds since 1970, as `20261121120000` (RFC 4034, section 3.2) */
export const timeForm = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, '')

/** Base 32 with the extended hex alphabet, unpadded (RFC 5155, section 3.3). */
export function base32Form(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const digits = bits.match(/.{1,5}/g) ?? []
  return digits
    .map((digit) => parseInt(digit.padEnd(5, '0'), 2).toString(32))
    .join('')
    .toUpperCase()
}

/** @param bytes four of them */
export const ipv4Form = (bytes: Buffer): string => bytes.join('.')

/** As RFC 5952 says, an IPv4 address at the end as one. @param bytes sixteen of them */
export function ipv6Form(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  const [, , , , , mapped, upper] = groups
  const isIPv4 = groups.slice(0, 5).every((group) => group === '0') && upper !== '0'
  if (isIPv4 && (mapped === 'ffff' || mapped === '0')) {
    return `::${mapped === '0' ? '' : 'ffff:'}${ipv4Form(bytes.subarray(12))}`
  }
  // The URL parser shortens an address.
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
