/** A Job in words: of which pattern it is, and how it goes. */
import type { Condition, Job } from '../../../../../server/features/cluster/wire.ts'
import { countOf, formatSeconds } from '../../../lib/format.ts'

/** Which of the patterns it is: https://kubernetes.io/docs/concepts/workloads/controllers/job/#parallel-jobs */
export function patternWords({ completions, parallelism, completionMode }: Job): string {
  const together = `${String(parallelism)} at a time`
  if (completionMode === 'Indexed') return `Indexed: each of ${countIndexes(completions ?? 0)}, ${together}`
  if (completions === undefined)
    return `work queue: ${countOf(parallelism, 'pod')}, until one succeeds and all have ended`
  if (completions === 1) return 'one-shot: one pod, until it succeeds'
  return `parallel: until ${String(completions)} succeed, ${together}`
}

const countIndexes = (count: number): string => (count === 1 ? '1 index' : `${String(count)} indexes`)

export interface JobState {
  readonly word: string
  readonly isBad: boolean
  /** The controller's own words, if there are any. */
  readonly why?: string
}

/** In the order in which they tell most. */
const ends = [
  ['Failed', 'failed', true],
  ['Complete', 'complete', false],
  ['FailureTarget', 'failing: its last pods end', true],
  ['SuccessCriteriaMet', 'succeeding: its last pods end', false],
  ['Suspended', 'suspended', false],
] as const

/** How it goes. */
export function jobState({
  conditions = [],
  suspend,
  active,
  succeeded,
  failed,
  startTime,
  completionTime,
}: Job): JobState {
  for (const [type, word, isBad] of ends) {
    const condition = conditions.find((one) => one.type === type && one.status === 'True')
    if (condition)
      return { word: word + tookWords(type, startTime, completionTime), isBad, ...why(condition) }
  }
  if (suspend) return { word: 'suspended', isBad: false }
  if (active > 0) return { word: 'running', isBad: false }
  if (failed > 0) return { word: 'waits to try again', isBad: true }
  // Between the pods that have succeeded and the next ones.
  return { word: succeeded > 0 ? 'running' : 'to be started', isBad: false }
}

const tookWords = (type: string, start: string | undefined, end: string | undefined): string =>
  type === 'Complete' && start !== undefined && end !== undefined
    ? ` after ${formatSeconds((Date.parse(end) - Date.parse(start)) / 1000)}`
    : ''

/** That a Job has reached its completions says nothing more; a success policy may have ended it before. */
function why({ type, reason, message }: Condition): { why?: string } {
  if (type === 'Suspended' || (type === 'Complete' && reason !== 'SuccessPolicy')) return {}
  const words = [reason, message].filter((word) => word !== undefined).join(': ')
  return words === '' ? {} : { why: words }
}
