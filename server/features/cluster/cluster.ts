/** This pod's namespace as its service account may see it: every kind, watched while somebody looks. */
import type { Pod as ReportedPod } from 'kubernetes-types/core/v1.d.ts'
import { ApiServer } from '../../kubernetes/api-server.ts'
import type { KubernetesObject } from '../../kubernetes/reflector.ts'
import { reducers } from './entry.ts'
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

/** Of a busy namespace's events, the newest are kept. */
const newestEvents: Bound<EntryOf<'events'>> = {
  most: 1_000,
  age: ({ lastTimestamp = '' }) => lastTimestamp,
}

/** What is watched, and kept, of a resource. */
function kindOf<Name extends Resource>(resource: Name, namespace: string): Kind<EntryOf<Name>> {
  return {
    path: pathOf(resource, namespace),
    // The path says of which kind the objects are.
    reduce: reducers[resource],
  }
}

export class Cluster {
  readonly #server: ApiServer
  readonly #namespace: string
  readonly #pod: string
  readonly #watched = new Map<Resource, Watched<EntryOf<Resource>>>()
  readonly #thisPod: Watched<Pod & Pick<ThisPod, 'probes'>>
  readonly #thisPodsEvents: Watched<EntryOf<'events'>>

  constructor({ apiServer, namespace, pod }: Whereabouts, changes: ClusterChanges) {
    this.#server = new ApiServer(apiServer)
    this.#namespace = namespace
    this.#pod = pod
    const events = { ...kindOf('events', namespace), bound: newestEvents }
    for (const resource of resources) {
      const kind = resource === 'events' ? events : kindOf(resource, namespace)
      const watched = new Watched<EntryOf<Resource>>(this.#server, kind, {
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
    this.#thisPodsEvents = new Watched(
      this.#server,
      { ...events, fieldSelector: `involvedObject.name=${pod}` },
      own,
    )
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
    const events = [...this.#thisPodsEvents.entries.values()]
    events.sort((one, other) => ((one.lastTimestamp ?? '') < (other.lastTimestamp ?? '') ? 1 : -1))
    const { message } = this.#thisPod.standing
    if (!found) return { pod: null, probes: [], events: [], ...(message === undefined ? {} : { message }) }
    const { probes, ...pod } = found
    return { pod, probes: [...probes], events: events.slice(0, maxEvents) }
  }

  listing(resource: Resource): Listing<Resource> {
    const watched = this.#watched.get(resource)
    return { listed: watched?.listed ?? false, items: [...(watched?.entries.values() ?? [])] }
  }

  entry(resource: Resource, name: string): EntryOf<Resource> | undefined {
    return this.#watched.get(resource)?.entries.get(name)
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

  /** What this pod's token is and allows. @throws ApiError, and NoServiceAccount without a token */
  tokenAccess(): Promise<TokenAccess> {
    return readTokenAccess(this.#server, this.#namespace, AbortSignal.timeout(accessMs))
  }

  /** Ends all watches. */
  end(): void {
    for (const watched of [...this.#watched.values(), this.#thisPod, this.#thisPodsEvents]) watched.end()
    this.#server.close()
  }
}
