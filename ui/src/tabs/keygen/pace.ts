/** How fast keys are made, and how long the rest will take. */
import type { KeyGenProgress, KeyGenStatus } from '../../../../server/features/keygen/wire.ts'

/** How far the workload was at a time. */
export interface KeyGenSample {
  /** In milliseconds since 1970. */
  readonly time: number
  readonly progress: KeyGenProgress
}

/** Over how long the pace is measured, in milliseconds. */
const measuredMs = 60_000
/** Less tells nothing. */
const leastMs = 3_000

/** @returns undefined until there is enough to measure */
export function keysPerMinute(samples: readonly KeyGenSample[], now: number): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) return undefined
  const start = Math.max(first.time, now - measuredMs)
  if (now - start < leastMs) return undefined
  const before = samples.findLast(({ time }) => time <= start) ?? first
  return ((last.progress.done - before.progress.done) * 60_000) / (now - start)
}

/** How long the workload still runs, in seconds. */
export interface Rest {
  readonly seconds: number
  /** Whether it is reckoned from the pace, and not told by the server. */
  readonly isEstimate: boolean
}

/** @returns undefined where nothing limits it, or nothing can be said yet */
export function restOf(
  samples: readonly KeyGenSample[],
  pace: number | undefined,
  now: number,
): Rest | undefined {
  const last = samples.at(-1)
  if (last?.progress.running !== true) return undefined
  const { of, done, secondsLeft } = last.progress
  const told =
    secondsLeft === null
      ? undefined
      : { seconds: Math.max(0, secondsLeft - (now - last.time) / 1000), isEstimate: false }
  const reckoned = of === null || !pace ? undefined : { seconds: ((of - done) * 60) / pace, isEstimate: true }
  if (told && reckoned) return told.seconds < reckoned.seconds ? told : reckoned
  return told ?? reckoned
}

/** How a workload stands. */
export type Phase = 'never started' | 'running' | 'complete' | 'stopped'

/** The phase that a status means. */
export function phaseOf({ config, progress }: KeyGenStatus): Phase {
  if (progress.startedAt === null) return 'never started'
  if (progress.running) return 'running'
  return config.enable ? 'complete' : 'stopped'
}

/** How long a workload that has ended ran, in seconds: from its start to the last that it said. */
export function ranFor({ progress, history }: KeyGenStatus): number | undefined {
  const last = history.at(-1)
  if (progress.startedAt === null || !last) return undefined
  return Math.max(0, (Date.parse(last.time) - Date.parse(progress.startedAt)) / 1000)
}
