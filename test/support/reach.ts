/** What a pod reaches, as its page says it. */
import { ReachReport } from '../../server/features/reach/wire.ts'
import type { Forward } from './cluster.ts'

/** Has a pod try a target once. @param timeoutMs for all of it */
export async function reach(pod: Forward, target: string, timeoutMs = 3000): Promise<ReachReport> {
  return (await pod.post('/reach/api', JSON.stringify({ target, timeoutMs }))).json(ReachReport)
}
