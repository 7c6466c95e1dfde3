/** The memory as the event stream tells it, what it was since its tab was opened first, and the last restart. */
import type { MemoryStatus } from '../../../../server/features/memory/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import { Trail } from '../../lib/trail.svelte.ts'

/** One look at the memory. */
interface MemorySample {
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

class Memory {
  readonly state = live.state<MemoryStatus>('memory')
  readonly trail = new Trail<MemorySample>()
  /** The last one, until it is dismissed. */
  restart = $state.raw<Restart>()
  #latest: MemoryStatus | undefined

  constructor() {
    this.state.listen((status, time) => {
      if (this.#latest && status.node.startedAt !== this.#latest.node.startedAt)
        this.restart = { time, before: this.#latest, after: status }
      this.#latest = status
      this.trail.add({ time, status })
    })
    live.onOtherPod(() => {
      this.#latest = this.restart = undefined
    })
  }
}

export const memory = new Memory()
