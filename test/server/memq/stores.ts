/** The stores that are held against the model, each with a limit that a run reaches. */
import type { TestContext } from 'node:test'
import type { Clock } from '../../../server/features/memq/memory/clock.ts'
import { MemoryStore } from '../../../server/features/memq/memory/store.ts'
import { redisAddress } from '../../../server/features/memq/redis/address.ts'
import { RedisConnection } from '../../../server/features/memq/redis/connection.ts'
import { RedisStore } from '../../../server/features/memq/redis/store.ts'
import type { QueueStore, Remembered } from '../../../server/features/memq/store.ts'
import { atEnd } from '../../support/at-end.ts'
import { isThere, startRedis, startRedisCluster, type Redis } from '../../support/redis.ts'
import { hadRoom } from './refusals.ts'

/** So small that a run fills it now and then. */
const maxBytes = 10_000

/** So few that a run forgets some of them. */
export const limits: Remembered = { seconds: 1800, count: 3 }

/** When a clock that stands begins, in milliseconds since 1970. */
const begin = Date.UTC(2026, 0, 1)

/** A clock that stands still until it is told. */
export class StandingClock implements Clock {
  #time = 0
  readonly #due = new Map<object, { at: number; readonly run: () => void }>()

  now = () => this.#time

  wall = () => begin + this.#time

  after = (milliseconds: number, run: () => void) => {
    const alarm = {
      refresh: () => {
        // So that it is behind those for the same time.
        this.#due.delete(alarm)
        this.#due.set(alarm, { at: this.#time + milliseconds, run })
      },
      close: () => this.#due.delete(alarm),
    }
    alarm.refresh()
    return alarm
  }

  /** Rings each alarm at its time. */
  pass(milliseconds: number): void {
    const end = this.#time + milliseconds
    for (;;) {
      const next = [...this.#due].reduce<[object, { at: number; run: () => void }] | undefined>(
        (first, entry) => (first && first[1].at <= entry[1].at ? first : entry),
        undefined,
      )
      if (!next || next[1].at > end) break
      const [alarm, { at, run }] = next
      this.#due.delete(alarm)
      this.#time = Math.max(at, this.#time)
      run()
    }
    this.#time = end
  }
}

/** How many messages a queue of the store takes. */
async function roomOf(store: QueueStore): Promise<number> {
  await store.create('room')
  let count = 0
  while (await hadRoom(async () => store.enqueue('room', ''))) count += 1
  return count
}

/** What a property needs of a store: an empty one each time, and one more that shares its queues. */
interface Subject {
  readonly empty: () => Promise<readonly [QueueStore, QueueStore]>
  /** What is left to it, or of it, when every queue is deleted: always as much. */
  readonly room: (store: QueueStore) => Promise<number>
  readonly clock?: StandingClock
  /** How often to try: as often as is quick. */
  readonly runs: number
}

const valkey = async (context: TestContext): Promise<Subject> => {
  const server = await startRedis(context, [], 'valkey-server')
  return inRedis(context, server.url, [server])
}

export const subjects: Record<string, (context: TestContext) => Promise<Subject>> = {
  memory: () => {
    const clock = new StandingClock()
    const empty = () => {
      const store = new MemoryStore(maxBytes, limits, clock)
      return Promise.resolve([store, store] as const)
    }
    return Promise.resolve({ empty, room: roomOf, clock, runs: 400 })
  },
  'memory by the real clock': () => {
    const empty = () => {
      const store = new MemoryStore(maxBytes, limits)
      return Promise.resolve([store, store] as const)
    }
    return Promise.resolve({ empty, room: roomOf, runs: 50 })
  },
  Redis: async (context) => {
    const redis = await startRedis(context)
    return inRedis(context, redis.url, [redis])
  },
  'Redis Cluster': async (context) => {
    const { url, nodes } = await startRedisCluster(context)
    return inRedis(context, url, nodes)
  },
  // Where it is left out, memq-redis.test.ts says so.
  ...(isThere('valkey-server') ? { Valkey: valkey } : {}),
}

/** @returns a store of one replica */
function openStore(context: TestContext, url: string): RedisStore {
  const silent = { info: () => undefined, warn: () => undefined }
  const store = new RedisStore(new RedisConnection(redisAddress(url, '', undefined), silent), limits)
  store.start()
  atEnd(context, () => {
    store.close()
  })
  return store
}

function inRedis(context: TestContext, url: string, nodes: readonly Redis[]): Subject {
  const replicas = [openStore(context, url), openStore(context, url)] as const
  const empty = async () => {
    await Promise.all(nodes.map((node) => node.cli('FLUSHALL')))
    return replicas
  }
  const keys = async (): Promise<number> => {
    const all = (await Promise.all(nodes.map((node) => node.cli('KEYS', '*')))).join('\n').split('\n')
    return all.filter((key) => key !== '' && !key.endsWith(':totals')).length
  }
  return { empty, room: keys, runs: Math.ceil(40 / nodes.length) }
}
