/** Where HTTP/2 is spoken, and its frames, for what no well-behaved client would send (RFC 9113, section 4). */
import type { Socket } from 'node:net'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsKuard } from './tls.ts'

/** How one connects below it. */
export const ways = [
  {
    over: 'TLS',
    urlOf: ({ url }: TlsKuard) => url,
    connectTo: (port: number): Socket =>
      connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
    connected: 'secureConnect',
    curlArgs: [],
  },
  {
    over: 'h2c',
    urlOf: ({ kuard }: TlsKuard) => kuard.url,
    connectTo: (port: number): Socket => connectTcp(port, '127.0.0.1'),
    connected: 'connect',
    curlArgs: ['--http2-prior-knowledge'],
  },
] as const

/** What a client begins with. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** By their names in the standard, with the flags that they are sent with here. */
const types = {
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  CONTINUATION: 9,
} as const

export const endStream = 1
export const endHeaders = 4

/** One frame. @param stream 0 is the connection's own */
export function frame(
  type: keyof typeof types,
  { flags = 0, stream = 0, payload = Buffer.alloc(0) }: { flags?: number; stream?: number; payload?: Buffer },
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(types[type], 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header that is neither compressed nor remembered, of less than 127 characters (RFC 7541, section 6.2.2). */
const literal = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])

/** The headers of a request for a path. */
export const requestHeaders = (path: string, method = 'GET'): Buffer =>
  Buffer.concat([
    literal(':method', method),
    literal(':scheme', 'http'),
    literal(':authority', 'localhost'),
    literal(':path', path),
  ])

/** The types of the whole frames in what a server has sent; those that aren't known here are left out. */
export function framesIn(received: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) {
    const name = Object.entries(types).find(([, type]) => type === received[at + 3])?.[0]
    if (name !== undefined) found.push(name)
  }
  return found
}
