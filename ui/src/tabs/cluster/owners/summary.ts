/** Many pods in a line. */
import type { Pod } from '../../../../../server/features/cluster/wire.ts'
import { countOf, formatNumber } from '../../../lib/format.ts'
import { podState } from '../pod-state.ts'

/** Such as `5 pods: 3 Ready, 2 CrashLoopBackOff`. */
export function podsInWords(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'no pods'
  const byWord = [...Map.groupBy(pods, (pod) => podState(pod).word)]
  byWord.sort(([, one], [, other]) => other.length - one.length)
  const counts = byWord.map(([word, those]) => `${formatNumber(those.length)} ${word}`)
  return `${countOf(pods.length, 'pod')}: ${counts.join(', ')}`
}
