/** The small forms that the text of records is made of. */

/** A word with what would end it, or its line, escaped. The library has escaped a mailbox's own dots. */
export const wordForm = (text: string): string =>
  text.replace(/[\0- "();\x7f]/g, (character) =>
    /[\0- \x7f]/.test(character) ? decimal(character.charCodeAt(0)) : `\\${character}`,
  )

/** A name with its final dot. */
export const nameForm = (name: string): string => (name === '.' ? name : `${wordForm(name)}.`)

/** A character string in quotes; bytes outside ASCII as `\DDD`. */
export function textForm(text: Buffer | string): string {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const characters = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte)
    if (byte < 0x20 || byte > 0x7e) return decimal(byte)
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
