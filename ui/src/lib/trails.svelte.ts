/** What the event stream has told since the page was opened, kept for the plots: bounded, and forgotten when another pod takes over. */
import type { MemoryStatus } from '../../../server/features/memory/wire.ts'
import type { QueueStats } from '../../../server/features/memq/wire.ts'
import type { ProbeCall } from '../../../server/features/probe/wire.ts'
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
    const oldest = Date.now() - spanMs
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

function followMemory(): Trail<MemorySample> {
  const trail = new Trail<MemorySample>()
  live.memory.listen((status) => {
    trail.add({ time: Date.now(), status })
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
}

/** By the queue's name; those that are gone are left out. */
class QueueTrails {
  #byName = $state.raw<ReadonlyMap<string, Trail<QueueSample>>>(new Map())

  constructor() {
    live.memq.listen(({ queues }) => {
      const time = Date.now()
      this.#byName = new Map(
        queues.map((queue) => {
          const trail = this.#byName.get(queue.name) ?? new Trail<QueueSample>()
          trail.add({ ...queue, time })
          return [queue.name, trail]
        }),
      )
    })
    live.onOtherPod(() => {
      this.#byName = new Map()
    })
  }

  /** Oldest first; empty for a queue that isn't there. */
  of(queue: string): readonly QueueSample[] {
    return this.#byName.get(queue)?.entries ?? []
  }
}

export const probeTrails = { liveness: followProbe('liveness'), readiness: followProbe('readiness') }
export const memoryTrail = followMemory()
export const queueTrails = new QueueTrails()
