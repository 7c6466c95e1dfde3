/** Asks the built server to reach for a target. */
import { ReachReport } from '../../server/features/reach/wire.ts'
import type { Kuard } from './kuard.ts'

/** Tries a target once. */
export async function reach(kuard: Kuard, target: string, timeoutMs = 5000): Promise<ReachReport> {
  const answer = await kuard.post('/reach/api', JSON.stringify({ target, timeoutMs }))
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer.json(ReachReport)
}

/** What was done, in order, and how each ended. */
export const stepsOf = ({ steps }: ReachReport): string[] =>
  steps.map(({ kind, outcome }) => `${kind} ${outcome}`)
