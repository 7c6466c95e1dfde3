/** What the container uses, as the event stream tells it, and what it was since its tab was opened first. */
import type { ContainerUsage } from '../../../../server/features/container/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import { Trail } from '../../lib/trail.svelte.ts'
import type { UsageSample } from './usage-words.ts'

class Usage {
  readonly state = live.state<ContainerUsage>('container')
  readonly trail = new Trail<UsageSample>()

  constructor() {
    this.state.listen((usage, time) => {
      this.trail.add({ time, usage })
    })
  }
}

export const containerUsage = new Usage()
