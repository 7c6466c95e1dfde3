/** What sends, and what is kept from one run to the next; loaded when the first request is to be sent. */
import { TrafficRun, type Tools } from './run.ts'
import { Seconds } from './seconds.ts'
import { Totals } from './totals.ts'
import type { TrafficConfig } from './wire.ts'

export class Engine {
  readonly seconds: Seconds
  readonly totals = new Totals()

  /** @param secondChanged is told which second has been added or has gone, by the time that it began at */
  constructor(secondChanged: (at: string) => void) {
    this.seconds = new Seconds(secondChanged)
  }

  /** Makes a run. @param id how many there were before */
  make(config: TrafficConfig, id: number, tools: Pick<Tools, 'say' | 'changed' | 'tracing'>): TrafficRun {
    return new TrafficRun(id, config, { ...tools, seconds: this.seconds, totals: this.totals })
  }
}
