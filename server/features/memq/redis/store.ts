/**
 * Queues in Redis: replicas share them, and a pod that restarts forgets nothing. A queue is a list of what is new, a sorted set of what came
 * back and a sorted set of leases by their end. Not a stream: there a message's idle time is of the call that claimed it, so that
 * leases of several lengths would need the sorted set all the same, and what comes back could not go ahead of what is newer.
 * Leases end by Redis's clock, and whoever asks next takes back what has expired.
 */
import { Changes } from '../../../state/topic.ts'
import { RandomIds } from '../random-ids.ts'
import { RedisAwayError, RedisError, type RedisConnection } from './connection.ts'
import { channel, functionName, libraryCode, type RedisFunction } from './functions.ts'
import { keySeconds, RefusedError, type Empty, type QueueStore, type Refusal, type Totals } from '../store.ts'
import type { DeliveredMessage, Message, QueueStats } from '../wire.ts'

/** The names of all queues. */
const namesKey = 'memq:queues'
/** The flow through queues that have been deleted. */
const pastKey = 'memq:past'

/** How Redis says no, by the first word of its error. */
const refusals: Readonly<Record<string, Refusal>> = {
  MEMQUNKNOWN: 'queue unknown',
  MEMQEXISTS: 'queue exists',
  MEMQGONE: 'lease gone',
  OOM: 'full',
}

const words: Partial<Record<Refusal, string>> = {
  'lease gone': 'this lease has expired, was finished or given back, or never was',
  full: 'Redis is full: it holds as much as its maxmemory lets it',
}

/** A queue's figures, and when the first of its leases ends. */
interface Figures extends QueueStats {
  /** In milliseconds; below 0 when nothing is leased. */
  readonly firstLeaseEnds: number
}

/** The queues of all servers on one Redis. */
export class RedisStore implements QueueStore {
  readonly changes = new Changes()
  readonly #redis: RedisConnection
  readonly #ids = new RandomIds()
  #wakeUp: NodeJS.Timeout | undefined

  constructor(redis: RedisConnection) {
    this.#redis = redis
  }

  /** Begins to listen for what other replicas change. */
  start(): void {
    const announce = () => {
      this.changes.announce()
    }
    this.#redis.start(channel, announce)
  }

