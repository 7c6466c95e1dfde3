/** The volumes of a cluster as one of its namespaces sees them. */
import type { PersistentVolume } from '../../../../../server/features/cluster/wire.ts'
import { countOf } from '../../../lib/format.ts'

/** Those that a claim of another namespace has aren’t shown one by one. */
export const ownOrFree = (
  volumes: readonly PersistentVolume[],
  namespace: string | null,
): PersistentVolume[] => volumes.filter(({ claim }) => !claim || claim.namespace === namespace)

/** Such as `3 volumes of 2 other namespaces`; undefined if there are none. */
export function othersWords(
  volumes: readonly PersistentVolume[],
  namespace: string | null,
): string | undefined {
  const others = volumes.flatMap(({ claim }) =>
    claim && claim.namespace !== namespace ? claim.namespace : [],
  )
  if (others.length === 0) return undefined
  return `${countOf(others.length, 'volume')} of ${countOf(new Set(others).size, 'other namespace')}`
}
