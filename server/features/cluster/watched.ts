/** One kind of object, watched while somebody looks and reduced on arrival. */
import type { ApiServer } from '../../kubernetes/api-server.ts'
import {
  reflect,
  type KubernetesObject,
  type Observer,
  type Standing,
  type Subject,
} from '../../kubernetes/reflector.ts'

/** So long a watch goes on after the last has left, in milliseconds: they may come back. */
const lingerMs = 60_000

/** Entries over the bound before they are brought down to it: each time takes a look at all. */
const slack = 100

/** What is watched, and what is kept of it. */
export interface Kind<Kept> extends Subject {
  /** Takes an object of the subject's kind. */
  reduce(object: KubernetesObject): Kept
  /** Where there may be more than anybody wants to see. */
  readonly bound?: Bound<Kept>
}

/** The entries that are kept when there are more. */
export interface Bound<Kept> {
  readonly most: number
  /** Of two, the one whose text is greater is kept. */
  age(entry: Kept): string
}

/** Is told what has changed. */
export interface WatchedChanges {
  /** @param name of the entry; left out, anything may have */
  readonly entries: (name?: string) => void
  readonly standing: () => void
}

type State = Standing | { readonly state: 'idle' }

/** The entries of one list. */
export class Watched<Kept> {
  readonly #server: ApiServer
  readonly #kind: Kind<Kept>
  readonly #changes: WatchedChanges
  readonly #entries = new Map<string, Kept>()
  #state: State = { state: 'idle' }
  #since = new Date()
  #listed = false
  #lookers = 0
  #running: AbortController | undefined
  #farewell: NodeJS.Timeout | undefined

  constructor(server: ApiServer, kind: Kind<Kept>, changes: WatchedChanges) {
    this.#server = server
    this.#kind = kind
    this.#changes = changes
  }

  /** None while they are refused, though they may be listed and not watched. */
  get entries(): ReadonlyMap<string, Kept> {
    return this.#state.state === 'refused' ? new Map<string, Kept>() : this.#entries
  }

  /** Whether all have come at least once since somebody looks, and may be seen. */
  get listed(): boolean {
    return this.#listed && this.#state.state !== 'refused'
  }

  get standing(): {
    readonly state: State['state']
    readonly since: string
    readonly message?: string
  } {
    return { ...this.#state, since: this.#since.toISOString() }
  }

  /** Somebody looks. @returns a function that says that they have left */
  look(): () => void {
    this.#lookers += 1
    clearTimeout(this.#farewell)
    if (!this.#running) {
      this.#running = new AbortController()
      this.#stand({ state: 'listing' })
      void reflect(this.#server, this.#kind, this.#observer(this.#running.signal), this.#running.signal)
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
    this.#forget()
    this.#stand({ state: 'idle' })
  }

  /** Has ears until the signal aborts. */
  #observer(signal: AbortSignal): Observer<KubernetesObject> {
    const heard =
      <Args extends readonly unknown[]>(take: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!signal.aborted) take(...args)
      }
    return {
      listed: heard((objects: readonly KubernetesObject[]) => {
        const isFirst = this.#entries.size === 0
        for (const object of objects) this.#keep(object)
        this.#bound(0)
        // The first page is shown at once, and then all: each page on its own would be written anew for everyone who looks.
        if (isFirst) this.#changes.entries()
      }),
      complete: heard((names: ReadonlySet<string>) => {
        for (const name of this.#entries.keys()) if (!names.has(name)) this.#entries.delete(name)
        this.#listed = true
        this.#changes.entries()
      }),
      changed: heard((object: KubernetesObject) => {
        this.#changes.entries(this.#keep(object))
        this.#bound(slack)
      }),
      deleted: heard(({ metadata }: KubernetesObject) => {
        const name = metadata?.name ?? ''
        this.#entries.delete(name)
        this.#changes.entries(name)
      }),
      stands: heard((standing: Standing) => {
        this.#stand(standing)
      }),
    }
  }

  /** An object that can't be reduced, since it lacks what all of its kind have, isn't shown; the others are. @returns its name */
  #keep(object: KubernetesObject): string {
    const name = object.metadata?.name ?? ''
    try {
      this.#entries.set(name, this.#kind.reduce(object))
    } catch {
      this.#entries.delete(name)
    }
    return name
  }

  /** Forgets the oldest entries that are over the bound. */
  #bound(over: number): void {
    const { bound } = this.#kind
    if (!bound || this.#entries.size <= bound.most + over) return
    const aged = Array.from(this.#entries, ([name, entry]) => ({ name, age: bound.age(entry) }))
    aged.sort((one, other) => (one.age < other.age ? -1 : 1))
    for (const { name } of aged.slice(0, -bound.most)) {
      this.#entries.delete(name)
      this.#changes.entries(name)
    }
  }

  #forget(): void {
    this.#entries.clear()
    this.#listed = false
  }

  /** Once rights are taken away, what was seen isn't shown any longer. */
  #stand(state: State): void {
    const before = this.#state
    // What may be listed and not watched is refused.
    if (before.state === 'refused' && state.state === 'listing') return
    if (JSON.stringify(before) === JSON.stringify(state)) return
    if (before.state !== state.state) this.#since = new Date()
    this.#state = state
    if (state.state === 'refused') this.#forget()
    if (before.state === 'refused' || state.state === 'refused') this.#changes.entries()
    this.#changes.standing()
  }
}
