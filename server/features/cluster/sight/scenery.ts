/** The scene as the cluster's watches tell it, read from JSON once for each change of an entry. */
import type { Cluster } from '../cluster.ts'
import type { EntryOf, Resource } from '../wire.ts'
import type { Scene } from './scene.ts'

interface Read {
  readonly text: string
  readonly entry: EntryOf<Resource>
}

export class Scenery implements Scene {
  readonly #cluster: Cluster
  readonly #read = new Map<Resource, ReadonlyMap<string, Read>>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  get namespace(): string {
    return this.#cluster.namespace
  }

  entries<Name extends Resource>(resource: Name): readonly EntryOf<Name>[] | undefined {
    if (!this.#cluster.listing(resource).listed) return undefined
    const before = this.#read.get(resource)
    const read = new Map<string, Read>()
    for (const [name, text] of this.#cluster.written(resource) ?? []) {
      const known = before?.get(name)
      read.set(name, known?.text === text ? known : { text, entry: JSON.parse(text) as EntryOf<Resource> })
    }
    this.#read.set(resource, read)
    // What is kept of a resource are its entries.
    return Array.from(read.values(), ({ entry }) => entry as EntryOf<Name>)
  }
}
