/** What the last probes have in common, which is what the kubelet's thresholds count. */
import type { ProbeMark } from './new-marks.ts'

/** The last probes that were answered alike. */
export interface Run {
  readonly good: boolean
  readonly count: number
  /** The time of its first probe, in milliseconds since 1970; undefined if it may have begun before what is known. */
  readonly since: number | undefined
}

/** @param marks oldest first */
export function latestRun(marks: readonly ProbeMark[]): Run | undefined {
  const newest = marks.at(-1)
  if (!newest) return undefined
  const good = newest.code === 200
  const before = marks.findLastIndex(({ code }) => (code === 200) !== good)
  const first = marks[before + 1]
  const isWhole = before >= 0 || first?.id === 1
  return { good, count: marks.length - before - 1, since: isWhole ? first?.time : undefined }
}

/**
 * @param good how the next probe will be answered
 * @returns such as `The last 3 probes failed; none has come since.`
 */
export function describeRun({ good, count, since }: Run, next: boolean): string {
  const atLeast = since === undefined && count > 1 ? 'At least the' : 'The'
  const probes = count === 1 ? 'last probe' : `last ${String(count)} probes`
  const later = good === next ? '' : '; none has come since'
  return `${atLeast} ${probes} ${good ? 'passed' : 'failed'}${later}.`
}