  close(): void {
    clearTimeout(this.#wakeUp)
    this.#redis.close()
  }

  async stats(): Promise<QueueStats[]> {
    const figures = await this.#figuresOfAll()
    this.#wakeAtFirst(figures)
    return figures.map(({ firstLeaseEnds, ...stats }) => stats)
  }

  async totals(): Promise<Totals> {
    const [figures, past] = await Promise.all([
      this.#figuresOfAll(),
      this.#redis.send(pastKey, ['HMGET', pastKey, 'enqueued', 'dequeued', 'drained']).catch(refuse),
    ])
    const [enqueued, dequeued, drained] = numbersOf(past)
    const totals = { queues: figures.length, waiting: 0, leased: 0, enqueued, dequeued, drained }
    for (const queue of figures) {
      totals.waiting += queue.depth
      totals.leased += queue.leased
      totals.enqueued += queue.enqueued
      totals.dequeued += queue.dequeued
      totals.drained += queue.drained
    }
    return totals
  }

  async create(queue: string): Promise<void> {
    // Listed first: a name without a queue is not shown, a queue without its name would be hidden for good.
    await this.#list(queue)
    await this.#call('create', queue)
  }

  async delete(queue: string): Promise<void> {
    const [enqueued, dequeued, drained, depth, leased] = numbersOf(await this.#call('delete', queue))
    const past = { enqueued, dequeued, drained: drained + depth + leased }
    for (const [flow, count] of Object.entries(past))
      if (count > 0) await this.#redis.send(pastKey, ['HINCRBY', pastKey, flow, String(count)]).catch(refuse)
    await this.#unlist(queue)
  }

  async drain(queue: string): Promise<void> {
    await this.#call('drain', queue)
  }

  async enqueue(queue: string, body: string, key?: string): Promise<Message> {
    const args = [this.#ids.next(), body, String(keySeconds)]
    const moreKeys = key === undefined ? [] : [`${tagOf(queue)}:sent:${key}`]
    return messageIn(await this.#call('enqueue', queue, args, moreKeys))
  }

  async dequeue(queue: string, leaseSeconds?: number): Promise<DeliveredMessage | Empty> {
    const lease = leaseSeconds === undefined ? undefined : this.#ids.next()
    const args = lease === undefined ? [] : [lease, String((leaseSeconds ?? 0) * 1000)]
    const entry = await this.#call('dequeue', queue, args)
    if (typeof entry === 'number') return { kind: 'empty', leased: entry }
    const message = messageIn(entry)
    return lease === undefined ? message : { ...message, lease }
  }

  async ack(queue: string, lease: string): Promise<void> {
    await this.#call('ack', queue, [lease])
  }

  async nack(queue: string, lease: string): Promise<void> {
    await this.#call('nack', queue, [lease])
  }

  async renew(queue: string, lease: string): Promise<void> {
    await this.#call('renew', queue, [lease])
  }

  /** Another replica may have made the queue anew meanwhile, and listed it before this. */
  async #unlist(queue: string): Promise<void> {
    const [figuresKey = ''] = keysOf(queue)
    await this.#redis.send(namesKey, ['SREM', namesKey, queue]).catch(refuse)
    if ((await this.#redis.send(figuresKey, ['EXISTS', figuresKey]).catch(refuse)) === 1)
      await this.#list(queue)
  }

  async #list(queue: string): Promise<void> {
    await this.#redis.send(namesKey, ['SADD', namesKey, queue]).catch(refuse)
  }

  async #figuresOfAll(): Promise<Figures[]> {
    const names = stringsOf(await this.#redis.send(namesKey, ['SMEMBERS', namesKey]).catch(refuse))
    const figures = await Promise.all(names.sort(byCodeUnits).map((name) => this.#figuresOf(name)))
    return figures.filter((one) => one !== undefined)
  }

  /** Undefined where a name has outlived its queue. */
  async #figuresOf(name: string): Promise<Figures | undefined> {
    try {
      const figures = numbersOf(await this.#call('figures', name))
      const [enqueued, dequeued, drained, depth, leased, firstLeaseEnds] = figures
      return { name, depth, enqueued, dequeued, drained, leased, firstLeaseEnds }
    } catch (error) {
      if (error instanceof RefusedError && error.refusal === 'queue unknown') return undefined
      throw error
    }
  }

  /** Nobody may ask when a lease ends, and those who watch want to see it. */
  #wakeAtFirst(figures: readonly Figures[]): void {
    clearTimeout(this.#wakeUp)
    const first = Math.min(...figures.map(({ firstLeaseEnds }) => firstLeaseEnds).filter((end) => end >= 0))
    if (first === Infinity) return
    this.#wakeUp = setTimeout(() => {
      this.changes.announce()
    }, first + 1).unref()
  }

  /** Calls a function on a queue, which Redis is given first where it has none of this version. */
  async #call(
    name: RedisFunction,
    queue: string,
    args: readonly string[] = [],
    moreKeys: readonly string[] = [],
  ): Promise<unknown> {
    const keys = [...keysOf(queue), ...moreKeys]
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

/** What is between the braces puts all keys of a queue on one node of a cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags). */
const tagOf = (queue: string): string => `memq:{${encodeURIComponent(queue)}}`

const keysOf = (queue: string): string[] =>
  ['figures', 'waiting', 'returned', 'leases', 'held'].map((part) => `${tagOf(queue)}:${part}`)

/** @throws RefusedError for what Redis does not do, else the error itself */
function refuse(error: unknown): never {
  if (error instanceof RedisAwayError) throw new RefusedError('away', error.message)
  if (!(error instanceof RedisError)) throw error
  const [code = '', ...rest] = error.message.split(' ')
  const refusal = refusals[code]
  if (refusal === undefined) throw new RefusedError('away', `Redis says: ${error.message}`)
  throw new RefusedError(refusal, words[refusal] ?? rest.join(' '))
}

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : 1)

function stringsOf(reply: unknown): string[] {
  if (reply instanceof Set) return [...reply].map(String)
  return Array.isArray(reply) ? reply.map(String) : []
}

/** As many numbers as anyone here wants; what is not there is 0. */
function numbersOf(reply: unknown): [number, number, number, number, number, number] {
  const [one = 0, two = 0, three = 0, four = 0, five = 0, six = 0] = Array.isArray(reply)
    ? reply.map(Number)
    : []
  return [one, two, three, four, five, six]
}

/** @param entry as redis-functions.ts has it */
function messageIn(entry: unknown): Message {
  const text = String(entry)
  return {
    kind: 'message',
    id: text.slice(16, 48),
    body: text.slice(61),
    creationTimestamp: new Date(Number(text.slice(48, 61))).toISOString(),
  }
}
