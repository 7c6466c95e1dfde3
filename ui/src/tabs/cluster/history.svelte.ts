/**
 * The last five minutes of what is counted in the namespace. It is the namespace's and not the pod's: a rollout replaces the very pod that
 * serves the page, and goes on in the same picture.
 */
import { untrack } from 'svelte'
import type { EntryOf, Resource } from '../../../../server/features/cluster/wire.ts'
import { clock } from '../../lib/clock.svelte.ts'
import { live } from '../../lib/live.svelte.ts'
import { autoscalerFigures, deploymentFigures, endpointsOf, revisionFigures } from './figures.ts'
import { cluster, listing, topicOf } from './objects.svelte.ts'
import { noSpans, withValue, withValues, type Span, type SpansByKey } from './spans.ts'

/** Of a listing, at most. */
const eventsPerSecond = 10

/** What was so of one kind of object, for each of those that are told apart by a key. */
class History<Name extends Resource, Value> {
  readonly resource: Name
  readonly #read: (entry: EntryOf<Name>) => readonly (readonly [key: string, value: Value])[]
  #spans = $state.raw<SpansByKey<Value>>(noSpans)
  #known = $state.raw<readonly Span<true>[]>([])
  /** The namespace that it is of. */
  #namespace: string | undefined

  /** @param read what an object has to be remembered for: small, and of JSON's types */
  constructor(
    resource: Name,
    read: (entry: EntryOf<Name>) => readonly (readonly [key: string, value: Value])[],
  ) {
    this.resource = resource
    this.#read = read
  }

  /** By their keys, those too that are gone; their spans oldest first. */
  get all(): SpansByKey<Value> {
    return this.#spans
  }

  /** Of one key, oldest first. */
  of(key: string): readonly Span<Value>[] {
    return this.#spans.get(key) ?? []
  }

  /** When the objects were followed, oldest first: what isn't there outside of these times may have been there. */
  get known(): readonly Span<true>[] {
    return this.#known
  }

  /** Goes on, within an effect. @returns a function that ends it */
  follow(): () => void {
    const state = listing(this.resource)
    /** What was told before, and may no longer be so. */
    let stale = untrack(() => state.latest)
    $effect(() => {
      const { latest } = state
      const { lostAt } = live
      const isAway = cluster.latest?.resources[this.resource]?.state === 'away'
      const isKnown = lostAt === undefined && !isAway && latest?.listed === true && latest !== stale
      if (lostAt !== undefined) stale = latest
      untrack(() => {
        if (isKnown) this.#take(latest.items, clock.at())
        else this.#lose(lostAt ?? clock.at())
      })
    })
    const hide = live.show({ [topicOf(this.resource)]: eventsPerSecond })
    return () => {
      hide()
      this.#lose(clock.at())
    }
  }

  #take(items: readonly EntryOf<Name>[], time: number): void {
    const namespace = live.identity?.namespace ?? undefined
    if (namespace !== this.#namespace) this.#begin(namespace)
    this.#spans = withValues(this.#spans, items.flatMap(this.#read), time)
    this.#known = withValue<true>(this.#known, true, time)
  }

  #lose(time: number): void {
    const last = this.#known.at(-1)
    if (!last || last.end !== undefined) return
    this.#spans = withValues(this.#spans, [], time)
    this.#known = withValue<true>(this.#known, undefined, time)
  }

  /** Another namespace's objects are others, whatever their names. */
  #begin(namespace: string | undefined): void {
    this.#namespace = namespace
    this.#spans = noSpans
    this.#known = []
  }
}

/** By Service, address and pod. */
export const endpointHistory = new History('endpointslices', endpointsOf)
/** By uid. */
export const revisionHistory = new History('replicasets', (set) => [[set.uid, revisionFigures(set)]])
/** By uid. */
export const deploymentHistory = new History('deployments', (deployment) => [
  [deployment.uid, deploymentFigures(deployment)],
])
/** By uid. */
export const autoscalerHistory = new History('horizontalpodautoscalers', (autoscaler) => [
  [autoscaler.uid, autoscalerFigures(autoscaler)],
])

/** Has all go on while the tab is on show, whatever its view shows: who changes the view doesn't lose what happened. */
export function followHistory(): void {
  for (const history of [endpointHistory, revisionHistory, deploymentHistory, autoscalerHistory]) {
    $effect(() => history.follow())
  }
}
