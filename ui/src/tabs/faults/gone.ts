/** What a new process has left behind, told by what it says of its faults. */
import type { FaultsState } from '../../../../server/features/faults/wire.ts'

type Told = Pick<FaultsState, 'faults' | 'ended'>
type Begun = Pick<FaultsState['ended'][number], 'kind' | 'since'>

const lastId = ({ ended }: Told): number => ended.at(-1)?.id ?? -1

/**
 * The words of the faults that went with the process that told the state before; empty if it is still the same one, or none was on.
 * @param before the last that was told, in that process or in the one before it
 */
export function goneWith(before: Told, after: Told): string[] {
  const isTold = ({ kind, since }: Begun): boolean =>
    [...after.faults, ...after.ended].some((one) => one.kind === kind && one.since === since)
  // Where more have ended since than are kept, nobody can tell.
  const reachesBack = (after.ended[0]?.id ?? 0) <= lastId(before) + 1
  const unaccounted = before.faults.filter((fault) => !isTold(fault))
  const isAnother = lastId(after) < lastId(before) || (reachesBack && unaccounted.length > 0)
  if (!isAnother) return []
  const endedByIt = before.ended.filter(({ why }) => why === 'the process ends')
  return [...before.faults, ...endedByIt].map(({ words }) => words)
}
