/** The shards of the queues in Redis, and the way to them: what is asked of one in one turn of the event loop is one call. */
import { crc32 } from 'node:zlib'
import { RefusedError, refusalWords, type Refusal } from '../store.ts'
import { RedisAwayError, RedisError, type RedisConnection } from './connection.ts'
import type { RedisFunction } from './functions.ts'

/**
 * By which functions are told their shard: enough to spread queues over the nodes of a cluster, few enough to be read together. No such key
 * ever is, so that a node whose keys are moving to another one refuses a function before it begins (by ASK), and not in the middle,
 * where it would miss a key: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#ask-redirection.
 */
export const shardKeys = Array.from({ length: 16 }, (_, index) => `memq:{${index}}:absent`)

/** Kept, since a name of a module that is loaded late asks for the module at each use. */
let checksum: typeof crc32 | undefined

/** Which shard a queue is in. */
export const shardOf = (queue: string): number => (checksum ??= crc32)(queue) % shardKeys.length

/** How many operations are one call at most: Redis does nothing else meanwhile. */
const mostInOne = 500

const redisIsFull = 'Redis is full: it holds as much as its maxmemory lets it'

/** Whether it is Redis that has no room, rather than a queue by its settings. */
export const isRedisFull = (error: unknown): boolean =>
  error instanceof RefusedError && error.message === redisIsFull

/** How Redis says no: by the first word of its error, or by what a function refuses with. */
const refusals: Readonly<Record<string, readonly [Refusal, words: (detail: string) => string]>> = {
  MEMQUNKNOWN: ['queue unknown', () => 'does not exist'],
  MEMQEXISTS: ['queue exists', () => 'already exists'],
  MEMQREUSED: ['key reused', () => refusalWords['key reused']],
  MEMQLENGTH: ['full', (most) => `the queue is full: it may have ${most} messages that wait`],
  MEMQAGE: ['full', (seconds) => `the queue is late: its oldest message waits for more than ${seconds} s`],
  OOM: ['full', () => redisIsFull],
}

/** What is asked of a shard. */
interface Operation {
  readonly name: string
  readonly args: readonly string[]
  /** Whether a full Redis is to refuse it. */
  readonly grows: boolean
  /** Whether the answer waits until what has left the shard has arrived. */
  readonly waits: boolean
  readonly resolve: (reply: readonly unknown[]) => void
  readonly reject: (reason: unknown) => void
}

/** How an operation is done, if not as usual. */
export interface Manner {
  readonly grows?: boolean
  readonly waits?: boolean
}

/** Sends operations to the shards. */
export class Shards {
  readonly #redis: RedisConnection
  /** Loaded with the first call: most servers do without Redis. */
  #functions: typeof import('./functions.ts') | undefined
  readonly #departed: (shard: number) => Promise<void>
  readonly #asked = new Map<number, Operation[]>()

  /** @param departed brings messages that have left a shard to theirs */
  constructor(redis: RedisConnection, departed: (shard: number) => Promise<void>) {
    this.#redis = redis
    this.#departed = departed
  }

  /**
   * Has an operation of functions.ts done.
   * @throws RefusedError
   */
  ask(
    shard: number,
    name: string,
    args: readonly string[],
    { grows = false, waits = true }: Manner = {},
  ): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      this.#add(shard, { name, args, grows, waits, resolve, reject })
    })
  }

  #add(shard: number, operation: Operation): void {
    if (this.#asked.size === 0)
      setImmediate(() => {
        this.#sendAll()
      })
    const asked = this.#asked.get(shard)
    if (asked) asked.push(operation)
    else this.#asked.set(shard, [operation])
  }

  #sendAll(): void {
    const all = [...this.#asked]
    this.#asked.clear()
    for (const [shard, operations] of all)
      for (let at = 0; at < operations.length; at += mostInOne)
        void this.#sendSome(shard, operations.slice(at, at + mostInOne))
  }

  async #sendSome(shard: number, operations: readonly Operation[]): Promise<void> {
    const isGrowing = operations.some(({ grows }) => grows)
    const args: string[] = []
    for (const { name, args: own } of operations) args.push(name, String(own.length), ...own)
    try {
      const reply = await this.send(isGrowing ? 'grow' : 'run', [shardKeys[shard] ?? ''], args)
      // As the function `run` makes it.
      const [departures, ...replies] = reply as [number, ...(readonly unknown[])[]]
      const brought = departures > 0 ? this.#departed(shard) : undefined
      for (const [at, operation] of operations.entries()) {
        const own = replies[at] ?? []
        if (brought && operation.waits)
          void brought.then(() => {
            settle(operation, own)
          })
        else settle(operation, own)
      }
    } catch (error) {
      // Those that a full Redis does were refused with those that it does not: they go again at once, with no more of these.
      const goesAgain = ({ grows }: Operation) => !grows && isGrowing && isRedisFull(error)
      for (const operation of operations) if (!goesAgain(operation)) operation.reject(error)
      const again = operations.filter(goesAgain)
      if (again.length > 0) void this.#sendSome(shard, again)
    }
  }

  /**
   * Calls a function, which Redis is given first where it has none of this version.
   * @throws RefusedError
   */
  async send(name: RedisFunction, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const [key = ''] = keys
    const { functionName, libraryCode } = (this.#functions ??= await import('./functions.ts'))
    const command = ['FCALL', functionName(name), String(keys.length), ...keys, ...args]
    // What is only looked at needs no confirmation.
    const isChange = name === 'run' || name === 'grow'
    const send = () => (isChange ? this.#redis.change(key, command) : this.#redis.send(key, command))
    try {
      return await send().catch(async (error: unknown) => {
        if (!(error instanceof RedisError) || !error.message.includes('Function not found')) throw error
        await this.#redis.send(key, ['FUNCTION', 'LOAD', 'REPLACE', libraryCode()])
        return send()
      })
    } catch (error) {
      return refuseAs(error)
    }
  }

  /**
   * Calls a function that looks at all shards: by one command, or one for each in a cluster, sent together.
   * @param argsOf what it is told of a shard
   * @returns what it says of each
   * @throws RefusedError
   */
  async sendToAll(
    name: RedisFunction,
    argsOf: (shard: number) => readonly string[] = () => [],
  ): Promise<{ readonly shard: number; readonly reply: unknown }[]> {
    const groups = await this.#redis.groups(shardKeys).catch(refuseAs)
    const all = groups.map(async (keys) => {
      const shards = keys.map((key) => shardKeys.indexOf(key))
      const replies = await this.send(name, keys, shards.flatMap(argsOf))
      return (Array.isArray(replies) ? replies : []).map((reply: unknown, at) => ({
        shard: shards[at] ?? 0,
        reply,
      }))
    })
    return (await Promise.all(all)).flat()
  }
}

function settle({ resolve, reject }: Operation, reply: readonly unknown[]): void {
  if (reply[0] === -1) reject(refusalBy(String(reply[1]), String(reply[2])))
  else resolve(reply)
}

function refusalBy(code: string, detail: string): RefusedError {
  const refusal = refusals[code]
  return refusal
    ? new RefusedError(refusal[0], refusal[1](detail))
    : new RefusedError('away', `Redis says: ${code} ${detail}`)
}

/** @throws RefusedError for what Redis does not do, else the error itself */
function refuseAs(error: unknown): never {
  if (error instanceof RedisAwayError) throw new RefusedError('away', error.message)
  if (!(error instanceof RedisError)) throw error
  const [code = '', ...rest] = error.message.split(' ')
  throw refusalBy(code, rest.join(' '))
}
