/** Listens for HTTPS once there is a certificate, and follows the certificate when it is renewed. */
import type { Server } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { gates } from '../host/gate.ts'
import { watchPath } from '../host/watch.ts'
import type { Log } from '../log/log.ts'
import { withPort } from '../text/address.ts'
import { HttpListener } from './http.ts'
import { serverOptions, type Handler, type Limits } from './limits.ts'
import { isSamePair, MissingFiles, pairNames, readKeyPair, type KeyPair } from './key-pair.ts'
import type { Unreadable } from './unreadable.ts'

/** A pair that doesn't fit is read again after this time, since it may be half written. */
const halfWrittenMs = 1_000
/** The rest of the server doesn't wait longer for a folder that hangs, in milliseconds. */
const slowFolderMs = 1_000
/** How long a client may take for the TLS handshake. */
const handshakeMs = 10_000

/** What is served, with which certificate. */
interface Serving {
  readonly server: Server
  readonly listener: HttpListener
  pair: KeyPair
}

/** The HTTPS port, which is listened on from the moment that `--tls-dir` holds a certificate and its key. */
export class HttpsListener {
  readonly #handler: Handler
  readonly #unreadable: Unreadable
  readonly #limits: Limits
  readonly #address: string
  readonly #folder: string
  readonly #log: Log
  #serving: Serving | undefined
  #stops: readonly (() => void)[] = []
  #turn: Promise<void> = Promise.resolve()
  #waiting = false
  #draining = false
  #closed = false
  #lastReason: string | undefined

  /**
   * @param unreadable answers what is no request
   * @param place where to listen, as the flags give it, and the folder of the certificate
   */
  constructor(
    handler: Handler,
    unreadable: Unreadable,
    limits: Limits,
    { address, folder }: { readonly address: string; readonly folder: string },
    log: Log,
  ) {
    this.#handler = handler
    this.#unreadable = unreadable
    this.#limits = limits
    this.#address = address
    this.#folder = folder
    this.#log = log
  }

  /**
   * Serves if there is a pair that can be served, logs which, and goes on watching for a new one. A folder that hangs is waited for apart.
   * @throws Error in plain words when there is one and the address can't be listened on
   */
  async start(): Promise<void> {
    this.#stops = pairNames.flat().map((name) =>
      watchPath(join(this.#folder, name), gates.certificates, () => {
        this.#readLater()
      }),
    )
    const first = this.#follow()
    let isLate = false
    this.#turn = first.catch((error: unknown) => {
      if (isLate) this.#report(error as Error)
    })
    await Promise.race([first, sleep(slowFolderMs, undefined, { ref: false })])
    isLate = true
  }

  /** As HttpListener.drain. */
  drain(): void {
    this.#draining = true
    this.#serving?.listener.drain()
  }

  /** Takes no new connection and resolves when the last request is answered. */
  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#stops) stop()
    await this.#serving?.listener.close()
  }

  /** One reading at a time, and at most one that waits for it. */
  #readLater(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#turn = this.#turn.then(async () => {
      this.#waiting = false
      try {
        await this.#follow(true)
      } catch (error) {
        this.#report(error as Error)
      }
    })
  }

  /** Brings what is served in line with the folder. */
  async #follow(mayBeHalfWritten = false): Promise<void> {
    const pair = await this.#read(mayBeHalfWritten)
    if (!pair || this.#closed) return
    if (!this.#serving) await this.#listen(pair)
    else if (!isSamePair(this.#serving.pair, pair)) {
      this.#serving.server.setSecureContext({ cert: pair.cert, key: pair.key })
      this.#serving.pair = pair
      this.#log.info(`Serving HTTPS with a new certificate, valid until ${pair.validUntil.toISOString()}`)
    }
    this.#lastReason = undefined
  }

  async #read(mayBeHalfWritten: boolean): Promise<KeyPair | undefined> {
    try {
      return await readKeyPair(this.#folder)
    } catch (error) {
      if (!mayBeHalfWritten) {
        this.#report(error as Error)
        return undefined
      }
      await sleep(halfWrittenMs, undefined, { ref: false })
      return this.#read(false)
    }
  }

  async #listen(pair: KeyPair): Promise<void> {
    // Loaded when there is a certificate; most servers have none.
    const { createServer } = await import('node:https')
    const { cert, key, names } = pair
    this.#log.info(`Found ${names.join(' and ')} in ${this.#folder}`)
    const server = createServer({
      ...serverOptions(this.#limits),
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: handshakeMs,
      cert,
      key,
    })
    handOver(server, (socket) => {
      listener.speakHttp2(socket)
    })
    const listener = new HttpListener(this.#handler, this.#unreadable, this.#limits, server)
    const port = await listener.listen(this.#address)
    this.#serving = { server, listener, pair }
    this.#log.info(`Serving HTTPS on ${withPort(this.#address, port)}`)
    if (this.#draining) this.drain()
    if (this.#closed) await listener.close()
  }

  /** Logs why the folder's pair isn't served; the same reason once. */
  #report(error: Error): void {
    const { message } = error
    if (this.#closed || message === this.#lastReason) return
    this.#lastReason = message
    if (this.#serving) this.#log.error(`Still serving HTTPS with the former certificate: ${message}`)
    else if (!(error instanceof MissingFiles)) this.#log.error(`Could not serve HTTPS: ${message}`)
    else this.#log.info(`Could not find certificates to serve TLS: ${message}`)
  }
}

/** Hands on the connections whose clients have chosen HTTP/2; all others stay with the server. */
function handOver(server: Server, speakHttp2: (socket: TLSSocket) => void): void {
  const speakHttp1 = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection').on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') speakHttp2(socket)
    else for (const speak of speakHttp1) Reflect.apply(speak, server, [socket])
  })
}
