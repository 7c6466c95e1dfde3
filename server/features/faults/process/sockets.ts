/** Sockets that are held open, as by clients that forget to close their connections. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { countOf } from '../../../text/count.ts'
import type { FaultAction, FaultListener, MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'
import { descriptorsLeft, noMoreDescriptors } from './descriptors.ts'

/** Connections that are made, or closed, at a time. */
const batch = 25

/** Holds connections to itself, of which both ends count. */
export const makeSockets: MakeFault<'sockets'> = ({ count, seconds = 0 }, listener) =>
  new Sockets({ count, seconds }, listener)

class Sockets implements FaultAction {
  readonly words: string
  readonly order: Required<FaultOrder<'sockets'>>
  readonly seconds: number
  problem: string | undefined
  readonly #changed: () => void
  readonly #listener = createServer((socket) => {
    this.#accept(socket)
  })
  readonly #held = new Set<Socket>()
  #opening: Promise<void> | undefined
  #hasEnded = false

  constructor(order: Required<FaultOrder<'sockets'>>, { changed }: FaultListener) {
    this.order = order
    this.seconds = order.seconds
    this.words = `holds ${countOf(order.count, 'socket')} open`
    this.#changed = changed
    // Nobody else is to have one.
    this.#listener.maxConnections = Math.floor(order.count / 2)
  }

  get progress(): string {
    return `${this.#held.size + (this.#listener.listening ? 1 : 0)} open`
  }

  begin(): void {
    this.#opening = this.#open()
  }

  async end(): Promise<void> {
    this.#hasEnded = true
    await this.#opening
    this.#listener.close()
    while (this.#held.size > 0) await this.#close(batch)
  }

  async #open(): Promise<void> {
    try {
      this.#listener.listen(0, '127.0.0.1')
      await once(this.#listener, 'listening')
      // That an end can't be accepted is known by the other.
      this.#listener.on('error', () => undefined)
      await this.#connect()
    } catch (error) {
      this.problem = reasonOf(error as NodeJS.ErrnoException)
      await this.#close(descriptorsLeft)
    }
    // It is a socket as well: the odd one.
    if (this.order.count % 2 === 0) this.#listener.close()
    this.#changed()
  }

  async #connect(): Promise<void> {
    // A TCP listener has an AddressInfo.
    const { port } = this.#listener.address() as AddressInfo
    while (!this.#hasEnded) {
      const missing = Math.floor((this.order.count - this.#held.size) / 2)
      if (missing === 0) return
      const connecting = Array.from({ length: Math.min(batch, missing) }, () => this.#connectOnce(port))
      const results = await Promise.allSettled(connecting)
      for (const result of results) if (result.status === 'rejected') throw result.reason
      this.#changed()
    }
  }

  /** Resolves when both ends are held. */
  async #connectOnce(port: number): Promise<void> {
    const socket = connect(port, '127.0.0.1')
    this.#hold(socket)
    await Promise.race([once(socket, 'data'), once(socket, 'close').then(throwClosed)])
  }

  #accept(socket: Socket): void {
    this.#hold(socket)
    socket.write('held')
  }

  #hold(socket: Socket): void {
    this.#held.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#held.delete(socket))
  }

  /** By a reset: an orderly end would keep their ports for a minute. */
  async #close(count: number): Promise<void> {
    const closed = this.#held
      .values()
      .take(count)
      .map((socket) => {
        const closing = once(socket, 'close')
        socket.resetAndDestroy()
        return closing
      })
    await Promise.all(closed)
  }
}

const throwClosed = (): never => {
  throw Object.assign(new Error('a connection was closed at once'), { code: 'EMFILE' })
}

const reasonOf = (error: NodeJS.ErrnoException): string =>
  error.code === 'EADDRNOTAVAIL' ? 'there are no more ports for connections' : noMoreDescriptors(error)
