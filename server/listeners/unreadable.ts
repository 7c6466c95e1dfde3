/** Answers what never becomes a request, since it can't be read as HTTP or came too late; on the socket itself. */
import type { Socket } from 'node:net'
import { clientOf } from '../http/peer.ts'
import { lingerMs } from '../http/linger.ts'
import { sharedHeaders, type Answerer } from '../http/shared-headers.ts'
import { responseOn } from '../http/under-way.ts'
import type { Log } from '../log/log.ts'

type Reply = readonly [status: number, reason: string, words: string]

const invalid: Reply = [400, 'Bad Request', 'this is not a valid HTTP request']
const tunnel: Reply = [501, 'Not Implemented', 'this server is no proxy']
const byCode: Record<string, Reply | undefined> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'the headers are larger than this server takes (--header-limit)',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Content Too Large', 'the chunk extensions are too large'],
}

/** Answers for every connection of the process. */
export class Unreadable {
  readonly #answerer: Answerer
  readonly #log: Pick<Log, 'debug'>
  /** Answered already; what still comes on them is read and dropped. */
  readonly #closing = new WeakSet<Socket>()

  /** @param answerer who answers, as each answer says */
  constructor(answerer: Answerer, log: Pick<Log, 'debug'>) {
    this.#answerer = answerer
    this.#log = log
  }

  /** Answers what Node gave up reading, and closes the connection. */
  answer(error: NodeJS.ErrnoException, socket: Socket): void {
    if (this.#closing.has(socket)) return
    const { code = '' } = error
    if (!socket.writable || code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const response = responseOn(socket)
    const said = `${clientOf({ socket })} sent what can't be read (${error.message})`
    // Words in the midst of another answer would be taken for a part of it.
    if (response?.headersSent) {
      this.#log.debug(`${said} after it was answered`)
      this.#close(socket, '')
      return
    }
    const reply = byCode[code] ?? invalid
    this.#log.debug(`${said}, answered ${reply[0]}`)
    // So that a request whose body was late is logged and counted as it was answered.
    if (response) response.statusCode = reply[0]
    this.#close(socket, textOf(reply, this.#answerer))
  }

  /** Refuses CONNECT, the one method that is for proxies only. */
  answerConnect(socket: Socket): void {
    this.#log.debug(`${clientOf({ socket })} asked for a tunnel, answered ${tunnel[0]}`)
    // Node has let go of this socket, so its errors are ours.
    socket.on('error', () => undefined).resume()
    this.#close(socket, textOf(tunnel, this.#answerer))
  }

  /** Sends the last words, and lets the client read them before the connection is gone. */
  #close(socket: Socket, text: string): void {
    this.#closing.add(socket)
    socket.end(text)
    const timer = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('close', () => {
      clearTimeout(timer)
    })
  }
}

function textOf([status, reason, words]: Reply, answerer: Answerer): string {
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Date: ${new Date().toUTCString()}`,
    ...Object.entries(sharedHeaders(answerer)).map(([name, value]) => `${name}: ${value}`),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${words.length + 1}`,
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${words}\n`
}
