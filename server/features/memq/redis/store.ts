/**
 * Queues in Redis: replicas share them, and a pod that restarts forgets nothing. A queue is a list of what is new, a sorted set of what came
 * back and a sorted set of leases by their end. Not a stream: there a message's idle time is of the call that claimed it, so that
 * leases of several lengths would need the sorted set all the same, and what comes back could not go ahead of what is newer.
 * Leases end by Redis's clock, and whoever asks next takes back what has expired.
 */
import { crc32 } from 'node:zlib'
import { Changes } from '../../../state/topic.ts'
import { RandomIds } from '../random-ids.ts'
import {
  digest,
  remembered,
  RefusedError,
  refusalWords,
  type Empty,
  type Remembered,
  type QueueStore,
  type Refusal,
  type Totals,
} from '../store.ts'
import type { DeliveredMessage, Message, QueueStats } from '../wire.ts'
import { RedisAwayError, RedisError, type RedisConnection } from './connection.ts'
import { channel, functionName, libraryCode, type RedisFunction } from './functions.ts'
import { Mirror } from './mirror.ts'

/** How Redis says no, by the first word of its error. */
const refusals: Readonly<Record<string, Refusal>> = {
  MEMQUNKNOWN: 'queue unknown',
  MEMQEXISTS: 'queue exists',
  MEMQGONE: 'lease gone',
  MEMQREUSED: 'key reused',
  OOM: 'full',
}

const words: Partial<Record<Refusal, string>> = {
  ...refusalWords,
  full: 'Redis is full: it holds as much as its maxmemory lets it',
}

/** Enough to spread queues over the nodes of a cluster, few enough to be read together. */
const shardKeys = Array.from({ length: 16 }, (_, index) => `memq:{${index}}:queues`)

/** The queues of all servers on one Redis. */
export class RedisStore implements QueueStore {
  readonly changes = new Changes()
  readonly #redis: RedisConnection
  readonly #remembered: Remembered
  readonly #mirror = new Mirror(shardKeys.length)
  readonly #ids = new RandomIds()
  #wakeUp: NodeJS.Timeout | undefined

  constructor(redis: RedisConnection, limits: Remembered = remembered) {
    this.#redis = redis
    this.#remembered = limits
  }

  /** Begins to listen for what other replicas change. */
  start(): void {
    this.#redis.start(channel, {
      message: (queue) => {
        this.changes.announce(queue)
      },
      change: () => {
        this.#mirror.forget()
        this.changes.announce()
      },
    })
  }

  close(): void {
    clearTimeout(this.#wakeUp)
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

  async create(queue: string): Promise<void> {
    await this.#grow('create', queue)
  }

  async delete(queue: string): Promise<void> {
    await this.#call('delete', queue)
  }

  async drain(queue: string): Promise<void> {
    await this.#call('drain', queue)
  }

  async enqueue(queue: string, body: string, key?: string): Promise<Message> {
    const args = [this.#ids.next(), body]
    if (key !== undefined) args.push(digest(key), digest(body), ...this.#limits)
    return messageIn(`${String(await this.#grow('enqueue', queue, args))}${body}`)
  }

  async dequeue(queue: string, leaseSeconds?: number): Promise<DeliveredMessage | Empty> {
    const lease = leaseSeconds === undefined ? undefined : this.#ids.next()
    const args = lease === undefined ? [] : [lease, String((leaseSeconds ?? 0) * 1000)]
    const entry = await this.#call('dequeue', queue, args)
    if (typeof entry === 'number') return { kind: 'empty', leased: entry }
    const message = messageIn(String(entry))
    return lease === undefined ? message : { ...message, lease }
  }

  async ack(queue: string, lease: string): Promise<void> {
    await this.#call('ack', queue, [lease, ...this.#limits])
  }

  async nack(queue: string, lease: string): Promise<void> {
    await this.#call('nack', queue, [lease])
  }

  async renew(queue: string, lease: string): Promise<void> {
    await this.#call('renew', queue, [lease])
  }

  get #limits(): [seconds: string, count: string] {
    return [String(this.#remembered.seconds), String(this.#remembered.count)]
  }

  /** Reads what has changed in all shards: by one command, or one for each in a cluster, sent together. */
  async #look(): Promise<void> {
    const groups = await this.#redis.groups(shardKeys).catch(refuse)
    const news = await Promise.all(
      groups.map(async (keys) => {
        const indexes = keys.map((key) => shardKeys.indexOf(key))
        const known = indexes.flatMap((index) => this.#mirror.known(index))
        const replies = await this.#send('changes', keys, known)
        return (Array.isArray(replies) ? replies : []).map((reply, at) =>
          this.#mirror.learn(indexes[at] ?? 0, reply),
        )
      }),
    )
    if (news.flat().includes(true)) this.changes.announce()
  }

  /** Nobody may ask when a lease ends, and those who watch want to see it. */
  #wakeAtFirst(): void {
    clearTimeout(this.#wakeUp)
    const first = this.#mirror.firstLeaseEnds
    if (first === undefined) return
    this.#wakeUp = setTimeout(() => {
      this.changes.announce()
    }, first + 1).unref()
  }

  /** Calls a function on a queue that Redis refuses when it is full: the keys of senders make room for it, as long as there are any. */
  async #grow(name: RedisFunction, queue: string, args: readonly string[] = []): Promise<unknown> {
    for (;;) {
      try {
        return await this.#call(name, queue, args)
      } catch (error) {
        if (!(error instanceof RefusedError) || error.refusal !== 'full') throw error
        const forgotten = await Promise.all(shardKeys.map((key) => this.#send('forget', [key])))
        if (forgotten.every((count) => count === 0)) throw error
      }
    }
  }

  /** Calls a function on a queue. */
  #call(name: RedisFunction, queue: string, args: readonly string[] = []): Promise<unknown> {
    const key = shardKeys[crc32(queue) % shardKeys.length] ?? ''
    return this.#send(name, [key], [queue, ...args])
  }

  /** Calls a function, which Redis is given first where it has none of this version. */
  async #send(name: RedisFunction, keys: readonly string[], args: readonly string[] = []): Promise<unknown> {
    const [key = ''] = keys
    const command = ['FCALL', functionName(name), String(keys.length), ...keys, ...args]
    try {
      return await this.#redis.send(key, command).catch(async (error: unknown) => {
        if (!(error instanceof RedisError) || !error.message.includes('Function not found')) throw error
        await this.#redis.send(key, ['FUNCTION', 'LOAD', 'REPLACE', libraryCode()])
        return this.#redis.send(key, command)
      })
    } catch (error) {
      return refuse(error)
    }
  }
}

/** @throws RefusedError for what Redis does not do, else the error itself */
function refuse(error: unknown): never {
  if (error instanceof RedisAwayError) throw new RefusedError('away', error.message)
  if (!(error instanceof RedisError)) throw error
  const [code = '', ...rest] = error.message.split(' ')
  const refusal = refusals[code]
  if (refusal === undefined) throw new RefusedError('away', `Redis says: ${error.message}`)
  throw new RefusedError(refusal, words[refusal] ?? rest.join(' '))
}

/** @param entry as functions.ts has it */
function messageIn(entry: string): Message {
  return {
    kind: 'message',
    id: entry.slice(16, 48),
    body: entry.slice(61),
    creationTimestamp: new Date(Number(entry.slice(48, 61))).toISOString(),
  }
}
