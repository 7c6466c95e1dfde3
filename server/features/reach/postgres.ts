/** PostgreSQL, which says nothing before it is asked: TLS if it has it, then who may come in, as pg_isready asks. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerOf, readUntil } from './bytes.ts'
import { Ended } from './ended.ts'
import { secure } from './tls.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** Codes that take the place of a version: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const sslRequest = 80877103
const version3 = 3 << 16

/** Errors of a server that takes nobody now: it is starting, stopping, or full. Any other error is that of one which works. */
const takesNobody = new Set(['57P01', '57P02', '57P03', '53300'])

/** Asks it. Clients take any certificate by default (sslmode=prefer), so one that isn't trusted is no end. */
export async function askPostgres(
  socket: Socket,
  host: string,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  const hasTls = await trail.step('request', 'SSLRequest', async () => {
    socket.write(message(sslRequest, ''))
    const [answer] = await readUntil(socket, () => true)
    if (answer === S) return [true, 'takes TLS'] as const
    if (answer === N) return [false, 'has no TLS'] as const
    throw new Ended('odd answer', 'it is no PostgreSQL')
  })
  const spoken: Duplex = hasTls
    ? await secure(socket, { host, alpn: ['postgresql'], verifies: false }, trail, report)
    : socket
  return trail.step('request', 'a start as kuard, without a password', async () => {
    spoken.write(message(version3, 'user\0kuard\0database\0postgres\0\0'))
    const bytes = await readUntil(
      spoken,
      (read) => read.length >= 9 && read.length >= 1 + read.readUInt32BE(1),
    )
    const words = wordsOf(bytes)
    report.answer = answerOf(`PostgreSQL: ${words}`)
    if (takesNobody.has(codeOf(bytes))) throw new Ended('bad status', `PostgreSQL: ${words}`)
    return [`is PostgreSQL: ${words}`, words] as const
  })
}

const [S = 0, N = 0, R = 0, E = 0] = Buffer.from('SNRE')

/** Its length, a code, and what follows. */
function message(code: number, text: string): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + text.length, 0)
  head.writeUInt32BE(code, 4)
  return Buffer.concat([head, Buffer.from(text)])
}

/** @throws Ended when it is none of what a PostgreSQL says then */
function wordsOf(bytes: Buffer): string {
  if (bytes[0] === R) return bytes.readUInt32BE(5) === 0 ? 'lets in without a password' : 'wants a password'
  if (bytes[0] === E) return (fieldsOf(bytes).get('M') ?? 'an error').slice(0, 300)
  throw new Ended('odd answer', 'it is no PostgreSQL')
}

const codeOf = (bytes: Buffer): string => (bytes[0] === E ? (fieldsOf(bytes).get('C') ?? '') : '')

/** Of an error: each a letter and its text. */
const fieldsOf = (bytes: Buffer): Map<string, string> =>
  new Map(
    bytes
      .toString('utf8', 5)
      .split('\0')
      .map((field) => [field.charAt(0), field.slice(1)]),
  )
