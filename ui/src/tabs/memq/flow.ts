/** How fast messages flow through a queue. */
import type { QueueSample } from './queue-samples.ts'

/** What the rates are taken over, in milliseconds. */
const windowMs = 10_000

/** Messages a second over the window, in and out. */
export interface Flow {
  readonly enqueued: number
  readonly dequeued: number
}

const still: Flow = { enqueued: 0, dequeued: 0 }

/**
 * @param samples oldest first
 * @param now in milliseconds since 1970; the rates fall to 0 by themselves as it goes on
 */
export function flowOf(samples: readonly QueueSample[], now: number): Flow {
  const newest = samples.at(-1)
  const start = samples.findLast(({ time }) => time <= now - windowMs) ?? samples[0]
  if (!newest || !start) return still
  // What is known may be shorter than the window.
  const seconds = Math.min(Math.max(now - start.time, 1_000), windowMs) / 1_000
  return {
    enqueued: (newest.enqueued - start.enqueued) / seconds,
    dequeued: (newest.dequeued - start.dequeued) / seconds,
  }
}
