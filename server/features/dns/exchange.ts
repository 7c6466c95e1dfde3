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
} from './message.ts'

/** What to ask for, as the wire has it. */
export interface Question {
  /** A full name, with its final dot. */
  readonly name: string
  /** A record type's number. */
  readonly type: number
}

/** How to ask, and how long to wait. */
export interface Manner extends Extras {
  /** Over TCP at once. */
  readonly useTcp: boolean
  /** For each message that is waited for. */
  readonly timeoutSeconds: number
  /** Ends it early. */
  readonly signal: AbortSignal
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

type Transport = (server: NameServer, query: Query, signal: AbortSignal) => Promise<Buffer>

/** The largest message over TCP and the two bytes before it that tell its size (RFC 1035, section 4.2.2). */
const tcpSpace = 2 + 0xffff

/** A zone is transferred over TCP only (RFC 5936, section 4.2); its first message is shown. */
const axfr = 252

/**
 * Asks one name server.
 * @throws UnreachableError, or Error, with the reason in words, to be read after the server's name
 */
export async function exchange(server: NameServer, { name, type }: Question, manner: Manner): Promise<Reply> {
  if (type !== axfr && !manner.useTcp) {
    const bytes = await receive(overUdp, server, query(name, type, manner), manner)
    if (!isCutShort(bytes)) return { message: read(bytes), transport: 'UDP' }
  }
  const bytes = await receive(overTcp, server, query(name, type, manner), manner)
  return { message: read(bytes), transport: 'TCP' }
}

/** Does one round trip within its time. */
async function receive(
  transport: Transport,
  server: NameServer,
  sent: Query,
  { timeoutSeconds, signal }: Manner,
): Promise<Buffer> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  try {
    return await transport(server, sent, AbortSignal.any([timeout, signal]))
  } catch (error) {
    const reason = timeout.aborted ? `did not reply within ${timeoutSeconds} s` : inWords(error as Error)
    const Kind = (error as NodeJS.ErrnoException).syscall === undefined ? Error : UnreachableError
    throw new Kind(transport === overTcp ? `${reason} over TCP` : reason, { cause: error })
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
async function overUdp({ address, port }: NameServer, sent: Query, signal: AbortSignal): Promise<Buffer> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  try {
    socket.connect(port, address)
    await once(socket, 'connect', { signal })
    const messages = on(socket, 'message', { signal }) as AsyncIterable<[Buffer]>
    socket.send(sent.bytes)
    for await (const [message] of messages) {
      if (repliesTo(message, sent)) return message
    }
    throw new Error('closed its socket')
  } finally {
    socket.close()
  }
}

async function overTcp({ address, port }: NameServer, sent: Query, signal: AbortSignal): Promise<Buffer> {
  const socket = addAbortSignal(signal, createConnection({ host: address, port }))
  const size = Buffer.alloc(2)
  size.writeUInt16BE(sent.bytes.length)
  socket.write(Buffer.concat([size, sent.bytes]))
  const received = Buffer.alloc(tcpSpace)
  let length = 0
  // Leaving the loop closes the connection.
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    length += chunk.copy(received, length)
    if (length < 2 || length < 2 + received.readUInt16BE()) continue
    const message = received.subarray(2, 2 + received.readUInt16BE())
    if (repliesTo(message, sent)) return message
    throw new Error('replied to another question')
  }
  throw new Error('closed the connection before it had replied')
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
