/** All event streams and the topics that they show. */
import type { ServerResponse } from 'node:http'
import { HttpError } from '../http/errors.ts'
import { Channel, type Report } from './channel.ts'
import { EventStream } from './stream.ts'
import type { Topic } from '../state/topic.ts'

/** How many streams may be open at once. */
const maxStreams = 4096

/** How many paths all streams together may watch. */
const maxPaths = 1024

const heartbeatMs = 5_000

/** Streams that are written to before other work has its turn: a thousand at once would keep a probe waiting. */
const streamsEachTurn = 64

/** At the end, what a stream still holds must be taken in this time, in milliseconds. */
const farewellMs = 1_000

/** What is shown beside every topic: paths that a client names. */
export type Watch = (path: string) => Topic

/** Opens streams, gives each its turn to write, and ends them. */
export class EventHub {
  readonly #topics: readonly Channel[]
  readonly #watch: Watch | undefined
  readonly #report: Report
  readonly #watched = new Map<string, Channel>()
  readonly #streams = new Set<EventStream>()
  readonly #turns = new Set<EventStream>()
  #turnsAreTaken = false
  #heartbeat: NodeJS.Timeout | undefined
  #closed = false

  /**
   * @param topics what every stream shows, by the event's name
   * @param watch makes the topic of a path; throws an HttpError for one that can't be watched
   */
  constructor(topics: ReadonlyMap<string, Topic>, watch: Watch | undefined, report: Report) {
    this.#topics = [...topics].map(([name, topic]) => new Channel(name, topic, report))
    this.#watch = watch
    this.#report = report
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size
  }

  /**
   * Opens a stream, which lasts until its client leaves or the hub closes.
   * @param paths to watch, beside every topic
   * @param hello the first event
   * @param begin gives the response to write to, with its headers set; called if nothing speaks against the stream
   * @throws HttpError when there are too many streams or paths, a path can't be watched, or the process is ending
   */
  open(paths: readonly string[], hello: Buffer, begin: () => ServerResponse): void {
    if (this.#closed) throw new HttpError(503, 'this server is shutting down')
    if (this.size >= maxStreams) throw new HttpError(503, `there are ${maxStreams} event streams already`)
    const known = new Set(paths).union(this.#watched)
    if (known.size > maxPaths) throw new HttpError(503, `${maxPaths} paths at most are watched at once`)
    const watched = new Map(paths.map((path) => [path, this.#watched.get(path) ?? this.#watchPath(path)]))
    for (const [path, channel] of watched) this.#watched.set(path, channel)
    const channels = [...this.#topics, ...watched.values()]

    const response = begin()
    const stream = new EventStream(response, hello, this.#wantTurn)
    this.#streams.add(stream)
    response.once('close', () => {
      for (const channel of channels) channel.leave(stream)
      for (const [path, { isViewed }] of watched) if (!isViewed) this.#watched.delete(path)
      this.#forget(stream)
    })
    for (const channel of channels) channel.join(stream)
    this.#heartbeat ??= setInterval(this.#beat, heartbeatMs)
  }

  /** Ends every stream, and refuses new ones from now on. */
  close(): void {
    this.#closed = true
    for (const stream of this.#streams) stream.end()
    setTimeout(() => {
      for (const stream of this.#streams) stream.destroy()
    }, farewellMs)
  }

  #watchPath(path: string): Channel {
    if (!this.#watch) throw new HttpError(400, 'no path can be watched here, since the files feature is off')
    const topic = this.#watch(path)
    return new Channel(
      'watch',
      {
        snapshot: async () => ({ path, state: await topic.snapshot() }),
        subscribe: (listener) => topic.subscribe(listener),
      },
      this.#report,
    )
  }

  #forget(stream: EventStream): void {
    this.#streams.delete(stream)
    this.#turns.delete(stream)
    if (this.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  readonly #beat = (): void => {
    for (const stream of this.#streams) stream.beat()
  }

  readonly #wantTurn = (stream: EventStream): void => {
    this.#turns.add(stream)
    if (this.#turnsAreTaken) return
    this.#turnsAreTaken = true
    setImmediate(this.#takeTurns)
  }

  readonly #takeTurns = (): void => {
    let left = streamsEachTurn
    for (const stream of this.#turns) {
      if (left === 0) break
      left -= 1
      this.#turns.delete(stream)
      stream.flush()
    }
    this.#turnsAreTaken = this.#turns.size > 0
    if (this.#turnsAreTaken) setImmediate(this.#takeTurns)
  }
}
