/** One question to one name server: over UDP, and over TCP when the reply did not fit. */
import { createSocket } from 'node:dgram'
import { on, once } from 'node:events'
import { createConnection, isIPv6 } from 'node:net'
import { addAbortSignal } from 'node:stream'
import type { NameServer } from '../../host/resolv-conf.ts'
import {
  isCutShort,
  query,
  readMessage,
  repliesTo,
  type Extras,
  type Message,
  type Query,
  type ResourceRecord,
} from './message.ts'

/** What to ask for, as the wire has it. */
export interface Question {
  /** A full name, with its final dot. */
  readonly name: string
  /** A record type's number. */
  readonly type: number
}

/** What was sent, and what came of it; `failure` says in words why nothing did. */
export interface Sent {
  readonly server: NameServer
  readonly question: Question
  readonly transport: 'UDP' | 'TCP'
  /** By `performance.now()`. */
  readonly start: number
  readonly end: number
  readonly message?: Message
  /** The reply didn't fit. */
  readonly isCutShort?: boolean
  readonly failure?: string
}

/** How to ask, and how long to wait. */
export interface Manner extends Extras {
  /** Over TCP at once. */
  readonly useTcp: boolean
  /** For each message that is waited for. */
  readonly timeoutSeconds: number
  /** Ends it early. */
  readonly signal: AbortSignal
  /** Is told of each message that is sent, when that has come to its end. */
  readonly note: (sent: Sent) => void
}

/** A reply, and how it came. */
export interface Reply {
  readonly message: Message
  readonly transport: 'UDP' | 'TCP'
}

/** No message came back from a server, since none gets there. */
export class UnreachableError extends Error {
  override name = 'UnreachableError'
}

/** Gives a message, or undefined where it was cut short. */
type Receive = (server: NameServer, query: Query, signal: AbortSignal) => Promise<Message | undefined>

/** A zone is transferred over TCP only (RFC 5936, section 4.2), as many messages. */
const axfr = 252

/** Of a zone no more is shown. */
export const mostRecords = 2000

/** Nor is more read, in bytes: records may be large. */
const mostZoneBytes = 4 << 20

/**
 * Asks one name server.
 * @throws UnreachableError, or Error, with the reason in words, to be read after the server's name
 */
export async function exchange(server: NameServer, question: Question, manner: Manner): Promise<Reply> {
  const isZone = question.type === axfr
  if (!isZone && !manner.useTcp) {
    const message = await roundTrip('UDP', overUdp, server, question, manner)
    if (message) return { message, transport: 'UDP' }
  }
  const message = await roundTrip('TCP', isZone ? zoneOverTcp : firstOverTcp, server, question, manner)
  if (!message) throw new Error('did not reply over TCP')
  return { message, transport: 'TCP' }
}

/** Asks within its time, and tells of it. */
async function roundTrip(
  transport: Sent['transport'],
  receive: Receive,
  server: NameServer,
  question: Question,
  manner: Manner,
): Promise<Message | undefined> {
  const start = performance.now()
  const tell = (came: Pick<Sent, 'message' | 'isCutShort' | 'failure'>) => {
    manner.note({ server, question, transport, start, end: performance.now(), ...came })
  }
  const timeout = AbortSignal.timeout(manner.timeoutSeconds * 1000)
  try {
    const sent = query(question.name, question.type, manner)
    const message = await receive(server, sent, AbortSignal.any([timeout, manner.signal]))
    tell(message ? { message } : { isCutShort: true })
    return message
  } catch (error) {
    const reason = timeout.aborted
      ? `did not reply within ${manner.timeoutSeconds} s`
      : inWords(error as Error)
    const failure = transport === 'TCP' ? `${reason} over TCP` : reason
    if (!manner.signal.aborted) tell({ failure })
    const Kind = (error as NodeJS.ErrnoException).syscall === undefined ? Error : UnreachableError
    throw new Kind(failure, { cause: error })
  }
}

function read(bytes: Buffer): Message {
  try {
    return readMessage(bytes)
  } catch (error) {
    throw new Error(`replied with what is no DNS message: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * From a port of its own, which the system chooses at random, and connected, so that only the server's messages arrive. What doesn't
 * reply to the query is passed over: it may be late, or forged.
 */
async function overUdp(
  { address, port }: NameServer,
  sent: Query,
  signal: AbortSignal,
): Promise<Message | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  try {
    socket.connect(port, address)
    await once(socket, 'connect', { signal })
    const messages = on(socket, 'message', { signal }) as AsyncIterable<[Buffer]>
    socket.send(sent.bytes)
    for await (const [message] of messages) {
      if (repliesTo(message, sent)) return isCutShort(message) ? undefined : read(message)
    }
    throw new Error('closed its socket')
  } finally {
    socket.close()
  }
}

/** The messages that a server sends over a connection, until nobody wants any more. */
async function* overTcp({ address, port }: NameServer, sent: Query, signal: AbortSignal) {
  const socket = addAbortSignal(signal, createConnection({ host: address, port }))
  const size = Buffer.alloc(2)
  size.writeUInt16BE(sent.bytes.length)
  socket.write(Buffer.concat([size, sent.bytes]))
  let received: Buffer = Buffer.alloc(0)
  // Leaving the loop closes the connection.
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk])
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
      const end = 2 + received.readUInt16BE()
      yield received.subarray(2, end)
      received = received.subarray(end)
    }
  }
  throw new Error('closed the connection before it had replied')
}

async function firstOverTcp(server: NameServer, sent: Query, signal: AbortSignal): Promise<Message> {
  for await (const bytes of overTcp(server, sent, signal)) {
    if (repliesTo(bytes, sent)) return read(bytes)
    break
  }
  throw new Error('replied to another question')
}

/** A whole zone as one message: it begins and ends with its SOA (RFC 5936, section 2.2). The messages after the first need no question. */
async function zoneOverTcp(server: NameServer, sent: Query, signal: AbortSignal): Promise<Message> {
  let first: Message | undefined
  const answers: ResourceRecord[] = []
  let size = 0
  for await (const bytes of overTcp(server, sent, signal)) {
    if (!first && !repliesTo(bytes, sent)) break
    size += bytes.length
    if (size > mostZoneBytes) throw new Error(`sent more than ${mostZoneBytes >> 20} MiB of a zone`)
    const message = read(bytes)
    first ??= message
    answers.push(...message.answers)
    const isWhole = answers.filter(({ type }) => type === 'SOA').length !== 1
    if (message.status !== 'NOERROR' || isWhole || answers.length >= mostRecords) {
      return { ...first, status: message.status, answers: answers.slice(0, mostRecords) }
    }
  }
  throw new Error('replied to another question')
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'cut the connection',
  EPIPE: 'cut the connection',
  EHOSTUNREACH: 'is not reachable',
  ENETUNREACH: 'is not reachable from this network',
  EADDRNOTAVAIL: 'is not reachable, since this host has no address of its family',
  EPERM: "is not reachable, by this host's own firewall",
}

const inWords = ({ code = '', message }: NodeJS.ErrnoException): string =>
  reasons[code] ?? (code === '' ? message : `can't be asked (${message})`)
