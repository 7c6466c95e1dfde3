/** Whether a volume that somebody made fits a claim: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding */
import type { PersistentVolume, PersistentVolumeClaim } from '../../../../../server/features/cluster/wire.ts'
import { formatBytes } from '../../../lib/format.ts'
import { quantityOf } from '../quantity.ts'
import { selected } from '../../../../../server/text/selector.ts'

type Wanted = Pick<PersistentVolumeClaim, 'name' | 'requested' | 'accessModes' | 'volumeMode' | 'selector'>

/**
 * Why a volume of the claim’s class isn’t bound to it, in words; undefined if it fits.
 * @param namespace the claim’s: volumes are of the whole cluster
 */
export function whyUnfit(
  claim: Wanted,
  namespace: string | null,
  volume: PersistentVolume,
): string | undefined {
  const { claim: holder } = volume
  if (holder && (holder.name !== claim.name || holder.namespace !== namespace)) {
    const whose = `${holder.namespace}/${holder.name}`
    return volume.phase === 'Released' ? `Released, was of ${whose}` : `of ${whose}`
  }
  if (volume.phase === 'Released') return 'Released: what an earlier claim left is on it'
  const [wanted, size] = [quantityOf(claim.requested ?? ''), quantityOf(volume.capacity ?? '')]
  if (wanted !== undefined && size !== undefined && size < wanted)
    return `too small, ${formatBytes(size)} of ${formatBytes(wanted)}`
  const missing = claim.accessModes.filter((mode) => !volume.accessModes.includes(mode))
  if (missing.length > 0) return `not ${missing.join(', ')}`
  if (volume.volumeMode !== claim.volumeMode) return `${volume.volumeMode}, not ${claim.volumeMode}`
  if (claim.selector !== undefined && selected(claim.selector, [volume]).length === 0)
    return `not selected by ${claim.selector}`
  return undefined
}
