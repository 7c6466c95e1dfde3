/** Who mounts which claim. */
import type { Pod } from '../../../../../server/features/cluster/wire.ts'
import { hasEnded } from '../pod-state.ts'

/** The pods whose spec names each claim, those that have ended too, by the claim’s name. */
export function podsByClaim(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>()
  for (const pod of pods) {
    for (const claim of new Set(pod.claims)) {
      const naming = found.get(claim)
      if (naming) naming.push(pod)
      else found.set(claim, [pod])
    }
  }
  return found
}

/** @param pods those whose spec names the claim */
export const mountersOf = (pods: readonly Pod[]): Pod[] => pods.filter((pod) => !hasEnded(pod))

/**
 * Those that keep a claim from being deleted: all that have a node, whether they have ended or not.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 * @param pods those whose spec names the claim
 */
export const holdersOf = (pods: readonly Pod[]): Pod[] => pods.filter(({ node }) => node !== undefined)
