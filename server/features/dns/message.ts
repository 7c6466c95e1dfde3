/** DNS messages: the query that is sent, and the reply that fits it. */
import { randomInt } from 'node:crypto'
import {
  AUTHENTIC_DATA,
  decode,
  encode,
  encodingLength,
  RECURSION_DESIRED,
  type Answer,
  type DecodedPacket,
  type OptAnswer,
  type RecordType,
} from 'dns-packet'

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

/** A reply, with what the library's types leave out. */
export interface Message extends DecodedPacket {
  readonly id: number
  readonly opcode: string
  /** NOERROR, NXDOMAIN ... */
  readonly rcode: string
}

/** A record with content, which the pseudo-record OPT is not. */
export type ContentRecord = Exclude<Answer, OptAnswer>

/** What a reply over UDP may have, in bytes: passes every network in one piece (DNS flag day 2020). */
const udpPayloadSize = 1232

const headerSize = 12

/**
 * Makes a query with a random id, so that nobody can answer it who doesn't see it (RFC 5452).
 * @param name a full one, with its final dot
 */
export function query(name: string, type: number, { edns0, trustAd }: Extras): Query {
  const opt: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
  // Any type can be written as its number, which the library's types don't say.
  const question = { name, type: `UNKNOWN_${type}` as RecordType, class: 'IN' as const }
  const bytes = encode({
    type: 'query',
    id: randomInt(0x10000),
    flags: RECURSION_DESIRED | (trustAd ? AUTHENTIC_DATA : 0),
    questions: [question],
    additionals: edns0 ? [opt] : [],
  })
  return { bytes, questionEnd: encodingLength({ questions: [question] }) }
}

/**
 * Whether a message replies to a query: its id and its question, of which only the case may differ. A server that can't read
 * the query may leave the question out.
 */
export function repliesTo(message: Buffer, { bytes, questionEnd }: Query): boolean {
  if (message.length < headerSize || message.readUInt16BE(0) !== bytes.readUInt16BE(0)) return false
  const [flags, questions] = [message.readUInt16BE(2), message.readUInt16BE(4)]
  if ((flags & 0x8000) === 0) return false
  const formatError = (flags & 0xf) === 1
  if (questions === 0) return formatError
  const question = (of: Buffer) => of.toString('latin1', headerSize, questionEnd).toLowerCase()
  return questions === 1 && question(message) === question(bytes)
}

/** Whether a reply did not fit (the TC bit); it may end in the middle of a record. */
export const isCutShort = (reply: Buffer): boolean => (reply.readUInt8(2) & 0x02) !== 0

/** @throws Error when the bytes are no DNS message */
export function readMessage(bytes: Buffer): Message {
  // The library gives these too, which its types don't say.
  const message = decode(bytes) as Message
  // It loses its place in records that it can't size, and goes on with nonsense.
  if (Number.isNaN(decode.bytes)) throw new Error('a record in it makes no sense')
  return message
}

/** Whether a reply has what was asked for, as the C library counts it: an alias alone will do (res_query(3)). */
export const hasRecords = (message: Message): boolean =>
  statusOf(message) === 'NOERROR' && (message.answers ?? []).length > 0

/** Whether a server that doesn't recur only tells who else to ask; resolvers pass it over. */
export const isReferral = (message: Message): boolean =>
  statusOf(message) === 'NOERROR' &&
  !message.flag_aa &&
  !message.flag_ra &&
  (message.answers ?? []).length + (message.additionals ?? []).length === 0

/** The status of a reply, with the upper bits that OPT brings. */
export function statusOf(message: Message): string {
  const upper = optOf(message)?.extendedRcode ?? 0
  return upper === 0 ? message.rcode : `RCODE_${(upper << 4) | ((message.flags ?? 0) & 0xf)}`
}

/** The pseudo-record that says what a server can do beside RFC 1035. */
const optOf = ({ additionals = [] }: Message): OptAnswer | undefined =>
  additionals.find((record): record is OptAnswer => record.type === 'OPT')

/** The records of a section that have content. */
export const recordsIn = (section: readonly Answer[] = []): ContentRecord[] =>
  section.filter((record): record is ContentRecord => record.type !== 'OPT')
