/** The figures of the Memory page, on request and for those who watch. */
import { readCgroup } from '../../host/cgroup.ts'
import { stackSize } from '../../host/memory.ts'
import type { Topic } from '../../state/topic.ts'
import { Ballast } from '../../host/ballast.ts'
import type { Collections } from './collections.ts'
import { memStats, memStatsInDetail } from './mem-stats.ts'
import type { MemoryReport, MemoryStatus } from './wire.ts'

/** How often those who watch are told. */
const intervalMs = 1000

const startedAt = new Date(performance.timeOrigin).toISOString()

/** Reads the process's memory and its limits. */
export class MemoryGauge implements Topic {
  readonly #ballast: Ballast
  readonly #collections: Collections

  constructor(ballast: Ballast, collections: Collections) {
    this.#ballast = ballast
    this.#collections = collections
  }

  /** Reads everything anew. */
  async snapshot(): Promise<MemoryStatus> {
    // V8's module takes longer to load than the rest of this feature.
    const [{ getHeapStatistics }, cgroup, stack] = await Promise.all([
      import('node:v8'),
      readCgroup(),
      stackSize(),
    ])
    const { allocated } = this.#ballast
    const usage = process.memoryUsage()
    const heap = getHeapStatistics()
    const node = { ...usage, heapLimit: heap.heap_size_limit, allocated, startedAt }
    return {
      memStats: memStats({ usage, heap, stack, unused: Ballast.unused, collections: this.#collections }),
      node,
      cgroup,
    }
  }

  /** As snapshot, with each of the last collections. */
  async report(): Promise<MemoryReport> {
    const status = await this.snapshot()
    return { ...status, memStats: { ...status.memStats, ...memStatsInDetail(this.#collections) } }
  }

  /** As Topic.subscribe. The figures change all the time, so that is said once a second, and whenever memory is taken or given back. */
  subscribe(listener: () => void): () => void {
    const timer = setInterval(listener, intervalMs)
    const unsubscribe = this.#ballast.changes.subscribe(listener)
    return () => {
      clearInterval(timer)
      unsubscribe()
    }
  }
}
