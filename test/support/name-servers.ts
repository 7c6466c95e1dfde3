/** Name servers for tests: a real one, and sockets that answer as a test says. */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { decode, encode, type DecodedPacket, type Packet } from 'dns-packet'
import type { NameServer } from '../../server/host/resolv-conf.ts'
import { eventually } from './eventually.ts'

/** An address of this machine that nobody else uses, so that its ports are free. */
export const loopback = (): string =>
  `127.${[randomInt(1, 255), randomInt(1, 255), randomInt(1, 255)].join('.')}`

/** A port that needs no privileges. */
const plainPort = 5300

/**
 * Starts dnsmasq with records of its own and no other server to ask.
 * @param context ends it with the test
 * @param options such as `--host-record=web.test,10.1.2.3`
 * @param port 53 needs root
 */
export async function startDnsmasq(
  context: TestContext,
  options: readonly string[],
  port = plainPort,
): Promise<NameServer> {
  const address = loopback()
  const own = ['--keep-in-foreground', '--log-facility=-', '--conf-file=/dev/null', '--pid-file=']
  const local = ['--user=', '--no-resolv', '--no-hosts', '--local=/test/', '--bind-interfaces']
  const place = [`--listen-address=${address}`, `--port=${port}`]
  const child = spawn('dnsmasq', [...own, ...local, ...place, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
  })
  context.after(() => child.kill('SIGKILL'))
  let output = ''
  let ended = false
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.on('exit', () => (ended = true))
  await eventually('dnsmasq to start', () => {
    if (ended) throw new Error(`dnsmasq ended:\n${output}`)
    return output.includes('started, version')
  })
  return { address, port }
}

/** A query that arrived; the library's types leave out its id. */
export type Query = DecodedPacket & { readonly id: number }

/** What a name server does with a message: none to stay silent, several to say more than it should. */
export type Behaviour = (query: Query, bytes: Buffer) => Buffer[]

/** A name server of a test's own. */
export interface ScriptedServer extends NameServer {
  /** The queries that arrived, with the port of each. */
  readonly asked: { readonly transport: 'UDP' | 'TCP'; readonly query: Query; readonly port: number }[]
}

/**
 * Serves DNS as a test says.
 * @param behaviour over UDP, and over TCP; without the latter, connections are refused
 * @param address IPv4 or IPv6
 * @param port 53 needs root
 */
export async function serveDns(
  context: TestContext,
  { udp, tcp }: { udp: Behaviour; tcp?: Behaviour },
  { address = loopback(), port = plainPort }: Partial<NameServer> = {},
): Promise<ScriptedServer> {
  const asked: ScriptedServer['asked'] = []

  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (bytes, client) => {
    const query = read(bytes)
    asked.push({ transport: 'UDP', query, port: client.port })
    for (const reply of udp(query, bytes)) socket.send(reply, client.port, client.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  context.after(() => socket.close())
  const bound = socket.address().port

  if (tcp) await serveTcp(context, tcp, { address, port: bound }, asked)
  return { address, port: bound, asked }
}

async function serveTcp(
  context: TestContext,
  behaviour: Behaviour,
  { address, port }: NameServer,
  asked: ScriptedServer['asked'],
): Promise<void> {
  const connections = new Set<Socket>()
  const server = createServer((connection) => {
    connections.add(connection)
    connection.on('error', () => connection.destroy())
    connection.once('data', (chunk: Buffer) => {
      const query = read(chunk.subarray(2))
      asked.push({ transport: 'TCP', query, port: connection.remotePort ?? 0 })
      for (const reply of behaviour(query, chunk.subarray(2))) connection.write(reply)
    })
  })
  server.listen(port, address)
  await once(server, 'listening')
  context.after(() => {
    for (const connection of connections) connection.destroy()
    server.close()
  })
}

const read = (bytes: Buffer) => decode(bytes) as Query

/** A reply to a query, with whatever is to be different. */
export function reply(query: Query, more: Packet & { rcode?: number } = {}): Buffer {
  const { rcode = 0, flags = 0, ...packet } = more
  const { id, questions = [] } = query
  return encode({ type: 'response', id, flags: flags | rcode, questions, ...packet })
}

/** A message as TCP carries it. */
export function framed(message: Buffer): Buffer {
  const size = Buffer.alloc(2)
  size.writeUInt16BE(message.length)
  return Buffer.concat([size, message])
}

/** A reply with one A record for the name that was asked for. */
export function addressReply(query: Query, address = '10.1.2.3'): Buffer {
  const name = query.questions?.[0]?.name ?? '.'
  return reply(query, { answers: [{ type: 'A', name, ttl: 30, data: address }] })
}
