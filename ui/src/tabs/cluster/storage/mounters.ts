/** Who mounts which claim. */
import type { Pod } from '../../../../../server/features/cluster/wire.ts'

/** The pods that mount each claim and aren’t over, by the claim’s name. */
export function mountersByClaim(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>()
  for (const pod of pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed') continue
    for (const claim of new Set(pod.claims)) {
      const mounters = found.get(claim)
      if (mounters) mounters.push(pod)
      else found.set(claim, [pod])
    }
  }
  return found
}
