/** What all runs so far came to, for the metrics. */
import { bucketsMs } from './buckets.ts'
import { Latencies } from './latencies.ts'
import type { Outcome } from './sender.ts'

/** Counts as long as the process lives. */
export class Totals {
  /** By `answered` or the kind of failure. */
  readonly outcomes = new Map<string, number>()
  readonly #latencies = new Latencies()

  /** Answers by how long they took, as `bucketsMs` has them. */
  get durations(): number[] {
    return this.#latencies.countsUpTo(bucketsMs)
  }

  /** What all answers took together. */
  get seconds(): number {
    return this.#latencies.sum / 1000
  }

  /** @param latency in milliseconds */
  count({ reason, answerer }: Outcome, latency: number): void {
    const outcome = reason?.kind ?? 'answered'
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
    if (answerer) this.#latencies.record(latency)
  }
}
