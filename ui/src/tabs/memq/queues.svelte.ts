/** The queues as the event stream tells them, and each one's samples since its tab was opened. */
import type { MemqState, QueueStats } from '../../../../server/features/memq/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import { withSample, type QueueSample } from './queue-samples.ts'

export const memq = live.state<MemqState>('memq')

class SampledQueue {
  #samples = $state.raw<readonly QueueSample[]>([])

  get samples(): readonly QueueSample[] {
    return this.#samples
  }

  add(stats: QueueStats, time: number): void {
    this.#samples = withSample(this.#samples, stats, time)
  }
}

/** By the queue's name; those that are gone are left out. */
class SampledQueues {
  #byName = $state.raw<ReadonlyMap<string, SampledQueue>>(new Map())

  constructor() {
    memq.listen(({ queues }, time, resumed) => {
      // What went through meanwhile would count as the last seconds' flow.
      const before = resumed ? new Map<string, SampledQueue>() : this.#byName
      const isSame = queues.length === before.size && queues.every(({ name }) => before.has(name))
      if (!isSame)
        this.#byName = new Map(queues.map(({ name }) => [name, before.get(name) ?? new SampledQueue()]))
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

export const sampledQueues = new SampledQueues()
