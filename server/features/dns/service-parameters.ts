/** The parameters of SVCB and HTTPS records, as zone files write them (RFC 9460, section 2.1 and appendix A). */
import { Cursor } from './cursor.ts'
import { ipv4Form, ipv6Form, textForm } from './zone-text.ts'

type Value = (bytes: Buffer) => string

/** Each by its number (RFC 9460, section 14.3.2, and RFC 9461); any other is shown as `key731`. */
const keys: readonly (readonly [name: string, value: Value])[] = [
  ['mandatory', listOf(2, (bytes) => keyName(bytes.readUInt16BE()))],
  ['alpn', protocols],
  ['no-default-alpn', textForm],
  ['port', listOf(2, (bytes) => String(bytes.readUInt16BE()))],
  ['ipv4hint', listOf(4, ipv4Form)],
  ['ech', (bytes) => bytes.toString('base64')],
  ['ipv6hint', listOf(16, ipv6Form)],
  ['dohpath', textForm],
]

const keyName = (key: number): string => keys[key]?.[0] ?? `key${key}`

/** @throws RangeError when the bytes don't make whole parameters */
export function serviceParameters(cursor: Cursor): string {
  const parameters: string[] = []
  while (cursor.left > 0) {
    const key = cursor.short()
    const bytes = cursor.take(cursor.short())
    const [, form = textForm] = keys[key] ?? []
    parameters.push(bytes.length === 0 ? keyName(key) : `${keyName(key)}=${form(bytes)}`)
  }
  return parameters.join(' ')
}

/** A list with commas between its items, each of the same size in bytes. */
function listOf(size: number, form: Value): Value {
  return (bytes) => {
    const [cursor, items] = [new Cursor(bytes), [] as string[]]
    while (cursor.left > 0) items.push(form(cursor.take(size)))
    return items.join(',')
  }
}

/** A list of words; a comma or a backslash in one is escaped as an item, and what comes of it again as text (appendix A.1). */
function protocols(bytes: Buffer): string {
  const [cursor, items] = [new Cursor(bytes), [] as string[]]
  while (cursor.left > 0) {
    const item = cursor.take(cursor.byte()).toString('latin1')
    items.push(item.replace(/[\\,]/g, '\\$&'))
  }
  return textForm(Buffer.from(items.join(','), 'latin1'))
}
