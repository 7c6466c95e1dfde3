/** All event streams and the topics that they show. */
import type { ServerResponse } from 'node:http'
import { HttpError } from '../http/errors.ts'
import type { Topic } from '../state/topic.ts'
import { Channel, type Report } from './channel.ts'
import { bytesPerSecond } from './pace.ts'
import { EventStream } from './stream.ts'
import type { Wanted } from './wanted.ts'
import type { TopicName } from './wire.ts'

/** How many streams may be open at once. */
const maxStreams = 4096

/** How many topics with a parameter all streams together may show: each path that is watched is one. */
const maxParameters = 1024

const heartbeatMs = 5_000

/** Streams that are written to before other work has its turn: a thousand at once would keep a probe waiting. */
const streamsEachTurn = 64

/** At the end, what a stream still holds must be taken in this time, in milliseconds. */
const farewellMs = 1_000

/** A stream that is to end when all has been told ends after so long at the latest, in milliseconds. */
const onceMs = 3_000

/** What there is to show. */
export interface Topics {
  /** By their names. */
  readonly single: ReadonlyMap<string, Topic>
  /** Those of which there is one for each parameter, by their names. A parameter that won't do is an HttpError. */
  readonly families: ReadonlyMap<string, (of: string) => Topic>
}

/** What a stream is to be. */
export interface Opening {
  readonly wanted: readonly Wanted[]
  /** The first event. */
  readonly hello: Buffer
  /** Whether what there isn't is left out. */
  readonly lenient?: boolean | undefined
  /** Whether it ends when everything has been told. */
  readonly once?: boolean | undefined
  /** Gives the response to write to, with its headers set; called if nothing speaks against the stream. */
  readonly begin: () => ServerResponse
}

/** Opens streams, gives each its turn to write, and ends them. */
export class EventHub {
  readonly #topics: Topics
  readonly #report: Report
  readonly #bytesPerSecond: number
  /** Those that are viewed, by topic, parameter and rate. */
  readonly #channels = new Map<string, Channel>()
  readonly #streams = new Set<EventStream>()
  readonly #turns = new Set<EventStream>()
  #turnsAreTaken = false
  #heartbeat: NodeJS.Timeout | undefined
  #closed = false

  /** @param pace what a stream may bring over time, in bytes a second */
  constructor(topics: Topics, report: Report, pace = bytesPerSecond) {
    this.#topics = topics
    this.#report = report
    this.#bytesPerSecond = pace
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size
  }

  /**
   * Opens a stream, which lasts until its client leaves, or the hub closes, or it has told all that it was to tell once.
   * @throws HttpError when there are too many streams or parameters, there is no such topic, or the process is ending
   */
  open({ wanted, lenient = false, once = false, hello, begin }: Opening): void {
    if (this.#closed) throw new HttpError(503, 'this server is shutting down')
    if (this.size >= maxStreams) throw new HttpError(503, `there are ${maxStreams} event streams already`)
    const channels = this.#channelsOf(lenient ? wanted.filter((one) => this.#has(one)) : wanted)

    const response = begin()
    const options = {
      hello,
      bytesPerSecond: this.#bytesPerSecond,
      endsAfter: once ? channels.size : undefined,
    }
    const stream = new EventStream(response, options, this.#wantTurn)
    this.#streams.add(stream)
    response.once('close', () => {
      for (const [id, channel] of channels) this.#leave(stream, id, channel)
      this.#forget(stream)
    })
    for (const [id, channel] of channels) {
      this.#channels.set(id, channel)
      channel.join(stream)
    }
    this.#heartbeat ??= setInterval(this.#beat, heartbeatMs)
    if (once) endLater(stream, response)
  }

  /** Ends every stream, and refuses new ones from now on. */
  close(): void {
    this.#closed = true
    for (const stream of this.#streams) stream.end()
    setTimeout(() => {
      for (const stream of this.#streams) stream.destroy()
    }, farewellMs)
  }

  #has({ topic, of }: Wanted): boolean {
    return of === undefined ? this.#topics.single.has(topic) : this.#topics.families.has(topic)
  }

  /** Those that are viewed already, and new ones. */
  #channelsOf(wanted: readonly Wanted[]): Map<string, Channel> {
    const channels = new Map<string, Channel>()
    for (const one of wanted) {
      const id = JSON.stringify([one.topic, one.of, one.rate])
      channels.set(id, this.#channels.get(id) ?? this.#channelOf(one))
    }
    const shown = new Map([...this.#channels, ...channels])
    if ([...shown.values()].filter(({ hasParameter }) => hasParameter).length > maxParameters)
      throw new HttpError(503, `${maxParameters} paths at most are watched at once`)
    return channels
  }

  /** @throws HttpError when there is none */
  #channelOf({ rate, ...name }: Wanted): Channel {
    const { topic, of } = name
    const { single, families } = this.#topics
    const found = of === undefined ? single.get(topic) : families.get(topic)?.(of)
    if (!found) throw new HttpError(400, this.#refusal(name))
    return new Channel(name, found, rate, this.#report)
  }

  #refusal({ topic, of }: TopicName): string {
    const { single, families } = this.#topics
    if (families.has(topic)) return `topics: ${topic} needs ;of=...`
    if (single.has(topic)) return `topics: ${topic} takes no ;of=...`
    if (topic === 'watch') return 'no path can be watched here, since the files feature is off'
    const there = [...single.keys(), ...[...families.keys()].map((name) => `${name};of=...`)]
    return `topics: there is no ${JSON.stringify(topic)}${of === undefined ? '' : ';of=...'}; there are ${there.join(', ') || 'none'}`
  }

  #leave(stream: EventStream, id: string, channel: Channel): void {
    channel.leave(stream)
    if (!channel.isViewed) this.#channels.delete(id)
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

/** For something may hang that it waits for. */
function endLater(stream: EventStream, response: ServerResponse): void {
  const timer = setTimeout(() => {
    stream.end()
  }, onceMs)
  response.once('close', () => {
    clearTimeout(timer)
  })
}
