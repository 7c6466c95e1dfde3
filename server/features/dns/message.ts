/** DNS messages: the query that is sent, and the reply that fits it (RFC 1035, section 4). */
import { randomInt } from 'node:crypto'
import { Cursor } from './cursor.ts'
import { contentForm } from './rdata.ts'
import { className, statusName, typeName } from './types.ts'
import { nameForm } from './zone-text.ts'

/** A message ready to be sent. */
export interface Query {
  readonly bytes: Buffer
  /** Where the question ends in it, in bytes. */
  readonly questionEnd: number
}

/** What a query may ask for beside its question. */
export interface Extras {
  /** Offers the extensions of RFC 6891. */
  readonly edns0: boolean
  /** Asks whether the server has validated its answer (RFC 6840, section 5.7). */
  readonly trustAd: boolean
}

/** A question as text. */
export interface AskedFor {
  /** With its final dot. */
  readonly name: string
  readonly class: string
  readonly type: string
}

/** A record as text. */
export interface ResourceRecord extends AskedFor {
  /** Seconds for which it may be cached. */
  readonly ttl: number
  /** As a zone file has it. */
  readonly value: string
}

/** A message that was read. */
export interface Message {
  readonly id: number
  /** The second pair of bytes of its header. */
  readonly flags: number
  readonly questions: readonly AskedFor[]
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** Without OPT, which is no record. */
  readonly additionals: readonly ResourceRecord[]
  /** NOERROR, NXDOMAIN ...; with the upper bits that OPT brings. */
  readonly status: string
  /** Whether it has the extensions of RFC 6891. */
  readonly hasOpt: boolean
}

/** The bits of a header's flags, as dig calls them. */
export const flagBits = {
  qr: 0x8000,
  aa: 0x400,
  tc: 0x200,
  rd: 0x100,
  ra: 0x80,
  ad: 0x20,
  cd: 0x10,
} as const

/** What a reply over UDP may have, in bytes: passes every network in one piece (DNS flag day 2020). */
const udpPayloadSize = 1232

const headerSize = 12
const internet = 1
const optType = 41

/**
 * Makes a query with a random id, so that nobody can answer it who doesn't see it (RFC 5452).
 * @param name a full one that can be asked for, with its final dot
 */
export function query(name: string, type: number, { edns0, trustAd }: Extras): Query {
  const flags = flagBits.rd | (trustAd ? flagBits.ad : 0)
  const labels = name
    .split('.')
    .filter((label) => label !== '')
    .map((label) => Buffer.from(label))
  const question = [
    ...labels.flatMap((label) => [Buffer.of(label.length), label]),
    Buffer.of(0),
    shorts(type, internet),
  ]
  const header = shorts(randomInt(0x10000), flags, 1, 0, 0, edns0 ? 1 : 0)
  const asked = Buffer.concat([header, ...question])
  const extension = Buffer.concat([Buffer.of(0), shorts(optType, udpPayloadSize, 0, 0, 0)])
  return { bytes: edns0 ? Buffer.concat([asked, extension]) : asked, questionEnd: asked.length }
}

function shorts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2))
  return bytes
}

/**
 * Whether a message replies to a query: its id and its question, of which only the case may differ. A server that can't read
 * the query may leave the question out.
 */
export function repliesTo(message: Buffer, { bytes, questionEnd }: Query): boolean {
  if (message.length < headerSize || message.readUInt16BE(0) !== bytes.readUInt16BE(0)) return false
  const [flags, questions] = [message.readUInt16BE(2), message.readUInt16BE(4)]
  if ((flags & flagBits.qr) === 0) return false
  const formatError = (flags & 0xf) === 1
  if (questions === 0) return formatError
  const question = (of: Buffer) => of.toString('latin1', headerSize, questionEnd).toLowerCase()
  return questions === 1 && question(message) === question(bytes)
}

/** Whether a reply did not fit (the TC bit); it may end in the middle of a record. */
export const isCutShort = (reply: Buffer): boolean => (reply.readUInt16BE(2) & flagBits.tc) !== 0

/** @throws RangeError when the bytes are no DNS message */
export function readMessage(bytes: Buffer): Message {
  const cursor = new Cursor(bytes)
  const [id, flags] = [cursor.short(), cursor.short()]
  const [asked, answered, named, added] = [cursor.short(), cursor.short(), cursor.short(), cursor.short()]
  const section = (count = 0) => Array.from({ length: count }, () => readRecord(cursor))
  const questions = Array.from({ length: asked }, () => readQuestion(cursor))
  const [answers, authorities, all] = [section(answered), section(named), section(added)]
  const opt = all.find(({ type }) => type === 'OPT')
  const additionals = all.filter(({ type }) => type !== 'OPT')
  // The upper bits of the status are the first of what would be its time to live.
  const status = statusName((((opt?.ttl ?? 0) >>> 24) << 4) | (flags & 0xf))
  return { id, flags, questions, answers, authorities, additionals, status, hasOpt: opt !== undefined }
}

const readQuestion = (cursor: Cursor): AskedFor => ({
  name: nameForm(cursor.labels()),
  type: typeName(cursor.short()),
  class: className(cursor.short()),
})

function readRecord(cursor: Cursor): ResourceRecord {
  const asked = readQuestion(cursor)
  const ttl = cursor.long()
  return { ...asked, ttl, value: contentForm(asked.type, cursor.part(cursor.short())) }
}

/** Whether a reply has what was asked for, as the C library counts it: an alias alone will do (res_query(3)). */
export const hasRecords = ({ status, answers }: Message): boolean =>
  status === 'NOERROR' && answers.length > 0

/** Whether a server that doesn't recur only tells who else to ask; resolvers pass it over. */
export const isReferral = ({ status, flags, answers, additionals, hasOpt }: Message): boolean =>
  status === 'NOERROR' &&
  (flags & (flagBits.aa | flagBits.ra)) === 0 &&
  answers.length + additionals.length === 0 &&
  !hasOpt
