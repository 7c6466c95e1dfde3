/** One client's event stream, which never holds more for its client than what is being written. */
import type { ServerResponse } from 'node:http'
import { frameOf, type Channel, type Viewer } from './channel.ts'

/** A client that has taken nothing for so long is gone, in milliseconds. */
const patienceMs = 120_000

/** An event and not a comment, since a browser's script is told of no comment. */
const heartbeat = frameOf('heartbeat', null)

/**
 * Writes only when all that was written before has left for the network. What changes meanwhile is remembered by name,
 * so a slow client gets the latest state and not the ones between.
 */
export class EventStream implements Viewer {
  readonly #response: ServerResponse
  readonly #due = new Set<Channel>()
  readonly #wantTurn: (stream: EventStream) => void
  #beatDue = false
  /** When the write began that has not ended yet. */
  #writingSince: number | undefined

  /**
   * @param response whose headers are set
   * @param hello the first event
   * @param wantTurn asks for a call of `flush` soon
   */
  constructor(response: ServerResponse, hello: Buffer, wantTurn: (stream: EventStream) => void) {
    this.#response = response
    this.#wantTurn = wantTurn
    this.#write(hello)
  }

  show(channel: Channel): void {
    this.#due.add(channel)
    if (this.#writingSince === undefined) this.#wantTurn(this)
  }

  /** Says that the connection is alive, or finds that it isn't. */
  beat(): void {
    if (this.#writingSince === undefined) {
      this.#beatDue = true
      this.#wantTurn(this)
    } else if (performance.now() - this.#writingSince > patienceMs) {
      this.destroy()
    }
  }

  /** Writes what is due, if the client has taken all there was before. */
  flush(): void {
    const { writableEnded, destroyed } = this.#response
    if (this.#writingSince !== undefined || writableEnded || destroyed) return
    const frames = [...this.#due].flatMap(({ frame }) => frame ?? [])
    if (this.#beatDue) frames.push(heartbeat)
    this.#due.clear()
    this.#beatDue = false
    const [first] = frames
    if (first) this.#write(frames.length === 1 ? first : Buffer.concat(frames))
  }

  /** Ends it with what is due. */
  end(): void {
    this.flush()
    this.#response.end()
  }

  destroy(): void {
    this.#response.destroy()
  }

  #write(bytes: Buffer): void {
    this.#writingSince = performance.now()
    this.#response.write(bytes, () => {
      this.#writingSince = undefined
      if (this.#due.size > 0) this.#wantTurn(this)
    })
  }
}
