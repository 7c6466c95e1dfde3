/** WebSockets byte by byte (RFC 6455), as no library would send them. */
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { RawConnection } from './socket.ts'

/** What a frame is. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** How a frame is not as usual. */
interface FrameOptions {
  readonly final?: boolean
  readonly masked?: boolean
  readonly reserved?: number
}

/** A frame of a client; its mask is of zeros, so that its payload can be read. */
export function frame(
  opcode: number,
  payload: string | Buffer,
  { final = true, masked = true, reserved = 0 }: FrameOptions = {},
): Buffer {
  const bytes = Buffer.from(payload)
  const first = (final ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = masked ? 0x80 : 0
  const head =
    bytes.length < 126
      ? [first, mask | bytes.length]
      : [first, mask | 127, 0, 0, 0, 0, ...Buffer.from(Uint32Array.of(bytes.length).buffer).reverse()]
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), bytes])
}

/** The head of a request for a WebSocket. @param headers in place of the usual ones; undefined leaves one out */
export function handshake(
  path = '/ws/echo',
  headers: Readonly<Record<string, string | undefined>> = {},
): string {
  const all: Readonly<Record<string, string | undefined>> = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  )
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** Opens one on a connection of its own. */
export async function openRawWebSocket(
  context: TestContext,
  port: number,
  path?: string,
): Promise<RawConnection> {
  const connection = new RawConnection(context, port)
  connection.send(handshake(path))
  await connection.receives(/^HTTP\/1.1 101 [^]*?\r\n\r\n/)
  return connection
}

/** The code that a server has closed a WebSocket with, once it has. */
export function closeCode({ received }: RawConnection): number | undefined {
  const bytes = Buffer.from(received, 'latin1')
  const at = bytes.indexOf(0x80 | opcodes.close, bytes.indexOf('\r\n\r\n') + 4)
  return at < 0 || bytes.length < at + 4 ? undefined : bytes.readUInt16BE(at + 2)
}
