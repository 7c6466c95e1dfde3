/** One connection to the server's event stream, from its opening to its end. */

/** What it says of itself. */
export interface ConnectionListener {
  /** An event has come. @param data as JSON */
  event(name: string, data: string): void
  /** It has ended, or nothing came for too long; it is closed then. @param silent whether nothing has come at all, and nothing refused it */
  end(silent: boolean): void
}

/** How long the server may be quiet. */
export interface Patience {
  /** Before the first event, in milliseconds. */
  readonly firstMs: number
  /** Between two, in milliseconds. */
  readonly nextMs: number
}

export class Connection {
  readonly #source: EventSource
  readonly #listener: ConnectionListener
  readonly #nextMs: number
  #timer: ReturnType<typeof setTimeout>
  /** How many events have come. */
  #count = 0

  /** @param names of the events that are heard */
  constructor(address: URL, names: Iterable<string>, patience: Patience, listener: ConnectionListener) {
    this.#listener = listener
    this.#nextMs = patience.nextMs
    this.#timer = this.#endAfter(patience.firstMs)
    this.#source = new EventSource(address)
    for (const name of names)
      this.#source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        this.#hear(name, data)
      })
    // A browser's own way to reconnect gives up at the first answer that isn't a stream.
    this.#source.addEventListener('error', () => {
      this.#end(false)
    })
  }

  get hasSpoken(): boolean {
    return this.#count > 0
  }

  /** Ends it without a word. */
  close(): void {
    clearTimeout(this.#timer)
    this.#source.close()
  }

  #hear(name: string, data: string): void {
    clearTimeout(this.#timer)
    this.#timer = this.#endAfter(this.#nextMs)
    this.#count += 1
    this.#listener.event(name, data)
  }

  #end(silent: boolean): void {
    this.close()
    this.#listener.end(silent)
  }

  #endAfter(milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#end(!this.hasSpoken)
    }, milliseconds)
  }
}
