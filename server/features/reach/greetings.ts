/** Servers that speak in short words: Redis, which is asked, and SMTP and MySQL, which greet. */
import type { Duplex } from 'node:stream'
import { answerOf, readLine, readUntil } from './bytes.ts'
import { Ended } from './ended.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** PING: https://redis.io/docs/latest/commands/ping/. One that wants a password works. */
export async function pingRedis(socket: Duplex, trail: Trail, report: ReachReport): Promise<string> {
  return trail.step('request', 'PING', async () => {
    socket.write('*1\r\n$4\r\nPING\r\n')
    const line = await readLine(socket)
    if (!/^[+-]/.test(line)) throw new Ended('odd answer', 'it is no Redis')
    const words = line.startsWith('-NOAUTH') ? 'wants a password' : line.slice(1)
    report.answer = answerOf(`Redis: ${words}`)
    if (line.startsWith('-') && !line.startsWith('-NOAUTH')) throw new Ended('bad status', `Redis: ${words}`)
    return [`answers PING: ${words}`, words] as const
  })
}

/** The first line of RFC 5321, section 4.2: 220 when mail may come. */
export async function readSmtp(socket: Duplex, trail: Trail, report: ReachReport): Promise<string> {
  return trail.step('greeting', 'SMTP', async () => {
    const line = await readLine(socket)
    if (!/^\d{3}([ -]|$)/.test(line)) throw new Ended('odd answer', 'it speaks no SMTP')
    report.answer = answerOf(`SMTP: ${line}`)
    if (!line.startsWith('220')) throw new Ended('bad status', `SMTP: ${line}`)
    socket.write('QUIT\r\n')
    return [`greets: ${line}`, line] as const
  })
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html */
export async function readMysql(socket: Duplex, trail: Trail, report: ReachReport): Promise<string> {
  const version = await trail.step('greeting', 'MySQL', async () => {
    const packet = await readPacket(socket)
    if (packet[0] === errorPacket && packet.length >= 3) throw mysqlError(packet, report)
    const end = packet.indexOf(0, 1)
    if (packet[0] !== protocolVersion || end < 0) throw new Ended('odd answer', 'it is no MySQL')
    const words = `MySQL ${packet.toString('latin1', 1, end).slice(0, 100)}`
    report.answer = answerOf(words)
    return [words, words] as const
  })
  // Who leaves within the greeting is counted as a fault, and after a hundred of them shut out (max_connect_errors).
  return trail.step('request', 'a log-in as kuard, without a password', async () => {
    socket.write(logIn)
    const packet = await readPacket(socket)
    const words = packet[0] === 0 ? 'lets in without a password' : 'wants a password'
    report.answer = answerOf(`${version}: ${words}`)
    return [`greets as ${version}, and ${words}`, words] as const
  })
}

const protocolVersion = 10
const errorPacket = 0xff

/** Its length in three bytes, a number, and what it carries; cut where it is longer than is ever read. */
async function readPacket(socket: Duplex): Promise<Buffer> {
  const length = (bytes: Buffer) => 4 + bytes.readUIntLE(0, 3)
  const bytes = await readUntil(socket, (read) => read.length >= 4 && read.length >= length(read))
  return bytes.subarray(4, length(bytes))
}

/** HandshakeResponse41: what this client can, as much as it takes, utf8mb4, no more than a name. */
const logIn = (() => {
  const [protocol41, secureConnection, pluginAuth] = [0x200, 0x8000, 0x80000]
  const head = Buffer.alloc(32)
  head.writeUInt32LE(protocol41 | secureConnection | pluginAuth, 0)
  head.writeUInt32LE(1 << 24, 4)
  head.writeUInt8(45, 8)
  const carried = Buffer.concat([head, Buffer.from('kuard\0\0mysql_native_password\0')])
  const size = Buffer.alloc(4)
  size.writeUIntLE(carried.length, 0, 3)
  size.writeUInt8(1, 3)
  return Buffer.concat([size, carried])
})()

/** Such as `Too many connections`, in place of a greeting. */
function mysqlError(packet: Buffer, report: ReachReport): Ended {
  const words = `MySQL: error ${packet.readUInt16LE(1)}, ${packet.toString('utf8', 3).slice(0, 300)}`
  report.answer = answerOf(words)
  return new Ended('bad status', words)
}
