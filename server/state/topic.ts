/** A state that changes, and that others want to be told of. */

/** What the event stream needs to know of a state. */
export interface Topic {
  /** The state now, as it goes over the wire in JSON; or a promise of it. */
  snapshot(): unknown
  /**
   * Calls the listener after each change.
   * @returns a function that ends the subscription
   */
  subscribe(listener: () => void): () => void
}

/** The listeners of one state. */
export class Changes {
  readonly #listeners = new Set<() => void>()

  /** As Topic.subscribe. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells everyone who listens that the state has changed. */
  announce(): void {
    for (const listener of this.#listeners) listener()
  }
}
