/** The content of records as zone files write it (RFC 1035, section 5, and the RFC of each type). */
import type { Cursor } from './cursor.ts'
import { locationForm } from './location.ts'
import { serviceParameters } from './service-parameters.ts'
import { typeName } from './types.ts'
import {
  base32Form,
  hexForm,
  ipv4Form,
  ipv6Form,
  nameForm,
  textForm,
  timeForm,
  wordForm,
} from './zone-text.ts'

/** Takes a field off the content and gives its text; an empty one is left out. @throws RangeError when it isn't there */
type Field = (content: Cursor) => string | number

const byte: Field = (content) => content.byte()
const short: Field = (content) => content.short()
const long: Field = (content) => content.long()
const time: Field = (content) => timeForm(content.long())
const type: Field = (content) => typeName(content.short())
const name: Field = (content) => nameForm(content.labels())
const names: Field = (content) => all(content, name)
const ipv4: Field = (content) => ipv4Form(content.take(4))
const ipv6: Field = (content) => ipv6Form(content.take(16))
const word: Field = (content) => wordForm(content.take(content.byte()))
const text: Field = (content) => textForm(content.take(content.byte()))
const texts: Field = (content) => all(content, text)
const restText: Field = (content) => textForm(content.rest())
const hex: Field = (content) => hexForm(content.rest())
const base64: Field = (content) => content.rest().toString('base64')
const salt: Field = (content) => hexForm(content.take(content.byte())) || '-'
const hashed: Field = (content) => base32Form(content.take(content.byte()))
/** RFC 7043. */
const eui: Field = (content) => content.rest().toString('hex').match(/../g)?.join('-') ?? ''
/** Half an IPv6 address (RFC 6742, section 2.1.1). */
const half: Field = (content) => Array.from({ length: 4 }, () => content.short().toString(16)).join(':')

/** One field after the other, until there is no more. */
function all(content: Cursor, field: Field): string {
  const found: (string | number)[] = []
  while (content.left > 0) found.push(field(content))
  return found.join(' ')
}

/** The types that a name has, in windows of 256 bits (RFC 4034, section 4.1.2). */
const typeBits: Field = (content) =>
  all(content, () => {
    const window = content.byte() * 256
    const bytes = Array.from(content.take(content.byte()))
    const bits = bytes.flatMap((bits, index) =>
      Array.from({ length: 8 }, (_, bit) => (bits & (0x80 >> bit) ? window + index * 8 + bit : -1)),
    )
    return bits
      .filter((number) => number >= 0)
      .map(typeName)
      .join(' ')
  })

/** Where another host is: nowhere, an address or a name (RFC 4025, section 2.3; RFC 8777, section 4.2.3). */
function gateway(kind: number, content: Cursor): string | number {
  const form = [() => '.', ipv4, ipv6, name][kind]
  if (!form) throw new RangeError('it has a gateway of another kind')
  return form(content)
}

const ipsecKey: Field = (content) => {
  const [precedence, kind, algorithm] = [content.byte(), content.byte(), content.byte()]
  return [precedence, kind, algorithm, gateway(kind, content), base64(content)].join(' ').trimEnd()
}

const relay: Field = (content) => {
  const [precedence, head] = [content.byte(), content.byte()]
  return [precedence, head >> 7, head & 0x7f, gateway(head & 0x7f, content)].join(' ')
}

/** RFC 8005, section 5. */
const hostIdentity: Field = (content) => {
  const [size, algorithm, keySize] = [content.byte(), content.byte(), content.short()]
  return [algorithm, hexForm(content.take(size)), content.take(keySize).toString('base64')].join(' ')
}

/** Prefixes of addresses (RFC 3123, section 4), the zeros at their ends left out. */
const prefixes: Field = (content) =>
  all(content, () => {
    const [family, length, head] = [content.short(), content.byte(), content.byte()]
    const form = { 1: ipv4Form, 2: ipv6Form }[family]
    const bytes = Buffer.alloc(family === 1 ? 4 : 16)
    if (!form || (head & 0x7f) > bytes.length) throw new RangeError('it has a prefix of another family')
    content.take(head & 0x7f).copy(bytes)
    return `${head & 0x80 ? '!' : ''}${family}:${form(bytes)}/${length}`
  })

const digest = [short, byte, byte, hex]
const key = [short, byte, byte, base64]
const signature = [type, byte, byte, long, time, time, short, name, base64]
const certificate = [byte, byte, byte, hex]
/** RFC 9460, section 2.2. */
const service = [short, name, serviceParameters]
const preferredName = [short, name]

/** What the content of a type is made of; any other, as those of days gone by, is shown as bytes. */
const layouts: Partial<Record<string, readonly Field[]>> = {
  A: [ipv4],
  AAAA: [ipv6],
  AFSDB: preferredName,
  AMTRELAY: [relay],
  APL: [prefixes],
  AVC: [texts],
  CAA: [byte, word, restText],
  CDNSKEY: key,
  CDS: digest,
  CERT: [short, short, byte, base64],
  CNAME: [name],
  CSYNC: [long, short, typeBits],
  DHCID: [base64],
  DLV: digest,
  DNAME: [name],
  DNSKEY: key,
  DS: digest,
  EUI48: [eui],
  EUI64: [eui],
  GPOS: [text, text, text],
  HINFO: [text, text],
  HIP: [hostIdentity, names],
  HTTPS: service,
  IPSECKEY: [ipsecKey],
  ISDN: [texts],
  KEY: key,
  KX: preferredName,
  L32: [short, ipv4],
  L64: [short, half],
  LOC: [locationForm],
  LP: preferredName,
  MX: preferredName,
  NAPTR: [short, short, text, text, text, name],
  NID: [short, half],
  NINFO: [texts],
  NS: [name],
  NSEC: [name, typeBits],
  NSEC3: [byte, byte, short, salt, hashed, typeBits],
  NSEC3PARAM: [byte, byte, short, salt],
  OPENPGPKEY: [base64],
  PTR: [name],
  PX: [short, name, name],
  RESINFO: [texts],
  RKEY: key,
  RP: [name, name],
  RRSIG: signature,
  RT: preferredName,
  SIG: signature,
  SMIMEA: certificate,
  SOA: [name, name, long, long, long, long, long],
  SPF: [texts],
  SRV: [short, short, short, name],
  SSHFP: [byte, byte, hex],
  SVCB: service,
  TA: digest,
  TALINK: [name, name],
  TLSA: certificate,
  TXT: [texts],
  // RFC 7553, section 4.5.
  URI: [short, short, restText],
  WALLET: [texts],
  X25: [text],
  ZONEMD: [long, byte, byte, hex],
}

/**
 * One line for a record's content: by its type's layout, or as bare bytes (`\# 4 0A000001`, RFC 3597, section 5) where there is none
 * or the content doesn't fit it.
 * @param content that alone
 */
export function contentForm(type: string, content: Cursor): string {
  const bytes = content.unread
  try {
    const fields = layouts[type]?.map((field) => field(content)) ?? []
    const line = fields.filter((field) => field !== '').join(' ')
    if (line !== '' && content.left === 0) return line
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return `\\# ${bytes.length} ${hexForm(bytes)}`.trimEnd()
}
