/** Listens for HTTP, and stops without cutting off a request. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { listenError, parseAddress } from './address.ts'

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** How long a client may take, in milliseconds (a request that is later gets 408), and what a request costs. */
export const patience: ServerOptions = {
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 75_000,
  // A request without a body, as every probe is, needs no stream for one.
  optimizeEmptyRequests: true,
}

/** How often connections are closed that nothing is being answered on, once the listener is closed; in milliseconds. */
const sweepMs = 100

/** A port that is listened on. */
export class HttpListener {
  readonly #server: Server | HttpsServer
  readonly #sockets = new Set<Socket>()
  #draining = false

  /** @param server not listening yet; it may speak TLS */
  constructor(handler: Handler, server: Server | HttpsServer = createServer(patience)) {
    this.#server = server
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // The client is to send its next request elsewhere.
      if (this.#draining) response.setHeader('Connection', 'close')
      handler(request, response)
    })
    server.on('clientError', answerMalformed)
    server.on('connection', this.#keep)
    server.on('secureConnection', this.#keep)
  }

  /**
   * @param address as the flags give it, `:8080`
   * @returns the port, which the system chose if it was 0
   * @throws Error in plain words when the address is in use, not of this machine or not allowed
   */
  listen(address: string): Promise<number> {
    const { host, port } = parseAddress(address) ?? { host: undefined, port: 0 }
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(listenError(address, error))
      })
      this.#server.listen({ port, host, backlog: 1024 }, () => {
        this.#server.removeAllListeners('error')
        // A connection that can't be accepted, for want of memory or descriptors, is lost and nothing else.
        this.#server.on('error', () => undefined)
        // Every TCP listener has an AddressInfo.
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** Goes on as before, but from now on each answer is the last one on its connection, so that clients spread elsewhere. */
  drain(): void {
    this.#draining = true
  }

  /** Takes no new connection, closes those that nothing is asked on, and resolves when the last request is answered. */
  close(): Promise<void> {
    this.drain()
    return new Promise((resolve) => {
      // An answer whose headers had left before can't say that it is the last: its connection is idle after it.
      const sweep = setInterval(this.#closeUnused, sweepMs)
      this.#server.close(() => {
        clearInterval(sweep)
        resolve()
      })
    })
  }

  readonly #keep = (socket: Socket): void => {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Browsers open connections ahead of their requests; Node doesn't count those as idle. */
  readonly #closeUnused = (): void => {
    this.#server.closeIdleConnections()
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}

const malformed: Record<string, [status: string, words: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
}

/** What can't be read as HTTP never becomes a request, so it is answered on the socket. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, words] = malformed[error.code ?? ''] ?? [
    '400 Bad Request',
    'this is not a valid HTTP request',
  ]
  const headers = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${String(words.length + 1)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${words}\n`)
}
