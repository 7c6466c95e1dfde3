/** Listens for HTTP, and stops without cutting off a request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net'
import { answerUpgrade } from '../http/upgrade.ts'
import { parseAddress } from '../text/address.ts'
import { Http2Sessions } from './http2.ts'
import { headerShare, serverOptions, standstillMs, sweepMs, type Handler, type Limits } from './limits.ts'
import { listenError } from './listen-error.ts'
import type { Unreadable } from './unreadable.ts'

/** What a connection begins with whose client speaks HTTP/2 and has told so before (RFC 9113, section 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** What Node's parser makes of a connection that it can't read on. */
type ParseError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer; readonly bytesParsed?: number }

/** A port that is listened on. */
export class HttpListener {
  readonly #server: Server | HttpsServer
  readonly #sockets = new Set<Socket>()
  readonly #headerLimit: number
  readonly #makeHttp2: () => Http2Sessions
  /** Of those who speak it, from the first one on. */
  #http2: Http2Sessions | undefined
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
    this.#makeHttp2 = () => new Http2Sessions(handler, limits, serverOptions(limits), patienceMs)
    server.timeout = patienceMs
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      // The client is to send its next request elsewhere.
      if (this.#draining) response.setHeader('Connection', 'close')
      handler(request, response)
    }
    server.on('request', handle)
    // An expectation that nobody knows may be ignored (RFC 9110, section 10.1.1).
    server.on('checkExpectation', handle)
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      answerUpgrade(request, { socket, head }, handler)
    })
    server.on('connect', (_request: IncomingMessage, socket: Socket) => {
      unreadable.answerConnect(socket)
    })
    server.on('clientError', (error: ParseError, socket: Socket) => {
      const rest = afterPreface(error, socket)
      if (rest) this.#takeOver(socket, rest)
      else unreadable.answer(error, socket)
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

  /** Speaks HTTP/2 on a connection. Node's module for it is loaded with the first. */
  speakHttp2(socket: Socket): void {
    this.#http2 ??= this.#makeHttp2()
    if (this.#draining) this.#http2.drain()
    this.#http2.take(socket)
  }

  /** Goes on as before, but from now on each answer is the last one on its connection, so that clients spread elsewhere. */
  drain(): void {
    this.#draining = true
    this.#http2?.drain()
  }

  /** Takes no new connection, closes those that nothing is asked on, and resolves when the last request is answered. */
  close(): Promise<void> {
    this.drain()
    this.#http2?.close()
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

  /** Takes a connection from Node's HTTP/1, which lets go of it as of one that is closed, and speaks HTTP/2 on it from its beginning. */
  #takeOver(socket: Socket, rest: Buffer): void {
    for (const letGo of socket.listeners('close')) Reflect.apply(letGo, socket, [])
    // By their names: all at once, the stream would begin to flow, into nothing.
    for (const event of socket.eventNames()) socket.removeAllListeners(event)
    socket.setTimeout(0)
    // A client of HTTP/2 that has ended its side has left; one of HTTP/1 may wait for its answer.
    socket.allowHalfOpen = false
    socket.pause()
    socket.unshift(Buffer.concat([preface, rest]))
    this.#keep(socket)
    this.speakHttp2(socket)
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
    this.#http2?.closeIdle()
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}

/**
 * What has come behind the preface, where that is what the connection began with. Over TLS it is chosen in the handshake, and nowhere
 * else (RFC 9113, section 3.2).
 */
function afterPreface({ code, rawPacket, bytesParsed }: ParseError, socket: Socket): Buffer | undefined {
  if (code !== 'HPE_PAUSED_H2_UPGRADE' || 'encrypted' in socket) return undefined
  const rest = rawPacket?.subarray(bytesParsed)
  return rest && socket.bytesRead - rest.length === preface.length ? rest : undefined
}
