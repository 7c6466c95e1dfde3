/** What the event stream has told since the page was opened, kept for the plots: bounded, and forgotten when another pod takes over. */
import type { KeyGenProgress } from '../../../server/features/keygen/wire.ts'
import type { MemoryStatus } from '../../../server/features/memory/wire.ts'
import type { QueueStats } from '../../../server/features/memq/wire.ts'
import type { ProbeCall } from '../../../server/features/probe/wire.ts'
import { clock } from './clock.svelte.ts'
import { live } from './live.svelte.ts'

/** How far back plots and strips reach, in milliseconds. */
export const spanMs = 5 * 60_000

/** Enough for one each second over the span, and a bound for what comes more often. */
const maxEntries = 600

/** What came, oldest first. */
class Trail<Entry extends { readonly time: number }> {
  #entries = $state.raw<readonly Entry[]>([])

  get entries(): readonly Entry[] {
    return this.#entries
  }

  add(...entries: readonly Entry[]): void {
    const oldest = clock.at() - spanMs
    this.#entries = [...this.#entries.filter(({ time }) => time >= oldest), ...entries].slice(-maxEntries)
  }

  forget(): void {
    this.#entries = []
  }
}

/** One probe that was answered. */
export interface ProbeMark {
  readonly id: number
  /** In milliseconds since 1970. */
  readonly time: number
  readonly code: number
}

function followProbe(name: 'liveness' | 'readiness'): Trail<ProbeMark> {
  const trail = new Trail<ProbeMark>()
  live[name].listen(({ history }) => {
    const newest = trail.entries.at(-1)
    const marks = history
      .map(({ id, time, code }: ProbeCall) => ({ id, time: Date.parse(time), code }))
      .reverse()
    // A container that was restarted counts anew under the same name.
    const goesOn = newest !== undefined && (marks.at(-1)?.id ?? 0) >= newest.id
    trail.add(
      ...(goesOn
        ? marks.filter(({ id }) => id > newest.id)
        : marks.filter(({ time }) => time > (newest?.time ?? 0))),
    )
  })
  live.onOtherPod(() => {
    trail.forget()
  })
  return trail
}

/** One look at the memory. */
export interface MemorySample {
  /** In milliseconds since 1970. */
  readonly time: number
  readonly status: MemoryStatus
}

/** Another process than before answers under the pod's name. */
export interface Restart {
  /** In milliseconds since 1970. */
  readonly time: number
  /** The last that the old one told, and the first of the new one. */
  readonly before: MemoryStatus
  readonly after: MemoryStatus
}

class MemoryTrail extends Trail<MemorySample> {
  /** The last one, until it is dismissed. */
  restart = $state.raw<Restart>()
  #latest: MemoryStatus | undefined

  constructor() {
    super()
    live.memory.listen((status, time) => {
      // In one process it only grows.
      if (this.#latest && status.memStats.TotalAlloc < this.#latest.memStats.TotalAlloc)
        this.restart = { time, before: this.#latest, after: status }
      this.#latest = status
      this.add({ time, status })
    })
    live.onOtherPod(() => {
      this.#latest = this.restart = undefined
      this.forget()
    })
  }
}

/** How far the workload was at a time. */
export interface KeyGenSample {
  /** In milliseconds since 1970. */
  readonly time: number
  readonly progress: KeyGenProgress
}

/** Of the workload that runs now, or ran last. */
function followKeyGen(): Trail<KeyGenSample> {
  const trail = new Trail<KeyGenSample>()
  live.keygen.listen(({ progress }, time) => {
    if (trail.entries.at(-1)?.progress.startedAt !== progress.startedAt) trail.forget()
    trail.add({ time, progress })
  })
  live.onOtherPod(() => {
    trail.forget()
  })
  return trail
}

/** One queue's figures at a time. */
export interface QueueSample extends QueueStats {
  /** In milliseconds since 1970. */
  readonly time: number
  /** The greatest depth that this sample stands for: there is one for each second at most. */
  readonly peak: number
}

/** Finer than a small plot shows; ten events a second would be 3,000 samples of each queue. */
const queueSampleMs = 1_000

/** One queue's samples, oldest first: one whenever a figure has changed. */
class QueueTrail {
  #samples = $state.raw<readonly QueueSample[]>([])

  get samples(): readonly QueueSample[] {
    return this.#samples
  }

  add(stats: QueueStats, time: number): void {
    const last = this.#samples.at(-1)
    if (last && figures.every((figure) => last[figure] === stats[figure])) return
    const goesOn = last !== undefined && totals.every((total) => last[total] <= stats[total])
    const kept = goesOn ? this.#recent(time) : []
    // The first one stays: what came after it is counted from there.
    const before = kept.length > 1 && isSameSlot(last?.time ?? 0, time) ? kept.pop() : undefined
    this.#samples = [...kept, { ...stats, time, peak: Math.max(before?.peak ?? 0, stats.depth) }]
  }

  /** Those in the span, and the one before them, which says how the span began. */
  #recent(time: number): QueueSample[] {
    const first = this.#samples.findIndex((sample) => sample.time >= time - spanMs)
    return this.#samples.slice(first < 0 ? -1 : Math.max(first - 1, 0))
  }
}

/** They only grow; a queue that was deleted and made anew under its name starts from 0. */
const totals = ['enqueued', 'dequeued', 'drained'] as const
const figures = [...totals, 'depth', 'leased'] as const

const isSameSlot = (one: number, other: number): boolean =>
  Math.floor(one / queueSampleMs) === Math.floor(other / queueSampleMs)

/** By the queue's name; those that are gone are left out. */
class QueueTrails {
  #byName = $state.raw<ReadonlyMap<string, QueueTrail>>(new Map())

  constructor() {
    live.memq.listen(({ queues }, time) => {
      const before = this.#byName
      const isSame = queues.length === before.size && queues.every(({ name }) => before.has(name))
      if (!isSame)
        this.#byName = new Map(queues.map(({ name }) => [name, before.get(name) ?? new QueueTrail()]))
      for (const queue of queues) this.#byName.get(queue.name)?.add(queue, time)
    })
    live.onOtherPod(() => {
      this.#byName = new Map()
    })
  }

  /** Oldest first; empty for a queue that isn't there. */
  of(queue: string): readonly QueueSample[] {
    return this.#byName.get(queue)?.samples ?? []
  }
}

export const probeTrails = { liveness: followProbe('liveness'), readiness: followProbe('readiness') }
export const memoryTrail = new MemoryTrail()
export const keyGenTrail = followKeyGen()
export const queueTrails = new QueueTrails()
