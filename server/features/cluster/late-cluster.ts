/** The cluster's view as topics, loaded when the first of them is looked at: most pods are never asked for it. */
import { NoServiceAccount } from '../../kubernetes/service-account.ts'
import { Changes, type Topic } from '../../state/topic.ts'
import type { Cluster, ClusterChanges } from './cluster.ts'
import { resources } from './resources.ts'
import type { ClusterState, Listing, Resource, ThisPod, TokenAccess } from './wire.ts'

/** As Cluster's, but perhaps outside of a cluster. */
export interface Surroundings {
  readonly apiServer: URL | undefined
  readonly namespace: string | null
  readonly pod: string
}

const none: ReadonlyMap<string, string> = new Map()

export class LateCluster {
  readonly #surroundings: Surroundings
  readonly #state = new Changes()
  readonly #thisPod = new Changes()
  readonly #listings = new Map<Resource, Changes>(resources.map((resource) => [resource, new Changes()]))
  #loading: Promise<Cluster | undefined> | undefined
  #loaded: Cluster | undefined

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** Where this pod is, and how it goes with each kind. */
  get state(): Topic {
    return {
      snapshot: async () => (await this.load())?.state ?? this.#absence,
      subscribe: this.#state.subscribe,
    }
  }

  /** This pod itself. */
  get thisPod(): Topic {
    const nothing = (): ThisPod => ({ pod: null, probes: [], events: [], message: this.#absence.message })
    return {
      snapshot: async () => (await this.load())?.thisPod ?? nothing(),
      subscribe: this.#looking(this.#thisPod, (cluster) => cluster.lookAtThisPod()),
    }
  }

  /** All objects of a kind. */
  listing(resource: Resource): Topic {
    const changes = this.#listings.get(resource) ?? new Changes()
    const nothing: Listing<Resource> = { listed: false, items: [] }
    return {
      snapshot: async () => (await this.load())?.listing(resource) ?? nothing,
      subscribe: this.#looking(changes, (cluster) => cluster.look(resource)),
      entries: {
        field: 'items',
        key: 'name',
        written: () => this.#loaded?.written(resource) ?? none,
      },
    }
  }

  /** @throws ApiError, and NoServiceAccount outside of a cluster */
  async tokenAccess(): Promise<TokenAccess> {
    const cluster = await this.load()
    if (cluster) return cluster.tokenAccess()
    throw new NoServiceAccount(this.#absence.message)
  }

  /** The cluster itself; undefined outside of one. */
  load(): Promise<Cluster | undefined> {
    return (this.#loading ??= this.#begin())
  }

  /** Calls a listener when entries of a kind, or how it goes with any, may have changed. @returns a function that ends it */
  heed(resource: Resource, listener: () => void): () => void {
    const ends = [this.#listings.get(resource)?.subscribe(listener), this.#state.subscribe(listener)]
    return () => {
      for (const end of ends) end?.()
    }
  }

  /** Why there is no cluster to see, where there is none. */
  get absence(): string {
    return this.#absence.message
  }

  end(): void {
    this.#loaded?.end()
  }

  /** Subscribes to changes, which come for as long as somebody is known to look. */
  #looking(changes: Changes, look: (cluster: Cluster) => () => void): Topic['subscribe'] {
    return (listener) => {
      const unsubscribe = changes.subscribe(listener)
      let leave: (() => void) | undefined
      let hasLeft = false
      // Why it can't be loaded, the snapshot says.
      void this.load().then(
        (cluster) => {
          if (cluster && !hasLeft) leave = look(cluster)
        },
        () => undefined,
      )
      return () => {
        hasLeft = true
        unsubscribe()
        leave?.()
      }
    }
  }

  async #begin(): Promise<Cluster | undefined> {
    const { apiServer, namespace, pod } = this.#surroundings
    if (apiServer === undefined || namespace === null) return undefined
    const changes: ClusterChanges = {
      cluster: () => {
        this.#state.announce()
      },
      thisPod: () => {
        this.#thisPod.announce()
      },
      resource: (resource, name) => this.#listings.get(resource)?.announce(name),
    }
    const { Cluster } = await import('./cluster.ts')
    return (this.#loaded = new Cluster({ apiServer, namespace, pod }, changes))
  }

  /** What is told where there is no cluster to see. */
  get #absence(): ClusterState & { readonly message: string } {
    const { apiServer, namespace, pod } = this.#surroundings
    const why = apiServer
      ? ({
          lacks: 'token',
          message: 'no service account token is mounted in this pod (automountServiceAccountToken: false)',
        } as const)
      : ({ lacks: 'pod', message: 'this is no pod: KUBERNETES_SERVICE_HOST is not set' } as const)
    return { namespace, pod, apiServer: null, resources: {}, ...why }
  }
}
