/** What is reached from a kuard, as it says it: one that a test has started, or a pod. */
import { ReachReport } from '../../server/features/reach/wire.ts'
import type { Answer } from './kuard.ts'

/** Whoever takes a POST. */
interface Asked {
  post(path: string, body: string): Promise<Answer>
}

/** Has a target tried once. @param timeoutMs for all of it */
export async function reach(kuard: Asked, target: string, timeoutMs = 5000): Promise<ReachReport> {
  const answer = await kuard.post('/reach/api', JSON.stringify({ target, timeoutMs }))
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer.json(ReachReport)
}

/** What was done, in order, and how each ended. */
export const stepsOf = ({ steps }: ReachReport): string[] =>
  steps.map(({ kind, outcome }) => `${kind} ${outcome}`)
