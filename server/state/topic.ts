/** A state that changes, and that others want to be told of. */

/** What the event stream needs to know of a state. */
export interface Topic {
  /** The state now, as it goes over the wire in JSON; or a promise of it. */
  snapshot(): unknown
  /**
   * Calls the listener after each change.
   * @returns a function that ends the subscription
   */
  subscribe(listener: (key?: string) => void): () => void
  /** How its entries are told apart, where it has so many that changes are told instead of the whole. */
  readonly entries?: Entries
}

/** A state's list, of which few entries change at a time, such as queues. */
export interface Entries {
  /** The field of the state that has them. */
  readonly field: string
  /** The field of an entry that no other has the same text in. */
  readonly key: string
  /**
   * One of them as it is now; undefined if there is none. With it, or with `written`, a listener that is told a key has only that
   * entry read; without them, or without a key, the whole state is read and compared.
   */
  read?(key: string): unknown
  /**
   * All of them as they are now, each in JSON, by key: for thousands, which would be kept twice otherwise. With it, the snapshot's own
   * list has no entries, and `read` is not called.
   */
  written?(): ReadonlyMap<string, string>
  /** Called before `read`, where that says what was last heard from elsewhere. When it fails, the whole state is read. */
  refresh?(): Promise<void> | undefined
}

/** The listeners of one state. */
export class Changes {
  readonly #listeners = new Set<(key?: string) => void>()
  readonly #watch: ((isWatched: boolean) => void) | undefined

  /** @param watch is told when the first one listens, and when the last one has left, where hearing of changes has a price */
  constructor(watch?: (isWatched: boolean) => void) {
    this.#watch = watch
  }

  /** As Topic.subscribe. */
  readonly subscribe = (listener: (key?: string) => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#watch?.(true)
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#watch?.(false)
    }
  }

  /**
   * Tells everyone who listens that the state has changed.
   * @param key of the entry that has; left out, anything may have
   */
  announce(key?: string): void {
    for (const listener of this.#listeners) listener(key)
  }
}
