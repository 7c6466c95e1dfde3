/** WebSockets that send back what they are sent (RFC 6455). The library is loaded with the first of them. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** How many may be open at once. */
const maxWebSockets = 256

/** The largest message, in bytes. */
const maxMessage = 1 << 20

/** What a client that sends on, and takes nothing, may leave with this process before it is read no further; in bytes. */
const maxUntaken = 1 << 20

/** A client is asked so often whether it is there, and is gone if it hasn't said so by the next time; in milliseconds. */
const pingMs = 30_000

/** A client that is told to close has so long for it, in milliseconds. The library's types don't know this yet. */
const farewell = { closeTimeout: 1_000 }

/** "An endpoint is going away" (RFC 6455, section 7.4.1). */
const goingAway = 1001
const goodbye = 'this server is shutting down'

/** A connection whose client asks for a WebSocket. */
export interface Handshake {
  readonly request: IncomingMessage
  readonly socket: Socket
  /** What the client has sent behind its request already. */
  readonly head: Buffer
  /** Called when nothing speaks against it; gives further lines of the answer's head. */
  readonly begin: () => readonly string[]
}

/** A handshake that no WebSocket comes of; the message says why. */
export class RefusedHandshake extends Error {
  override name = 'RefusedHandshake'
  readonly refusal: 'not valid' | 'no room'

  constructor(refusal: RefusedHandshake['refusal'], message: string) {
    super(message)
    this.refusal = refusal
  }
}

/** Those that are open. */
export class WebSockets {
  /** With whether each has been heard of since it was asked. */
  readonly #open = new Map<WebSocket, boolean>()
  #opened = 0
  #isClosed = false
  #pinging: NodeJS.Timeout | undefined

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** How many have been opened so far. */
  get opened(): number {
    return this.#opened
  }

  /** Opens one. @throws RefusedHandshake */
  async open({ request, socket, head, begin }: Handshake): Promise<void> {
    const { WebSocketServer } = await import('ws')
    if (this.#isClosed) throw new RefusedHandshake('no room', goodbye)
    if (this.size >= maxWebSockets)
      throw new RefusedHandshake('no room', `there are ${maxWebSockets} WebSockets already`)
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      ...farewell,
      maxPayload: maxMessage,
      // A message in tiny pieces would take many times its size.
      maxFragments: 1 << 10,
      maxBufferedChunks: 1 << 12,
    })
    let problem: string | undefined
    server.on('wsClientError', ({ message }) => (problem = message))
    server.on('headers', (lines) => void lines.push(...begin()))
    server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#echo(webSocket)
    })
    if (problem !== undefined) throw new RefusedHandshake('not valid', problem)
  }

  /** Tells all that this process goes away, and opens none any more. */
  close(): void {
    this.#isClosed = true
    for (const webSocket of this.#open.keys()) webSocket.close(goingAway, goodbye)
  }

  #echo(webSocket: WebSocket): void {
    this.#opened += 1
    this.#open.set(webSocket, true)
    this.#pinging ??= setTimeout(this.#ping, pingMs)
    const goOn = () => {
      if (webSocket.isPaused && webSocket.bufferedAmount < maxUntaken) webSocket.resume()
    }
    webSocket.on('message', (data, binary) => {
      webSocket.send(data, { binary }, goOn)
      if (webSocket.bufferedAmount >= maxUntaken) webSocket.pause()
    })
    webSocket.on('pong', () => this.#open.set(webSocket, true))
    // What can't be read as a WebSocket closes it, with a code that says why.
    webSocket.on('error', () => undefined)
    webSocket.once('close', () => {
      this.#open.delete(webSocket)
      if (this.size > 0) return
      clearTimeout(this.#pinging)
      this.#pinging = undefined
    })
  }

  readonly #ping = (): void => {
    this.#pinging = setTimeout(this.#ping, pingMs)
    for (const [webSocket, isThere] of this.#open) {
      if (!isThere) webSocket.terminate()
      else {
        this.#open.set(webSocket, false)
        webSocket.ping()
      }
    }
  }
}
