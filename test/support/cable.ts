/** A way to a server that can be cut, as a network is: what is sent over it then comes nowhere, and nobody is told. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { atEnd, type Lifetime } from './at-end.ts'

/** One cable, from a port of 127.0.0.1 to another. */
export class Cable {
  readonly #to: number
  readonly #server = createServer({ pauseOnConnect: true }, (socket) => {
    this.#take(socket)
  })
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #isCut = false

  /** @param to the server's port */
  constructor(context: Lifetime, to: number) {
    this.#to = to
    atEnd(context, () => {
      this.#server.close()
      this.#drop()
    })
  }

  /** Begins to take connections. */
  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get port(): number {
    // It listens on TCP.
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#isCut = true
    for (const [near, far] of this.#pairs) {
      near.unpipe().pause()
      far.unpipe().pause()
    }
  }

  /** What was on its way is lost, and connections have to be made anew. */
  mend(): void {
    this.#drop()
    this.#isCut = false
  }

  #drop(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    this.#pairs.clear()
  }

  #take(near: Socket): void {
    const far = connect(this.#to, '127.0.0.1')
    const pair = [near, far] as const
    this.#pairs.add(pair)
    for (const [socket, other] of [pair, [far, near] as const]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (this.#isCut) return
        other.destroy()
        this.#pairs.delete(pair)
      })
    }
    if (this.#isCut) return
    near.pipe(far)
    far.pipe(near)
    near.resume()
  }
}
