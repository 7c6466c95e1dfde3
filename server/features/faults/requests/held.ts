/** The requests that a fault holds up: each for its time, until its client leaves, or until the fault ends. */

export class Held {
  readonly #letGo = new Set<() => void>()

  /** Remembers how to let go of one. @returns forgets it again */
  add(letGo: () => void): () => void {
    this.#letGo.add(letGo)
    return () => this.#letGo.delete(letGo)
  }

  /** Lets go of all. */
  end(): void {
    for (const letGo of this.#letGo) letGo()
    this.#letGo.clear()
  }
}
