/** What a browser that looks at the cluster is shown, from the events of its stream. */
import { Value } from 'typebox/value'
import {
  ClusterState,
  entries,
  type Access,
  type EntryOf,
  type Resource,
} from '../../server/features/cluster/wire.ts'
import type { ChangesEvent } from '../../server/live/wire.ts'
import type { Lifetime } from './at-end.ts'
import { eventually } from './eventually.ts'
import { readEvents, type EventReader } from './event-stream.ts'
import type { Kuard } from './kuard.ts'

/** One that looks at some kinds, until the test ends or it leaves. */
export class ClusterView {
  readonly reader: EventReader

  constructor(reader: EventReader) {
    this.reader = reader
  }

  /** The objects of a kind by name, each of its schema's shape: the list that was told whole, with the changes since; undefined before it was listed. */
  shown<Name extends Resource>(resource: Name): Map<string, EntryOf<Name>> | undefined {
    const topic = `cluster.${resource}`
    let shown: Map<string, EntryOf<Name>> | undefined
    for (const { name, data } of this.reader.events) {
      if (name === topic) {
        const { listed, items } = data as { listed: boolean; items: EntryOf<Name>[] }
        shown = listed ? new Map(items.map((item) => [item.name, item])) : undefined
      } else if (name === 'changes' && (data as ChangesEvent).topic === topic) {
        const { set, removed } = data as ChangesEvent
        for (const gone of removed) shown?.delete(gone)
        for (const item of set as EntryOf<Name>[]) shown?.set(item.name, item)
      }
    }
    for (const item of shown?.values() ?? []) Value.Parse(entries[resource], item)
    return shown
  }

  /** Resolves once the objects of a kind are those of these names. */
  shows(resource: Resource, ...names: string[]): Promise<unknown> {
    return eventually(`${resource} to be ${names.join(', ')}`, () => {
      const shown = this.shown(resource)
      return shown && [...shown.keys()].sort().join() === [...names].sort().join()
    })
  }

  /** Resolves once it stands so with a kind. */
  stands(resource: Resource, ...states: Access['state'][]): Promise<Access> {
    return eventually(`${resource} to be ${states.join(' or ')}`, () => {
      const access = this.standings(resource).at(-1)
      return access && states.includes(access.state) ? access : undefined
    })
  }

  /** How it stood with a kind so far. */
  standings(resource: Resource): Access[] {
    return this.reader.states('cluster', ClusterState).flatMap(({ resources }) => resources[resource] ?? [])
  }

  /** Leaves. */
  leave(): void {
    this.reader.response.destroy()
  }
}

/** Looks at kinds, and at how it stands with all of them. */
export async function lookAt(
  lifetime: Lifetime,
  { port }: Pick<Kuard, 'port'>,
  ...resources: Resource[]
): Promise<ClusterView> {
  const topics = ['cluster', ...resources.map((resource) => `cluster.${resource}`)]
  return new ClusterView(await readEvents(lifetime, port, `/events?topics=${topics.join(',')}`))
}
