/** A question over UDP to a name server of a user's choosing. */
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { decode, encode, RECURSION_DESIRED, type DecodedPacket } from 'dns-packet'
import { answerOf } from './bytes.ts'
import { Ended, endedBy } from './ended.ts'
import { endpoint, type Target } from './target.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** A packet may be lost: the question is sent again after so long, in milliseconds. */
const againMs = 1000

/** What is told of the records. */
const maxRecords = 10

/** Asks for the A records of the full name that the target has. @param address of the name server. @throws Ended */
export async function askNameServer(
  address: string,
  { port, rest: name }: Target,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  return trail.step('question', `A ${name} of ${endpoint(address, port)}`, async () => {
    const packet = await exchange(address, port, name, trail)
    if (packet.flag_tc) throw new Ended('odd answer', 'its reply doesn’t fit into a message of UDP')
    const status = packet.rcode
    const records = (packet.answers ?? []).flatMap((one) => (one.type === 'A' ? [one.data] : []))
    const words = records.length > 0 ? `${status}: ${records.slice(0, maxRecords).join(', ')}` : status
    report.answer = answerOf(words)
    report.names.push({ name, type: 'A', status, server: endpoint(address, port) })
    if (status === 'NXDOMAIN') throw new Ended('no such name', `there is no name ${name}`)
    if (status !== 'NOERROR') throw new Ended('bad status', `it replies ${status}`)
    if (records.length === 0) throw new Ended('no address', `${name} has no A record`)
    return [`replies ${words}`, words] as const
  })
}

/** The library's types leave these out. */
type Reply = DecodedPacket & { readonly id: number; readonly rcode: string; readonly flag_tc: boolean }

async function exchange(address: string, port: number, name: string, trail: Trail): Promise<Reply> {
  const id = randomInt(1 << 16)
  const question = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: 'A', name: name.replace(/\.$/, '') }],
  })
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  const send = () => {
    socket.send(question)
  }
  // Connected, so that only the server's messages arrive, and that it is told when the port is closed.
  socket.on('error', (error) => {
    reject(endedBy(error))
  })
  socket.on('message', (bytes) => {
    // What doesn't reply to the question may be late, or forged.
    if (bytes.length < 2 || bytes.readUInt16BE(0) !== id) return
    const reply = read(bytes)
    if (!reply) reject(new Ended('odd answer', 'what it replies is no DNS message'))
    else if (reply.type === 'response') resolve(reply)
  })
  socket.connect(port, address, send)
  const timer = setInterval(send, againMs)
  const end = () => {
    reject(new Ended('timed out', 'no reply'))
  }
  trail.signal.addEventListener('abort', end)
  try {
    return await promise
  } finally {
    clearInterval(timer)
    trail.signal.removeEventListener('abort', end)
    close(socket)
  }
}

function read(bytes: Buffer): Reply | undefined {
  try {
    return decode(bytes) as Reply
  } catch {
    return undefined
  }
}

/** One that couldn't be opened is closed already. */
function close(socket: Socket): void {
  try {
    socket.close()
  } catch {
    // It is.
  }
}
