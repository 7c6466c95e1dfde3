/** How traffic stands, and how fast it goes. */
import type { TrafficSecond, TrafficStatus } from '../../../../server/features/traffic/wire.ts'

export type Phase = 'never started' | 'sending' | 'ended'

export function phaseOf({ progress }: Pick<TrafficStatus, 'progress'>): Phase {
  if (progress.startedAt === null) return 'never started'
  return progress.running ? 'sending' : 'ended'
}

/** Over how long the rate is measured, at least; where few are sent, over ten of them. In milliseconds. */
const windowOf = (rate: number): number => Math.max(5_000, 10_000 / rate)

/** Seconds don't begin to the millisecond. */
const leewayMs = 500

/**
 * Requests a second, over the last seconds of a run.
 * @param seconds oldest first, those in which something was sent or ended
 * @param rate as it was ordered
 * @returns undefined before the first second is over
 */
export function rateOf(
  seconds: readonly TrafficSecond[],
  startedAt: string,
  rate: number,
): number | undefined {
  const last = seconds.at(-1)
  const end = last ? Date.parse(last.at) + 1000 : 0
  const from = Math.max(Date.parse(startedAt), end - windowOf(rate))
  const sent = seconds.reduce(
    (sum, second) => sum + (Date.parse(second.at) > from - leewayMs ? second.sent : 0),
    0,
  )
  return end - from < 1000 ? undefined : (sent * 1000) / (end - from)
}
