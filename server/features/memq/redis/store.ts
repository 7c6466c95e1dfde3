/**
 * Queues in Redis: replicas share them, and a pod that restarts forgets nothing. A queue is a list of what is new, a sorted set of what came
 * back and a sorted set of leases by their end. Not a stream: there a message's idle time is of the call that claimed it, so that
 * leases of several lengths would need the sorted set all the same, and what comes back could not go ahead of what is newer.
 * Leases end by Redis's clock, and whoever asks next takes back what has expired.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { Changes } from '../../../state/topic.ts'
import { timestamp } from '../../../text/timestamp.ts'
import { placeIn, RandomIds } from '../random-ids.ts'
import {
  digest,
  remembered,
  RefusedError,
  refusalWords,
  type Empty,
  type Remembered,
  type QueueStore,
  type Taking,
  type Totals,
} from '../store.ts'
import type { TraceContext } from '../../../tracing/trace-context.ts'
import type {
  DeliveredMessage,
  Message,
  PeekedMessages,
  QueueSettings,
  QueueStats,
  Settlement,
} from '../wire.ts'
import { changesChannel, outboxChannel, waitingChannel } from './channels.ts'
import type { RedisConnection } from './connection.ts'
import { messageIn, nameOf, peekedIn, takenIn, traceText } from './entries.ts'
import { Mirror } from './mirror.ts'
import { Outbox } from './outbox.ts'
import { isRedisFull, shardKeys, shardOf, Shards } from './shards.ts'
import { Waiting } from './waiting.ts'

/** The longest that a timer of Node may take, in milliseconds; one that is longer rings at once. */
const longestTimerMs = 2 ** 31 - 1

/** How many messages a step of a redrive looks at. */
const redriveStep = 200

/** The queues of all servers on one Redis. */
export class RedisStore implements QueueStore {
  readonly changes = new Changes((isWatched) => {
    this.#watch(isWatched)
  })
  readonly #redis: RedisConnection
  readonly #remembered: Remembered
  readonly #shards: Shards
  readonly #outbox: Outbox
  readonly #waiting: Waiting
  readonly #mirror = new Mirror(shardKeys.length)
  readonly #ids = new RandomIds()
  #isHearing = false
  #looking: Promise<void> | undefined
  #endWatch: (() => void) | undefined
  #wakeUp: NodeJS.Timeout | undefined

