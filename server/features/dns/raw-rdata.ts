/** The content of those records that dns-packet leaves as bytes. */
import { toString } from 'dns-packet/types.js'
import { Cursor } from './cursor.ts'
import { serviceParameters } from './service-parameters.ts'
import { typeForm } from './types.ts'
import { hexForm, nameForm, textForm, timeForm } from './zone-text.ts'

type Field = (cursor: Cursor) => string

const byte: Field = (cursor) => String(cursor.take(1).readUInt8())
const short: Field = (cursor) => String(cursor.take(2).readUInt16BE())
const long: Field = (cursor) => String(cursor.take(4).readUInt32BE())
const time: Field = (cursor) => timeForm(cursor.take(4).readUInt32BE())
const type: Field = (cursor) => typeForm(toString(cursor.take(2).readUInt16BE()))
const rest: Field = (cursor) => textForm(cursor.take(cursor.left))
const hex: Field = (cursor) => hexForm(cursor.take(cursor.left))
const base64: Field = (cursor) => cursor.take(cursor.left).toString('base64')
const sizedHex: Field = (cursor) => hexForm(cursor.take(cursor.take(1).readUInt8())) || '-'

const texts: Field = (cursor) => {
  const found: string[] = []
  while (cursor.left > 0) found.push(textForm(cursor.take(cursor.take(1).readUInt8())))
  return found.join(' ')
}

/** A pointer into the rest of the message can't be followed from here: its first byte asks for more than a label may have. */
const name: Field = (cursor) => {
  const labels: string[] = []
  for (;;) {
    const size = cursor.take(1).readUInt8()
    if (size === 0) return nameForm(labels.join('.') || '.')
    if (size > 63) throw new RangeError('a name goes on elsewhere')
    labels.push(cursor.take(size).toString())
  }
}

const digest = [short, byte, byte, hex]
const key = [short, byte, byte, base64]
/** RFC 9460, section 2.2. */
const service = [short, name, serviceParameters]

const layouts: Partial<Record<string, readonly Field[]>> = {
  AFSDB: [short, name],
  CDNSKEY: key,
  CDS: digest,
  CERT: [short, short, byte, base64],
  DHCID: [base64],
  DLV: digest,
  HTTPS: service,
  KEY: key,
  KX: [short, name],
  NSEC3PARAM: [byte, byte, short, sizedHex],
  SIG: [type, byte, byte, long, time, time, short, name, base64],
  SPF: [texts],
  SVCB: service,
  TA: digest,
  // RFC 7553, section 4.5.
  URI: [short, short, rest],
}

/**
 * One line for a record's content: by its type's layout, or as bare bytes (`\# 4 0A000001`, RFC 3597, section 5) where there is none
 * or the content doesn't fit it.
 */
export function rawForm(type: string, content: Buffer): string {
  const layout = layouts[type]
  const cursor = new Cursor(content)
  try {
    const line = layout
      ?.map((field) => field(cursor))
      .join(' ')
      .trimEnd()
    if (line !== undefined && cursor.left === 0) return line
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return `\\# ${content.length} ${hexForm(content)}`.trimEnd()
}
