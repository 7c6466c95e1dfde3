/** Speaks HTTP/2 on connections whose clients have chosen it, to a handler that knows HTTP/1 (RFC 9113). */
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import {
  constants,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import { HttpError } from '../http/errors.ts'
import { headerShare, serverOptions, standstillMs, type Handler, type Limits } from './limits.ts'

/** As Go's server has it. */
const maxConcurrentStreams = 250

/** With it GOAWAY names no request that isn't answered any more (RFC 9113, section 6.8). */
const highestStreamId = 2 ** 31 - 1

/** The sessions of a port. */
export class Http2Sessions {
  readonly #server
  readonly #headerLimit: number
  readonly #idleMs: number
  readonly #bodyMs: number
  readonly #patienceMs: number
  /** How many requests are being answered on each. */
  readonly #open = new Map<ServerHttp2Session, number>()
  readonly #toldToLeave = new WeakSet<ServerHttp2Session>()
  #draining = false

  /**
   * @param times how long a session may be without a request, and how long one may take to arrive, in milliseconds
   * @param patienceMs with an answer that stands still
   */
  constructor(
    handler: Handler,
    limits: Limits,
    times: Pick<ServerOptions, 'keepAliveTimeout' | 'requestTimeout'> = serverOptions(limits),
    patienceMs = standstillMs,
  ) {
    this.#headerLimit = limits.headerLimit
    this.#idleMs = times.keepAliveTimeout ?? 0
    this.#bodyMs = times.requestTimeout ?? 0
    this.#patienceMs = patienceMs
    this.#server = createServer({
      settings: { maxConcurrentStreams },
      // Their size is what counts, as in HTTP/1.
      maxHeaderListPairs: 2_000,
    })
    const handle = (request: Http2ServerRequest, response: Http2ServerResponse) => {
      this.#watchBody(request, response)
      asHttp1(request)
      // Node makes them for use in place of each other; Fastify takes either.
      handler(request as unknown as IncomingMessage, response as unknown as ServerResponse)
    }
    this.#server.on('session', this.#keep)
    this.#server.on('request', handle)
    this.#server.on('checkExpectation', handle)
    this.#server.on('connect', refuseTunnel)
  }

  /** Takes over a connection. */
  take(socket: Socket): void {
    this.#server.updateSettings({ maxHeaderListSize: headerShare(this.#headerLimit, this.#open.size + 1) })
    this.#server.emit('connection', socket)
  }

  /** As HttpListener.drain: a client that asks once more is told to take another connection for its next request. */
  drain(): void {
    this.#draining = true
  }

  /** Tells each session's client to leave; what it had asked before it was told is still answered. */
  close(): void {
    this.drain()
    for (const session of this.#open.keys()) this.#tellToLeave(session)
  }

  /** Ends the sessions that nothing is being answered on. */
  closeIdle(): void {
    for (const session of this.#open.keys()) this.#endIfIdle(session)
  }

  readonly #keep = (session: ServerHttp2Session): void => {
    this.#open.set(session, 0)
    session.once('close', () => this.#open.delete(session))
    session.on('stream', (stream: ServerHttp2Stream) => {
      if (this.#draining) this.#tellToLeave(session)
      this.#count(session, 1)
      stream.once('close', () => {
        this.#count(session, -1)
      })
      stream.setTimeout(this.#patienceMs, () => {
        stream.close(constants.NGHTTP2_CANCEL)
      })
    })
    session.on('timeout', () => {
      this.#endIfIdle(session)
    })
    session.setTimeout(this.#idleMs)
  }

  /** Not by its own close, which would wait for the client to close too. */
  #endIfIdle(session: ServerHttp2Session): void {
    if (this.#open.get(session) === 0) session.destroy()
  }

  #count(session: ServerHttp2Session, change: number): void {
    const open = this.#open.get(session)
    if (open === undefined || session.destroyed) return
    this.#open.set(session, open + change)
    // It is idle from now on, however long nothing came before.
    if (open + change === 0) session.setTimeout(this.#idleMs)
  }

  #tellToLeave(session: ServerHttp2Session): void {
    if (this.#toldToLeave.has(session) || session.destroyed) return
    this.#toldToLeave.add(session)
    session.goaway(constants.NGHTTP2_NO_ERROR, highestStreamId)
  }

  /** A body that is cut off or late is an error, as in HTTP/1; Node would only end it, and half a body pass for a whole one. */
  #watchBody(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const { stream } = request
    if (stream.endAfterHeaders) return
    const late = setTimeout(() => {
      if (response.headersSent) stream.close(constants.NGHTTP2_NO_ERROR)
      else request.destroy(new HttpError(408, 'the request took too long to arrive'))
    }, this.#bodyMs)
    const done = () => {
      clearTimeout(late)
    }
    request.once('end', done)
    stream.once('close', done)
    // Whoever reads the body has a listener of its own.
    request.on('error', () => undefined)
    request.once('aborted', () => request.destroy(new HttpError(400, 'the request was cut off')))
    // The rest of a body isn't wanted after the answer (RFC 9113, section 8.1).
    stream.once('finish', () => {
      setImmediate(() => {
        if (!request.complete) stream.close(constants.NGHTTP2_NO_ERROR)
      })
    })
  }
}

/** Refuses CONNECT, as over HTTP/1. What its client would send through the tunnel isn't waited for. */
function refuseTunnel({ stream }: Http2ServerRequest): void {
  // Not at once: the answer would be lost.
  stream.once('finish', () => {
    setImmediate(() => {
      stream.close(constants.NGHTTP2_NO_ERROR)
    })
  })
  stream.respond({ ':status': 501 }, { endStream: true })
}

/** Gives a request the headers by which HTTP/1 says where it was sent to, and that it has a body (RFC 9113, section 8.3.1). */
function asHttp1({ headers, stream }: Http2ServerRequest): void {
  headers.host = headers[':authority'] ?? headers.host
  if (!stream.endAfterHeaders && headers['content-length'] === undefined)
    headers['transfer-encoding'] = 'chunked'
}