  constructor(redis: RedisConnection, limits: Remembered = remembered) {
    this.#redis = redis
    this.#remembered = limits
    this.#shards = new Shards(redis, (shard) => this.#outbox.bring(shard))
    this.#outbox = new Outbox(this.#shards)
    this.#waiting = new Waiting(
      (name, queue, args) => this.#ask(name, queue, args),
      () => this.#tail(),
    )
  }

  /** Begins to listen for what other replicas leave undone. */
  start(): void {
    this.#redis.start(outboxChannel, {
      message: (prefix) => {
        this.#outbox.lookSoon(shardKeys.findIndex((key) => key.startsWith(prefix)))
      },
      change: () => {
        this.#mirror.forget()
        this.#waiting.missed()
        void this.#outbox.bringAll()
        this.changes.announce()
      },
    })
  }

  close(): void {
    clearTimeout(this.#wakeUp)
    this.#outbox.close()
    this.#redis.close()
  }

  async stats(): Promise<QueueStats[]> {
    await this.refresh()
    return this.#mirror.stats()
  }

  lastStats(): QueueStats[] {
    return this.#mirror.stats()
  }

  statsOf(queue: string): QueueStats | undefined {
    return this.#mirror.statsOf(queue)
  }

  async refresh(): Promise<void> {
    await this.#look()
    this.#wakeAtFirst()
  }

  async totals(): Promise<Totals> {
    await this.#look()
    return this.#mirror.totals()
  }

  async create(queue: string, settings?: QueueSettings): Promise<void> {
    if (!settings) {
      await this.#grow('create', queue)
      return
    }
    const {
      maxDeliveries = '',
      deadLetter = '',
      maxLength = '',
      maxAgeSeconds = '',
      overflow = '',
    } = settings
    if (deadLetter !== '') await this.#grow('ensure', deadLetter)
    const limits = [maxDeliveries, deadLetter, maxLength, maxAgeSeconds, overflow]
    await this.#grow('create', queue, limits.map(String))
  }

  async delete(queue: string): Promise<void> {
    await this.#ask('delete', queue)
  }

  async drain(queue: string): Promise<void> {
    await this.#ask('drain', queue)
  }

  async enqueue(
    queue: string,
    body: string,
    key?: string,
    delaySeconds = 0,
    trace?: TraceContext,
  ): Promise<Message> {
    const tail = this.#tail()
    const put = [tail, String(delaySeconds * 1000), traceText(trace), body]
    if (key === undefined) {
      const [place, time] = await this.#grow('enqueue', queue, put)
      return {
        kind: 'message',
        id: nameOf(Number(place), tail),
        body,
        creationTimestamp: timestamp(Number(time)),
      }
    }
    const sender = [digest(key), digest(body), ...this.#limits]
    const [head] = await this.#grow('send', queue, [...sender, ...put])
    return messageIn(`${String(head)}${body}`)
  }

  async enqueueAll(
    queue: string,
    bodies: readonly string[],
    delaySeconds = 0,
    trace?: TraceContext,
  ): Promise<Message[]> {
    if (bodies.length === 0) return []
    const tail = this.#tail()
    const put = [tail, String(delaySeconds * 1000), traceText(trace), ...bodies]
    const reply = await this.#grow('enqueue', queue, put)
    const [place, time] = reply.map(Number)
    const creationTimestamp = timestamp(time ?? 0)
    return bodies.map((body, at) => ({
      kind: 'message',
      id: nameOf((place ?? 0) + at, tail),
      body,
      creationTimestamp,
    }))
  }

  async dequeue(queue: string, leaseSeconds?: number): Promise<DeliveredMessage | Empty> {
    const taking = leaseSeconds === undefined ? { count: 1 } : { count: 1, leaseSeconds }
    const taken = await this.dequeueSome(queue, taking)
    if (!Array.isArray(taken)) return taken
    const [message] = taken
    return message ?? { kind: 'empty', leased: 0 }
  }

  async dequeueSome(queue: string, { count, leaseSeconds }: Taking): Promise<DeliveredMessage[] | Empty> {
    if (leaseSeconds === undefined)
      return takenIn(await this.#ask('dequeue', queue, [String(count)]), undefined)
    const tail = this.#tail()
    const args = [String(count), tail, String(leaseSeconds * 1000)]
    return takenIn(await this.#ask('dequeue', queue, args), tail)
  }

  waitFor(
    queue: string,
    taking: Taking,
    seconds: number,
    signal: AbortSignal,
  ): Promise<DeliveredMessage[] | Empty> {
    this.#hearOfMessages()
    return this.#waiting.waitFor(queue, taking, seconds, signal)
  }

  async ack(queue: string, lease: string): Promise<void> {
    oneOf(await this.ackAll(queue, [lease]))
  }

  async nack(queue: string, lease: string, delaySeconds = 0): Promise<void> {
    oneOf(await this.nackAll(queue, [lease], delaySeconds))
  }

  async ackAll(queue: string, leases: readonly string[]): Promise<Settlement> {
    return settlementOf(leases, await this.#ask('ack', queue, [...this.#limits, ...leases]))
  }

  async nackAll(queue: string, leases: readonly string[], delaySeconds = 0): Promise<Settlement> {
    return settlementOf(leases, await this.#ask('nack', queue, [String(delaySeconds * 1000), ...leases]))
  }

  async renew(queue: string, lease: string): Promise<void> {
    oneOf(settlementOf([lease], await this.#ask('renew', queue, [lease])))
  }

  async peek(queue: string, count: number, after?: string): Promise<PeekedMessages> {
    const place = after === undefined ? 0 : placeIn(after)
    return peekedIn(await this.#ask('peek', queue, [String(place), String(count)]))
  }

  async redrive(queue: string, id?: string): Promise<number> {
    if (id !== undefined) return Number((await this.#ask('redriveOne', queue, [id]))[0])
    let [moved, seen, last] = [0, 0, '']
    // Up to what was there at first: what comes meanwhile would never end.
    while (last === '' || seen < Number(last)) {
      const reply = await this.#ask('redrive', queue, [String(seen), last, String(redriveStep)])
      moved += Number(reply[0])
      seen = Number(reply[1])
      last = String(reply[2])
    }
    return moved
  }

  get #limits(): [seconds: string, count: string] {
    return [String(this.#remembered.seconds), String(this.#remembered.count)]
  }

  /** What nobody can guess of a name; its place is put in front of it. */
  #tail(): string {
    return this.#ids.next().slice(12)
  }

  /** From the first one who waits on. */
  #hearOfMessages(): void {
    if (this.#isHearing) return
    this.#isHearing = true
    const { active } = this.#redis.subscribe(waitingChannel, (text) => {
      this.#waiting.told(text)
    })
    // One that is away is heard when it is back, and then whoever waits asks by itself.
    active.then(
      () => {
        this.#waiting.missed()
      },
      () => undefined,
    )
  }

  /** Hears of each change as long as somebody looks. */
  #watch(isWatched: boolean): void {
    this.#endWatch?.()
    this.#endWatch = isWatched
      ? this.#redis.subscribe(changesChannel, (queue) => {
          this.changes.announce(queue)
        }).end
      : undefined
  }

  /** Reads what has changed in all shards, once for all who ask in one turn of the event loop, as the metrics do. */
  #look(): Promise<void> {
    return (this.#looking ??= turn().then(() => {
      this.#looking = undefined
      return this.#readChanges()
    }))
  }

  async #readChanges(): Promise<void> {
    const told = await this.#shards.sendToAll('changes', (shard) => this.#mirror.known(shard))
    const news = told.map(({ shard, reply }) => ({ shard, ...this.#mirror.learn(shard, reply) }))
    const departed = news.filter(({ hasDepartures }) => hasDepartures)
    if (departed.length > 0) {
      await Promise.all(departed.map(({ shard }) => this.#outbox.bring(shard)))
      await this.#readChanges()
      return
    }
    if (news.some(({ isOther }) => isOther)) this.changes.announce()
  }

  /** Nobody may ask when a lease or a delay ends, and those who watch want to see it. */
  #wakeAtFirst(): void {
    clearTimeout(this.#wakeUp)
    const first = this.#mirror.changesIn
    if (first === undefined) return
    this.#wakeUp = setTimeout(
      () => {
        this.changes.announce()
      },
      Math.min(first + 1, longestTimerMs),
    ).unref()
  }

  /** Has an operation done that Redis refuses when it is full: the keys of senders make room for it, as long as there are any. */
  async #grow(name: string, queue: string, args: readonly string[] = []): Promise<readonly unknown[]> {
    for (;;) {
      try {
        return await this.#shards.ask(shardOf(queue), name, [queue, ...args], { grows: true })
      } catch (error) {
        if (!isRedisFull(error)) throw error
        const forgotten = await Promise.all(
          shardKeys.map((_, shard) => this.#shards.ask(shard, 'forget', [])),
        )
        if (forgotten.every(([count]) => count === 0)) throw error
      }
    }
  }

  /** Has an operation done on a queue. */
  #ask(name: string, queue: string, args: readonly string[] = []): Promise<readonly unknown[]> {
    return this.#shards.ask(shardOf(queue), name, [queue, ...args])
  }
}

/** @param reply which of the leases are gone, by their number, after a 0 */
function settlementOf(leases: readonly string[], [, ...numbers]: readonly unknown[]): Settlement {
  const gone = numbers.map((number) => leases[Number(number)] ?? '')
  return { kind: 'settlement', settled: leases.length - gone.length, gone }
}

/** @throws RefusedError `lease gone` when the only one is */
function oneOf({ gone }: Settlement): void {
  if (gone.length > 0) throw new RefusedError('lease gone', refusalWords['lease gone'])
}
