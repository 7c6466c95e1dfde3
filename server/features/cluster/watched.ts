/** One kind of object, watched while somebody looks and reduced on arrival. */
import type { ApiServer } from '../../kubernetes/api-server.ts'
import { reflect, type KubernetesObject, type Standing, type Subject } from '../../kubernetes/reflector.ts'

/** So long a watch goes on after the last has left, in milliseconds: they may come back. */
const lingerMs = 60_000

/** What is kept of an object, told apart by its name. */
interface Entry {
  readonly name: string
}

/** Is told what has changed. */
export interface WatchedChanges {
  /** @param name of the entry; left out, anything may have */
  readonly entries: (name?: string) => void
  readonly standing: () => void
}

/** The entries of one list. */
export class Watched<Kept extends Entry> {
  readonly #server: ApiServer
  readonly #subject: Subject
  readonly #reduce: (object: KubernetesObject) => Kept
  readonly #changes: WatchedChanges
  readonly #entries = new Map<string, Kept>()
  #standing: Standing | { readonly state: 'idle' } = { state: 'idle' }
  #since = new Date()
  #listed = false
  /** The names of a list that is not at its end. */
  #seen = new Set<string>()
  #lookers = 0
  #running: AbortController | undefined
  #farewell: NodeJS.Timeout | undefined

  /** @param reduce takes an object of the subject's kind */
  constructor(
    server: ApiServer,
    subject: Subject,
    reduce: (object: KubernetesObject) => Kept,
    changes: WatchedChanges,
  ) {
    this.#server = server
    this.#subject = subject
    this.#reduce = reduce
    this.#changes = changes
  }

  get entries(): ReadonlyMap<string, Kept> {
    return this.#entries
  }

  /** Whether all have come at least once since somebody looks, and may still be seen. */
  get listed(): boolean {
    return this.#listed
  }

  get standing(): {
    readonly state: Standing['state'] | 'idle'
    readonly since: string
    readonly message?: string
  } {
    return { ...this.#standing, since: this.#since.toISOString() }
  }

  /** Somebody looks. @returns a function that says that they have left */
  look(): () => void {
    this.#lookers += 1
    clearTimeout(this.#farewell)
    if (!this.#running) {
      this.#running = new AbortController()
      void reflect(this.#server, this.#subject, this.#observer, this.#running.signal)
    }
    return () => {
      this.#lookers -= 1
      if (this.#lookers > 0) return
      this.#farewell = setTimeout(() => {
        this.end()
      }, lingerMs).unref()
    }
  }

  /** Ends the watch and forgets what was seen. */
  end(): void {
    clearTimeout(this.#farewell)
    this.#running?.abort()
    this.#running = undefined
    this.#entries.clear()
    this.#listed = false
    this.#stand({ state: 'idle' })
  }

  readonly #observer = {
    listed: (objects: readonly KubernetesObject[]) => {
      if (this.#isBarred) this.#stand({ state: 'listing' })
      for (const object of objects) this.#seen.add(this.#keep(object).name)
      this.#changes.entries()
    },
    complete: () => {
      for (const name of this.#entries.keys()) if (!this.#seen.has(name)) this.#entries.delete(name)
      this.#seen = new Set()
      this.#listed = true
      this.#changes.entries()
    },
    changed: (object: KubernetesObject) => {
      this.#changes.entries(this.#keep(object).name)
    },
    deleted: ({ metadata }: KubernetesObject) => {
      const name = metadata?.name ?? ''
      this.#entries.delete(name)
      this.#changes.entries(name)
    },
    stands: (standing: Standing) => {
      // Only a list that begins anew starts its own count of what is there.
      if (standing.state === 'listing') this.#seen = new Set()
      // Another try says nothing new before it has come to something.
      if (standing.state !== 'listing' || !this.#isBarred) this.#stand(standing)
    },
  }

  get #isBarred(): boolean {
    return this.#standing.state === 'refused' || this.#standing.state === 'away'
  }

  #keep(object: KubernetesObject): Kept {
    const entry = this.#reduce(object)
    this.#entries.set(entry.name, entry)
    return entry
  }

  /** Once rights are taken away, what was seen isn't shown any longer. */
  #stand(standing: Standing | { readonly state: 'idle' }): void {
    if (standing.state === 'refused' && (this.#listed || this.#entries.size > 0)) {
      this.#entries.clear()
      this.#listed = false
      this.#changes.entries()
    }
    const isNew = standing.state !== this.#standing.state
    if (isNew) this.#since = new Date()
    this.#standing = standing
    this.#changes.standing()
  }
}
