/** Those who wait for a message, and are sent away when the server shuts down. */
import type { DeliveredMessage } from './wire.ts'
import type { Empty, QueueStore, Taking } from './store.ts'

/** Who has asked for messages. */
export interface Client {
  /** Fires when it is gone. */
  readonly gone: AbortSignal
  /** Whether an answer can still reach it. */
  readonly canBeAnswered: () => boolean
}

export class WaitingClients {
  readonly #store: QueueStore
  readonly #waiting = new Set<AbortController>()
  #draining = false

  constructor(store: QueueStore) {
    this.#store = store
  }

  /**
   * Takes messages as soon as there is one; while the server shuts down, those that there are.
   * @param seconds how long to wait for one
   */
  async take(
    queue: string,
    taking: Taking,
    seconds: number,
    { gone, canBeAnswered }: Client,
  ): Promise<DeliveredMessage[] | Empty> {
    if (seconds === 0 || this.#draining) return this.#store.dequeueSome(queue, taking)
    const wait = new AbortController()
    const leave = () => {
      wait.abort()
    }
    if (gone.aborted) leave()
    gone.addEventListener('abort', leave)
    this.#waiting.add(wait)
    try {
      const taken = await this.#store.waitFor(queue, taking, seconds, wait.signal)
      if (Array.isArray(taken) && !canBeAnswered()) await this.#giveBack(queue, taken)
      return taken
    } finally {
      this.#waiting.delete(wait)
      gone.removeEventListener('abort', leave)
    }
  }

  /** Ends every wait, and lets none begin. */
  drain(): void {
    this.#draining = true
    for (const wait of this.#waiting) wait.abort()
  }

  /** What was taken in the moment in which its client left is not hidden until its lease ends. */
  async #giveBack(queue: string, taken: readonly DeliveredMessage[]): Promise<void> {
    const leases = taken.flatMap(({ lease }) => lease ?? [])
    if (leases.length > 0) await this.#store.nackAll(queue, leases)
  }
}
