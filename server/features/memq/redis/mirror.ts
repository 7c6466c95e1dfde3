/** What this process knows of the queues in Redis, from reading what has changed. */
import type { Totals } from '../store.ts'
import type { QueueStats } from '../wire.ts'

/** One shard, as the function `changes` tells of it. */
type Told = readonly [
  since: string,
  version: number,
  firstLeaseEnds: number,
  past: readonly number[],
  changed: readonly (readonly [name: string, ...figures: number[]])[],
  names: readonly string[] | null,
]

interface Shard {
  /** Since when there are versions of it; empty when there are none. */
  since: string
  version: number
  /** In milliseconds from when it was told; below 0 when nothing is leased. */
  firstLeaseEnds: number
  /** The flow through queues that have been deleted. */
  past: readonly number[]
  readonly queues: Map<string, QueueStats>
}

const unknown = (): Shard => ({ since: '', version: 0, firstLeaseEnds: -1, past: [], queues: new Map() })

/** The figures of every shard, each as it was at one time. */
export class Mirror {
  readonly #shards: Shard[]
  /** In their order, until one comes or goes. */
  #names: string[] | undefined

  /** @param count how many shards there are */
  constructor(count: number) {
    this.#shards = Array.from({ length: count }, unknown)
  }

  /** What the function `changes` has to be told of a shard, so that it leaves out what is known. */
  known(index: number): [since: string, version: string] {
    const { since, version } = this.#shards[index] ?? unknown()
    return [since, String(version)]
  }

  /**
   * Takes in what the function told of a shard. What was asked for later may have come earlier.
   * @returns whether it is another shard than was known, so that anything may have changed
   */
  learn(index: number, reply: unknown): boolean {
    // As functions.ts makes it; Redis knows no types.
    const [since, version, firstLeaseEnds, past, changed, names] = reply as Told
    const shard = this.#shards[index] ?? unknown()
    if (since === shard.since && version < shard.version) return false
    const { queues } = shard
    const before = queues.size
    if (names !== null) {
      const there = new Set(names)
      for (const name of queues.keys()) if (!there.has(name)) queues.delete(name)
      if (queues.size < before) this.#names = undefined
    }
    for (const [name, enqueued = 0, dequeued = 0, drained = 0, depth = 0, leased = 0] of changed) {
      if (!queues.has(name)) this.#names = undefined
      queues.set(name, { name, depth, enqueued, dequeued, drained, leased })
    }
    this.#shards[index] = { since, version, firstLeaseEnds, past, queues }
    return shard.since !== '' && shard.since !== since
  }

  /** Redis may be another one, or have lost something. */
  forget(): void {
    for (const shard of this.#shards) shard.since = ''
  }

  /** Each queue's figures, sorted by name. */
  stats(): QueueStats[] {
    const all = new Map(this.#shards.flatMap(({ queues }) => [...queues]))
    this.#names ??= [...all.keys()].sort(byCodeUnits)
    return this.#names.flatMap((name) => all.get(name) ?? [])
  }

  /** One queue's figures; undefined if there is none of this name. */
  statsOf(name: string): QueueStats | undefined {
    return this.#shards.find(({ queues }) => queues.has(name))?.queues.get(name)
  }

  totals(): Totals {
    const totals = { queues: 0, waiting: 0, leased: 0, enqueued: 0, dequeued: 0, drained: 0 }
    for (const { past, queues } of this.#shards) {
      const [enqueued = 0, dequeued = 0, drained = 0] = past
      totals.queues += queues.size
      totals.enqueued += enqueued
      totals.dequeued += dequeued
      totals.drained += drained
      for (const queue of queues.values()) {
        totals.waiting += queue.depth
        totals.leased += queue.leased
        totals.enqueued += queue.enqueued
        totals.dequeued += queue.dequeued
        totals.drained += queue.drained
      }
    }
    return totals
  }

  /** When the first lease ends, in milliseconds from when it was told; undefined when nothing is leased. */
  get firstLeaseEnds(): number | undefined {
    const ends = this.#shards.map(({ firstLeaseEnds }) => firstLeaseEnds).filter((end) => end >= 0)
    return ends.length === 0 ? undefined : Math.min(...ends)
  }
}

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : 1)
