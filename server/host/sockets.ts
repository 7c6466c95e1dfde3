/** The sockets of this process's network, by /proc/self/net: those that listen, and TCP connections by state. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

export type SocketProtocol = 'tcp' | 'tcp6' | 'udp' | 'udp6'

/** One that takes what comes from anybody. */
export interface ListeningLine {
  readonly protocol: SocketProtocol
  readonly address: string
  readonly port: number
  readonly inode: number
}

/** What is told of a network. */
export interface Sockets {
  /** In the kernel's order. */
  readonly listening: readonly ListeningLine[]
  /** How many TCP connections are in which state, by its name. */
  readonly connections: ReadonlyMap<string, number>
}

/** States by their numbers (include/net/tcp_states.h), from 1. */
const states = [
  ...['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT'],
  ...['CLOSE', 'CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'CLOSING', 'NEW_SYN_RECV'],
]

/** One without a peer: of TCP it listens, of UDP it takes from all. */
const listens = { tcp: 'LISTEN', tcp6: 'LISTEN', udp: 'CLOSE', udp6: 'CLOSE' } as const

/** More lines than so many are not counted. */
const maxLines = 200_000

/** Reads all four tables; null where there are none, or too many lines. */
export async function readSockets(): Promise<Sockets | null> {
  const listening: ListeningLine[] = []
  const connections = new Map<string, number>()
  let lines = 0
  const protocols = ['tcp', 'tcp6', 'udp', 'udp6'] as const
  let tables = 0
  for (const protocol of protocols) {
    try {
      for await (const text of linesOf(`/proc/self/net/${protocol}`)) {
        if ((lines += 1) > maxLines) return null
        const line = parseLine(text)
        if (!line) continue
        if (line.state === listens[protocol]) listening.push({ protocol, ...line.local, inode: line.inode })
        else if (protocol === 'tcp' || protocol === 'tcp6')
          connections.set(line.state, (connections.get(line.state) ?? 0) + 1)
      }
      tables += 1
    } catch {
      // Without IPv6 there is no table of it.
    }
  }
  return tables === 0 ? null : { listening, connections }
}

const linesOf = (path: string): AsyncIterable<string> => createInterface({ input: createReadStream(path) })

/** Lines as proc_pid_net(5) has them: `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 UID 0 INODE`. */
function parseLine(text: string) {
  const [, local = '', , state = '', , , , , , inode] = text.trim().split(/\s+/)
  const [, address = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? []
  const name = states[Number.parseInt(state, 16) - 1]
  if (address === '' || name === undefined) return undefined
  return {
    local: { address: addressOf(address), port: Number.parseInt(port, 16) },
    state: name,
    inode: Number(inode),
  }
}

/** Each four bytes are written as a number of the machine's own order, which is little-endian on all that Node.js runs on but few. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  bytes.swap32()
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_none, at) => bytes.readUInt16BE(at * 2).toString(16))
  const { hostname } = new URL(`http://[${groups.join(':')}]/`)
  const mapped = bytes.subarray(0, 12).equals(mappedPrefix)
  return mapped ? `::ffff:${bytes.subarray(12).join('.')}` : hostname.slice(1, -1)
}

/** `::ffff:0:0/96` stands for IPv4 (RFC 4291, section 2.5.5.2). */
const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex')
