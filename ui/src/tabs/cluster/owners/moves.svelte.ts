/** The last few minutes' changes of owner, from when the view was first on show. */
import type { Resource } from '../../../../../server/features/cluster/wire.ts'
import { Trail } from '../../../lib/trail.svelte.ts'
import { itemsOf, listing } from '../objects.svelte.ts'
import { movesBetween, type Move, type Known, type Owned } from './moves.ts'
import { resourceOf, type Owner } from './tree.ts'

/** All owners of the namespace that can be seen. */
export function ownersNow(): Owner[] {
  // Of each kind the objects are its own.
  return Object.entries(resourceOf).flatMap(([kind, resource]) =>
    (listing(resource).latest?.items ?? []).map((object) => ({ kind, object }) as Owner),
  )
}

function known(): Known {
  const listed = Object.entries(resourceOf).filter(([, resource]) => itemsOf(resource) !== undefined)
  return {
    owners: new Map(ownersNow().map((owner) => [owner.object.uid, owner])),
    kinds: new Set(listed.map(([kind]) => kind)),
  }
}

const moves = new Trail<Move>()

/** Follows what may have an owner, for as long as the page lives. */
function follow(kind: string, resource: Resource): void {
  let before: readonly Owned[] = []
  listing(resource).listen(({ items }, time, resumed) => {
    // When it happened that the page was elsewhere, nobody knows.
    const news = resumed ? [] : movesBetween(kind, before, items, known(), time)
    if (news.length > 0) moves.add(...news)
    before = items
  })
}

follow('Pod', 'pods')
for (const [kind, resource] of Object.entries(resourceOf)) follow(kind, resource)

/** Oldest first. */
export const recentMoves = (): readonly Move[] => moves.entries
