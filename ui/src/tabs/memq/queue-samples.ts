/** One queue's figures over the last few minutes, oldest first: one sample whenever a figure has changed. */
import type { QueueStats } from '../../../../server/features/memq/wire.ts'
import { spanMs } from '../../lib/trail.ts'

/** One queue's figures at a time. */
export interface QueueSample extends QueueStats {
  /** In milliseconds since 1970. */
  readonly time: number
  /** The greatest depth that this sample stands for: there is one for each second at most. */
  readonly peak: number
}

/** Finer than a small plot shows; ten events a second would be 3,000 samples of each queue. */
const sampleMs = 1_000

/** They only grow; a queue that was deleted and made anew under its name starts from 0. */
const totals = ['enqueued', 'dequeued', 'drained', 'dead'] as const
const figures = [...totals, 'depth', 'leased', 'delayed'] as const

/** @returns the samples with the queue's figures at a time; the same array if those are the last ones */
export function withSample(
  samples: readonly QueueSample[],
  stats: QueueStats,
  time: number,
): readonly QueueSample[] {
  const last = samples.at(-1)
  if (last && figures.every((figure) => last[figure] === stats[figure])) return samples
  const goesOn = last !== undefined && totals.every((total) => last[total] <= stats[total])
  const kept = goesOn ? recent(samples, time) : []
  // The first one stays: what came after it is counted from there.
  const before = kept.length > 1 && isSameSlot(last?.time ?? 0, time) ? kept.pop() : undefined
  return [...kept, { ...stats, time, peak: Math.max(before?.peak ?? 0, stats.depth) }]
}

/** Those in the span, and the one before them, which says how the span began. */
function recent(samples: readonly QueueSample[], time: number): QueueSample[] {
  const first = samples.findIndex((sample) => sample.time >= time - spanMs)
  return samples.slice(first < 0 ? -1 : Math.max(first - 1, 0))
}

const isSameSlot = (one: number, other: number): boolean =>
  Math.floor(one / sampleMs) === Math.floor(other / sampleMs)
