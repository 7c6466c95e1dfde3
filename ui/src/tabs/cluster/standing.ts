/** How a view stands with the API server: what it may not read, what can't be reached, and whether anything is left to show. */
import type { ClusterState } from '../../../../server/features/cluster/wire.ts'
import type { Kind } from '../../lib/rights.ts'
import type { View } from './views.ts'

export interface ViewStanding {
  /** For want of a right. */
  readonly refused: readonly Kind[]
  /** Whether it is the token that is refused: it has ended, or what it is bound to is gone. */
  readonly isUnknown: boolean
  readonly away: readonly Kind[]
  /** Nothing of it can be seen: there is no cluster, or no right to read any kind of the namespace's. */
  readonly isBarred: boolean
}

export function standingOf(view: View, { resources, message }: ClusterState): ViewStanding {
  const kinds = view.resources.flatMap((resource): Kind[] => {
    const access = resources[resource]
    return access ? [{ resource, ...access }] : []
  })
  const refused = kinds.filter(({ state }) => state === 'refused')
  const own = kinds.filter(({ namespaced }) => namespaced)
  return {
    refused: refused.filter((kind) => !isUnauthorized(kind)),
    isUnknown: refused.some(isUnauthorized),
    away: kinds.filter(({ state }) => state === 'away'),
    isBarred: message !== undefined || (own.length > 0 && own.every(({ state }) => state === 'refused')),
  }
}

/** All that the API server says with a 401. */
const isUnauthorized = ({ message }: Kind): boolean => message === 'Unauthorized'
