/** When a CronJob runs next, and what it has not started that was due, as its controller reckons it: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
import { Cron } from 'croner'
import type { CronJob } from '../../../../../server/features/cluster/wire.ts'
import { countOf, formatSeconds, formatTime } from '../../../lib/format.ts'
import { goDuration } from '../go-duration.ts'

/** The next time after one, both in milliseconds since 1970; undefined if there is none. */
export type NextRun = (after: number) => number | undefined

/** What has no time zone is by the controller manager's clock, which is UTC unless somebody changed it. */
const usualZone = 'UTC'

/** A run is started that soon after it is due, in milliseconds; what is later is told. */
const usualDelayMs = 10_000

/** The controller itself counts no further. */
const mostMissed = 100

/** @returns undefined for a schedule or a time zone that can't be read here */
export function nextRunOf(job: CronJob): NextRun | undefined {
  const { schedule, timeZone = usualZone, creationTimestamp = '' } = job
  const interval = /^@every (\S+)$/.exec(schedule)?.[1]
  if (interval !== undefined) return everyInterval(goDuration(interval), Date.parse(creationTimestamp))
  try {
    // As `5/15` is read by the controller, from 5 on. Where both days are restricted, either will do, as it is there.
    const cron = new Cron(schedule, { timezone: timeZone, mode: '5-part', sloppyRanges: true })
    // Its time zone is looked at only now.
    cron.nextRun()
    return (after) => nextMatch(cron, new Date(after))
  } catch {
    return undefined
  }
}

/** Of an hour that the clock leaves out, croner moves the runs to the next; the controller skips them. */
function nextMatch(cron: Cron, after: Date): number | undefined {
  let next = cron.nextRun(after)
  while (next && !cron.match(next)) next = cron.nextRun(next)
  return next?.getTime()
}

/** @param duration in milliseconds, of which the controller takes whole seconds, and 1 s at least */
function everyInterval(duration: number | undefined, from: number): NextRun | undefined {
  if (duration === undefined) return undefined
  const interval = Math.max(1, Math.floor(duration / 1000)) * 1000
  return (after) => from + interval * (Math.floor((after - from) / interval) + 1)
}

/** What was due and has not been started. */
export interface Missed {
  readonly count: number
  /** The latest of those that are counted, in milliseconds since 1970. */
  readonly latest: number
  /** Whether there are more than are counted: which is the latest of all is not known then. */
  readonly isMore: boolean
}

/** @param now by the server's clock, in milliseconds since 1970 */
function missedRuns(job: CronJob, next: NextRun, now: number): Missed | undefined {
  let due = next(Date.parse(job.lastScheduleTime ?? job.creationTimestamp ?? ''))
  let missed: Missed | undefined
  while (due !== undefined && due <= now) {
    missed = { count: (missed?.count ?? 0) + 1, latest: due, isMore: missed?.count === mostMissed }
    if (missed.isMore) return missed
    due = next(due)
  }
  return missed
}

/** What becomes of what was due and has not been started, in words; undefined if there is nothing, or nothing strange yet. */
export function missedWords(job: CronJob, next: NextRun, now: number): string | undefined {
  const missed = missedRuns(job, next, now)
  if (!missed) return undefined
  const isHeld = job.concurrencyPolicy === 'Forbid' && job.active.length > 0
  if (missed.isMore) return manyMissedWords(job, isHeld)
  const { count, latest } = missed
  const late = now - latest
  const isTooLate = late > (job.startingDeadlineSeconds ?? Infinity) * 1000
  if (job.suspend)
    return `${countOf(count, 'run')} passed while it is suspended: ${afterwards(count, isTooLate)}`
  if (isHeld) {
    const skipped = count > 1 ? `; ${countOf(count - 1, 'run')} before it skipped` : ''
    return `The run of ${formatTime(latest)} waits for ${job.active.join(', ')} to end${skipped}`
  }
  if (late < usualDelayMs) return undefined
  return isTooLate
    ? `The run of ${formatTime(latest)} is skipped: later than ${formatSeconds(job.startingDeadlineSeconds ?? 0)}`
    : `The run of ${formatTime(latest)} has not been started yet`
}

/** Of more than can be counted, none is named. */
function manyMissedWords({ suspend, active }: CronJob, isHeld: boolean): string {
  const runs = `More than ${countOf(mostMissed, 'run')}`
  if (suspend) return `${runs} passed while it is suspended`
  return isHeld ? `${runs} passed while ${active.join(', ')} is active` : `${runs} have not been started`
}

const afterwards = (count: number, isTooLate: boolean): string => {
  if (isTooLate) return 'too late to be started'
  return `${count === 1 ? 'it' : 'the latest'} starts as soon as it is resumed`
}

/** When the run was due that a Job was made for: the last part of its name is that minute since 1970. In milliseconds since 1970; undefined for one made by hand. */
export function dueTimeOf(job: string, cronJob: string): number | undefined {
  const [, minutes] = /^-(\d{7,})$/.exec(job.startsWith(cronJob) ? job.slice(cronJob.length) : '') ?? []
  return minutes === undefined ? undefined : Number(minutes) * 60_000
}
