/** The objects of the namespace as the event stream tells them. */
import type { ClusterState, EntryOf, Listing, Resource } from '../../../../server/features/cluster/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import type { LiveState } from '../../lib/live-state.svelte.ts'

export const cluster = live.state<ClusterState>('cluster')

/** The topic that has them. */
export const topicOf = (resource: Resource): string => `cluster.${resource}`

/** All objects of a kind, by name; told while a view that names the kind is on show. */
export const listing = <Name extends Resource>(resource: Name): LiveState<Listing<Name>> =>
  live.state<Listing<Name>>(topicOf(resource))

/** As `listing` has them; undefined while not all have come, and while this pod may not read them. */
export function itemsOf<Name extends Resource>(resource: Name): readonly EntryOf<Name>[] | undefined {
  const isRefused = cluster.latest?.resources[resource]?.state === 'refused'
  const { latest } = listing(resource)
  return !isRefused && latest?.listed === true ? latest.items : undefined
}
