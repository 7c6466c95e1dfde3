/** Listens for HTTP, and stops without cutting off a request. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net'
import { parseAddress } from '../text/address.ts'
import { listenError } from './listen-error.ts'
import type { Unreadable } from './unreadable.ts'

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** What a client may send, and how long it may be silent. */
export interface Limits {
  /** Of a request's line and headers together, in bytes. */
  readonly headerLimit: number
  /** Of a connection between two requests, in seconds. */
  readonly idleTimeout: number
}

/** How long a client may take, in milliseconds (a request that is later gets 408), and what a request costs. */
export const serverOptions = ({ headerLimit, idleTimeout }: Limits): ServerOptions => ({
  maxHeaderSize: headerLimit,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: idleTimeout * 1_000,
  // A request without a body, as every probe is, needs no stream for one.
  optimizeEmptyRequests: true,
  // That there is one Host is seen to where it is read, so that those without are answered like all others.
  requireHostHeader: false,
  joinDuplicateHeaders: true,
})

/**
 * What the headers that have come on all connections may take, in bytes, and what one connection is never denied: so many clients that
 * begin a request of the greatest size and never end it can't take all memory. A newer connection may send less the more there are.
 */
const headerBudget = { all: 32 << 20, each: 16 << 10 }

/** What the headers of one more connection may take, in bytes. */
export const headerShare = (limit: number, connections: number): number =>
  Math.min(limit, Math.max(headerBudget.each, Math.floor(headerBudget.all / connections)))

/**
 * How long a connection may stand still in the middle of an answer, in milliseconds: who takes nothing for so long has gone, and
 * would hold what is sent open for ever. The system's own buffers hide some megabytes, so it takes at least 5 kB/s.
 */
export const standstillMs = 300_000

/** How often connections are closed that nothing is being answered on, once the listener is closed; in milliseconds. */
export const sweepMs = 100

/** A port that is listened on. */
export class HttpListener {
  readonly #server: Server | HttpsServer
  readonly #sockets = new Set<Socket>()
  readonly #headerLimit: number
  #draining = false

  /**
   * @param unreadable answers what is no request
   * @param server not listening yet; it may speak TLS
   * @param patienceMs with a connection that stands still in the middle of an answer
   */
  constructor(
    handler: Handler,
    unreadable: Unreadable,
    limits: Limits,
    server: Server | HttpsServer = createServer(serverOptions(limits)),
    patienceMs = standstillMs,
  ) {
    this.#server = server
    this.#headerLimit = limits.headerLimit
    server.timeout = patienceMs
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      // The client is to send its next request elsewhere.
      if (this.#draining) response.setHeader('Connection', 'close')
      handler(request, response)
    }
    server.on('request', handle)
    // An expectation that nobody knows may be ignored (RFC 9110, section 10.1.1).
    server.on('checkExpectation', handle)
    server.on('connect', (_request: IncomingMessage, socket: Socket) => {
      unreadable.answerConnect(socket)
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      unreadable.answer(error, socket)
    })
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
      // Not the server's own close: that ends the watch over clients that stall, who would hold the process until it is killed.
      NetServer.prototype.close.call(this.#server, () => {
        clearInterval(sweep)
        resolve()
      })
    })
  }

  readonly #keep = (socket: Socket): void => {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    // Node reads it for each connection as it comes.
    Object.assign(this.#server, { maxHeaderSize: headerShare(this.#headerLimit, this.#sockets.size) })
  }

  /** Browsers open connections ahead of their requests; Node doesn't count those as idle. */
  readonly #closeUnused = (): void => {
    this.#server.closeIdleConnections()
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}
