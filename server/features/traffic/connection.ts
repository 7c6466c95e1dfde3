/** Connections to one server, kept for further requests or each for one alone. */
import type { OnReadOpts, Socket } from 'node:net'

/** Who uses a connection. */
export interface User {
  /** Bytes have come, which are good only until it returns. */
  take(bytes: Buffer): void
  /** The other side has ended it. */
  end(): void
  fail(error: NodeJS.ErrnoException): void
}

/** How long a server has for its end of a connection that is to be closed, in milliseconds. */
const closingMs = 1000

/** Makes a socket that reads as it is told. */
export type Connect = (onread: OnReadOpts) => Socket

/** What all have come into: each has read it before the next does. */
const buffer = Buffer.allocUnsafeSlow(64 << 10)

/** One connection. */
export class Connection {
  readonly socket: Socket
  /** Whether it has had another user before. */
  isUsedAgain = false
  #user: User | undefined

  /** @param over is told when it is closed */
  constructor(connect: Connect, over: (connection: Connection) => void) {
    const callback = (length: number) => {
      // Nobody has asked for this.
      if (!this.#user) this.socket.destroy()
      this.#user?.take(buffer.subarray(0, length))
      return true
    }
    this.socket = connect({ buffer, callback })
    this.socket
      .on('end', () => {
        this.#user?.end()
      })
      .on('error', (error) => {
        this.#user?.fail(error)
      })
      .on('close', () => {
        over(this)
      })
  }

  /** Whether a further request can be sent on it. */
  get isOpen(): boolean {
    return this.socket.writable && this.socket.readable
  }

  write(user: User, bytes: Buffer): void {
    this.#user = user
    this.socket.write(bytes)
  }

  /** It has no user any more. */
  release(): void {
    this.#user = undefined
    this.isUsedAgain = true
  }

  /** Has the server close it, so that it is the server that keeps its address for a while (TIME_WAIT) and no port here runs out. */
  close(): void {
    this.#user = undefined
    this.socket.setTimeout(closingMs, () => {
      this.socket.destroy()
    })
  }

  /** Ends it at once. */
  destroy(): void {
    this.#user = undefined
    this.socket.destroy()
  }
}

/** All connections of one sender. */
export class Connections {
  readonly #connect: Connect
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []

  constructor(connect: Connect) {
    this.#connect = connect
  }

  /** One that nobody uses, the latest first. */
  takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (idle.isOpen) return idle
    return undefined
  }

  open(): Connection {
    const connection = new Connection(this.#connect, this.#forget)
    this.#all.add(connection)
    return connection
  }

  /** Keeps one for a further request. */
  keep(connection: Connection): void {
    connection.release()
    this.#idle.push(connection)
  }

  /** Ends all. */
  destroy(): void {
    for (const connection of this.#all) connection.destroy()
  }

  readonly #forget = (connection: Connection): void => {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
  }
}
