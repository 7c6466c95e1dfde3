/** This pod's namespace as its service account may see it: every kind, watched while somebody looks. */
import type { Event as ReportedEvent, Pod as ReportedPod } from 'kubernetes-types/core/v1.d.ts'
import { ApiServer } from '../../kubernetes/api-server.ts'
import type { KubernetesObject } from '../../kubernetes/reflector.ts'
import { reducers } from './entry.ts'
import { eventEntry } from './event.ts'
import { podEntry } from './pod.ts'
import { probesOf } from './probe-spec.ts'
import { pathOf, places, resources } from './resources.ts'
import { readTokenAccess } from './token-access.ts'
import { Watched, type Bound, type Kind } from './watched.ts'
import type { ClusterState, EntryOf, Listing, Pod, Resource, ThisPod, TokenAccess } from './wire.ts'

/** Events of this pod that are told, the newest. */
const maxEvents = 100

/** For the question what the token allows, in milliseconds. */
const accessMs = 10_000

/** Is told what has changed, by topic. */
export interface ClusterChanges {
  readonly cluster: () => void
  readonly thisPod: () => void
  readonly resource: (resource: Resource, name?: string) => void
}

/** Who this process is to Kubernetes. */
export interface Whereabouts {
  readonly apiServer: URL
  readonly namespace: string
  /** The name of this pod. */
  readonly pod: string
}

/** When an event was seen last, as text that is greater the later that was. */
const lastSeen = ({ lastTimestamp = '' }: EntryOf<'events'>): string => lastTimestamp

/** Of a busy namespace's events, so many of the newest are kept. */
const mostEvents = 1_000

const newestEvents: Bound<string> = {
  most: mostEvents,
  age: (text) => lastSeen(JSON.parse(text) as EntryOf<'events'>),
}

/** What is watched, and kept, of a resource. */
function kindOf(resource: Resource, namespace: string): Kind<string> {
  // The path says of which kind the objects are.
  const reduce = reducers[resource] as (object: KubernetesObject) => EntryOf<Resource>
  return {
    path: pathOf(resource, namespace),
    reduce: (object) => JSON.stringify(reduce(object)),
    ...(resource === 'events' ? { bound: newestEvents } : {}),
  }
}

export class Cluster {
  readonly #server: ApiServer
  readonly #namespace: string
  readonly #pod: string
  /** Entries in JSON, as they are told: objects of JavaScript take several times as much memory. */
  readonly #watched = new Map<Resource, Watched<string>>()
  readonly #thisPod: Watched<Pod & Pick<ThisPod, 'probes'>>
  readonly #thisPodsEvents: Watched<EntryOf<'events'>>
  #asking: Promise<TokenAccess> | undefined

  constructor({ apiServer, namespace, pod }: Whereabouts, changes: ClusterChanges) {
    this.#server = new ApiServer(apiServer)
    this.#namespace = namespace
    this.#pod = pod
    for (const resource of resources) {
      const watched = new Watched(this.#server, kindOf(resource, namespace), {
        entries: (name) => {
          changes.resource(resource, name)
        },
        standing: changes.cluster,
      })
      this.#watched.set(resource, watched)
    }
    const own = { entries: changes.thisPod, standing: changes.thisPod }
    const thisPod = {
      path: pathOf('pods', namespace),
      fieldSelector: `metadata.name=${pod}`,
      reduce(object: KubernetesObject) {
        const reported = object as ReportedPod
        return { ...podEntry(reported), probes: probesOf(reported.spec) }
      },
    }
    this.#thisPod = new Watched<Pod & Pick<ThisPod, 'probes'>>(this.#server, thisPod, own)
    const thisPodsEvents: Kind<EntryOf<'events'>> = {
      path: pathOf('events', namespace),
      fieldSelector: `involvedObject.name=${pod}`,
      reduce: (object) => eventEntry(object as ReportedEvent),
      bound: { most: mostEvents, age: lastSeen },
    }
    this.#thisPodsEvents = new Watched(this.#server, thisPodsEvents, own)
  }

  get state(): ClusterState {
    const resources = [...this.#watched].map(([resource, { standing }]) => [
      resource,
      { apiGroup: places[resource].group, namespaced: places[resource].namespaced, ...standing },
    ])
    return {
      namespace: this.#namespace,
      pod: this.#pod,
      apiServer: this.#server.address,
      resources: Object.fromEntries(resources) as ClusterState['resources'],
    }
  }

  get thisPod(): ThisPod {
    const [found] = this.#thisPod.entries.values()
    const { message } = this.#thisPod.standing
    if (!found) return { pod: null, probes: [], events: [], ...(message === undefined ? {} : { message }) }
    const events = [...this.#thisPodsEvents.entries.values()]
      // Those of a pod before it that had the same name are kept for an hour.
      .filter(({ object: { uid = found.uid } }) => uid === found.uid)
      .sort((one, other) => (lastSeen(one) < lastSeen(other) ? 1 : -1))
    const { probes, ...pod } = found
    return { pod, probes: [...probes], events: events.slice(0, maxEvents) }
  }

  /** Without its entries: those are `written`. */
  listing(resource: Resource): Listing<Resource> {
    return { listed: this.#watched.get(resource)?.listed ?? false, items: [] }
  }

  /** The entries of a kind in JSON, by name. */
  written(resource: Resource): ReadonlyMap<string, string> | undefined {
    return this.#watched.get(resource)?.entries
  }

  /** How it goes with a kind. */
  standing(resource: Resource): Watched<string>['standing'] {
    return this.#watched.get(resource)?.standing ?? { state: 'idle', since: new Date().toISOString() }
  }

  get namespace(): string {
    return this.#namespace
  }

  /** Somebody looks at a kind. @returns a function that says that they have left */
  look(resource: Resource): () => void {
    return this.#watched.get(resource)?.look() ?? (() => undefined)
  }

  /** Somebody looks at this pod itself. @returns as `look` */
  lookAtThisPod(): () => void {
    const ends = [this.#thisPod.look(), this.#thisPodsEvents.look()]
    return () => {
      for (const end of ends) end()
    }
  }

  /** What this pod's token is and allows, asked once for all who ask meanwhile. @throws ApiError, and NoServiceAccount without a token */
  tokenAccess(): Promise<TokenAccess> {
    return (this.#asking ??= readTokenAccess(
      this.#server,
      this.#namespace,
      AbortSignal.timeout(accessMs),
    ).finally(() => {
      this.#asking = undefined
    }))
  }

  /** Ends all watches. */
  end(): void {
    for (const watched of [...this.#watched.values(), this.#thisPod, this.#thisPodsEvents]) watched.end()
    this.#server.close()
  }
}
