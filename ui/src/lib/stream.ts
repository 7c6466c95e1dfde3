/** The server's event stream, opened again whenever it ends. Runs in the shared worker, or in a page where there is none. */

/** What those who follow a stream are told. */
export type StreamReport = (
  | { readonly kind: 'event'; readonly name: string; readonly data: unknown }
  /** The connection is gone, or was never there; it is being tried again. */
  | { readonly kind: 'lost' }
) & {
  /** By the browser's clock, in milliseconds since 1970: who joins later is told what was received before. */
  readonly received: number
}

/** The server's topics. */
export type TopicName = 'liveness' | 'readiness' | 'memory' | 'keygen' | 'memq'
const topics: readonly TopicName[] = ['liveness', 'readiness', 'memory', 'keygen', 'memq']

/** The server's event names; `identity` is each stream's first. */
const names = ['identity', ...topics, 'changes', 'watch', 'heartbeat']

const retryMs = 1_000
/** The server says something every 5 s; a connection that is quiet for so long is dead, in milliseconds. */
const patienceMs = 12_000

/** One stream at a time. */
export class Stream {
  readonly #root: string
  readonly #report: (report: StreamReport) => void
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #paths: readonly string[] = []

  /** @param root where the server's addresses begin */
  constructor(root: string, report: (report: StreamReport) => void) {
    this.#root = root
    this.#report = report
  }

  /** @param paths below the server's `--fs-root`, to be told of when what is there changes */
  open(paths: readonly string[] = []): void {
    this.#paths = paths
    this.#connect()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = undefined
  }

  #connect(): void {
    this.close()
    const address = new URL('events', this.#root)
    for (const path of this.#paths) address.searchParams.append('watch', path)
    const source = new EventSource(address)
    this.#source = source
    this.#waitForNext()
    for (const name of names) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        this.#waitForNext()
        if (name !== 'heartbeat')
          this.#report({ kind: 'event', name, data: JSON.parse(data), received: Date.now() })
      })
    }
    source.addEventListener('error', () => {
      this.#lose()
    })
  }

  #waitForNext(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#lose()
    }, patienceMs)
  }

  /** A browser's own way to reconnect gives up at the first answer that isn't a stream. */
  #lose(): void {
    this.close()
    this.#report({ kind: 'lost', received: Date.now() })
    this.#timer = setTimeout(() => {
      this.#connect()
    }, retryMs)
  }
}
