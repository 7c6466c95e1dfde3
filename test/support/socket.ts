/** Speaks to a server byte by byte, as no well-behaved client would. */
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { eventually } from './eventually.ts'

/** One connection; destroyed when its test ends. */
export class RawConnection {
  readonly socket: Socket
  /** Everything that was received so far. */
  received = ''
  /** Why the connection broke, such as ECONNRESET. */
  error: string | undefined
  /** Resolves to all that was received, once the connection is gone. */
  readonly closed: Promise<string>

  constructor(context: TestContext, port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('data', (chunk) => (this.received += chunk.toString('latin1')))
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code))
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        resolve(this.received)
      })
    })
    context.after(() => {
      this.socket.destroy()
    })
  }

  send(text: string): void {
    this.socket.write(text)
  }

  /** Resolves once what was received matches. */
  receives(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(`${pattern} to be received`, () => pattern.exec(this.received))
  }
}

/** The first answer in what was received. */
export interface RawAnswer {
  readonly status: number
  readonly headers: string
  readonly body: string
}

/** Sends bytes on a connection of their own, and resolves to the first answer that has its whole body. */
export async function sendRaw(context: TestContext, port: number, text: string): Promise<RawAnswer> {
  const connection = new RawConnection(context, port)
  connection.send(text)
  const answer = await eventually(`an answer to ${JSON.stringify(text.slice(0, 200))}`, () =>
    firstAnswer(connection.received),
  )
  connection.socket.destroy()
  return answer
}

function firstAnswer(received: string): RawAnswer | undefined {
  const text = received.replace(/^HTTP\/1.1 100 Continue\r\n\r\n/, '')
  const end = text.indexOf('\r\n\r\n')
  const headers = text.slice(0, end)
  const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1])
  const body = text.slice(end + 4, end + 4 + length)
  if (end < 0 || body.length < length) return undefined
  return { status: Number(headers.slice(9, 12)), headers, body }
}
