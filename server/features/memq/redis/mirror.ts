/** What this process knows of the queues in Redis, from reading what has changed. */
import { timestamp } from '../../../text/timestamp.ts'
import type { Totals } from '../store.ts'
import type { QueueSettings, QueueStats } from '../wire.ts'

/** One queue, as the function `told` makes it. */
type ToldQueue = readonly [
  name: string,
  enqueued: number,
  dequeued: number,
  drained: number,
  dead: number,
  depth: number,
  leased: number,
  delayed: number,
  oldest: number,
  limits: readonly [
    maxDeliveries: string | number,
    deadLetter: string,
    maxLength: string | number,
    maxAgeSeconds: string | number,
    overflow: '' | 'refuse' | 'drop-oldest',
  ],
]

/** One shard, as the function `changes_in` makes it. */
type Told = readonly [
  since: string,
  version: number,
  changesIn: number,
  past: readonly number[],
  changed: readonly ToldQueue[],
  names: readonly string[] | null,
  departures: number,
]

/** What is learnt of a shard. */
interface News {
  /** It is another shard than was known, so that anything may have changed. */
  readonly isOther: boolean
  /** Something has left it for another shard. */
  readonly hasDepartures: boolean
}

interface Shard {
  /** Since when there are versions of it; empty when there are none. */
  since: string
  version: number
  /** When it changes by itself, in milliseconds from when it was told; below 0 when never. */
  changesIn: number
  /** The flow through queues that have been deleted. */
  past: readonly number[]
  readonly queues: Map<string, QueueStats>
}

const unknown = (): Shard => ({ since: '', version: 0, changesIn: -1, past: [], queues: new Map() })

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

  /** Takes in what the function told of a shard. What was asked for later may have come earlier. */
  learn(index: number, reply: unknown): News {
    // As functions.ts makes it; Redis knows no types.
    const [since, version, changesIn, past, changed, names, departures] = reply as Told
    const shard = this.#shards[index] ?? unknown()
    const hasDepartures = departures > 0
    if (since === shard.since && version < shard.version) return { isOther: false, hasDepartures }
    const { queues } = shard
    const before = queues.size
    if (names !== null) {
      const there = new Set(names)
      for (const name of queues.keys()) if (!there.has(name)) queues.delete(name)
      if (queues.size < before) this.#names = undefined
    }
    for (const told of changed) {
      if (!queues.has(told[0])) this.#names = undefined
      queues.set(told[0], statsIn(told))
    }
    this.#shards[index] = { since, version, changesIn, past, queues }
    return { isOther: shard.since !== '' && shard.since !== since, hasDepartures }
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
    const totals = {
      queues: 0,
      waiting: 0,
      leased: 0,
      delayed: 0,
      enqueued: 0,
      dequeued: 0,
      drained: 0,
      dead: 0,
    }
    for (const { past, queues } of this.#shards) {
      const [enqueued = 0, dequeued = 0, drained = 0, dead = 0] = past
      addFlow(totals, { enqueued, dequeued, drained, dead })
      totals.queues += queues.size
      for (const queue of queues.values()) {
        totals.waiting += queue.depth
        totals.leased += queue.leased
        totals.delayed += queue.delayed
        addFlow(totals, queue)
      }
    }
    return totals
  }

  /** When anything changes by itself, in milliseconds from when it was told; undefined when nothing does. */
  get changesIn(): number | undefined {
    const all = this.#shards.map(({ changesIn }) => changesIn).filter((end) => end >= 0)
    return all.length === 0 ? undefined : Math.min(...all)
  }
}

type Flow = Pick<QueueStats, 'enqueued' | 'dequeued' | 'drained' | 'dead'>

function addFlow(sum: Flow, { enqueued, dequeued, drained, dead }: Flow): void {
  sum.enqueued += enqueued
  sum.dequeued += dequeued
  sum.drained += drained
  sum.dead += dead
}

function statsIn([
  name,
  enqueued,
  dequeued,
  drained,
  dead,
  depth,
  leased,
  delayed,
  oldest,
  limits,
]: ToldQueue): QueueStats {
  const figures = { name, depth, enqueued, dequeued, drained, leased, delayed, dead }
  const settings = settingsIn(limits)
  return {
    ...figures,
    ...(oldest === 0 ? {} : { oldest: timestamp(oldest) }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  }
}

function settingsIn([
  maxDeliveries,
  deadLetter,
  maxLength,
  maxAgeSeconds,
  overflow,
]: ToldQueue[9]): QueueSettings {
  return {
    ...(maxDeliveries === '' ? {} : { maxDeliveries: Number(maxDeliveries) }),
    ...(deadLetter === '' ? {} : { deadLetter }),
    ...(maxLength === '' ? {} : { maxLength: Number(maxLength) }),
    ...(maxAgeSeconds === '' ? {} : { maxAgeSeconds: Number(maxAgeSeconds) }),
    ...(overflow === '' ? {} : { overflow }),
  }
}

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : 1)
