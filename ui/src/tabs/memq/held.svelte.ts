/** The messages that this page has borrowed, as a worker; they stay with it while another tab is on show. */
import type { DeliveredMessage } from '../../../../server/features/memq/wire.ts'

export interface Held {
  readonly queue: string
  readonly lease: string
  readonly message: DeliveredMessage
  /** How long the lease is, in seconds. */
  readonly seconds: number
  /** When it ends, in milliseconds since 1970. */
  readonly until: number
}

class HeldMessages {
  #all = $state.raw<readonly Held[]>([])

  /** Oldest first. */
  of(queue: string): readonly Held[] {
    return this.#all.filter((held) => held.queue === queue)
  }

  add(held: Held): void {
    this.#all = [...this.#all, held]
  }

  /** @param leases that have ended */
  drop(leases: readonly string[]): void {
    this.#all = this.#all.filter(({ lease }) => !leases.includes(lease))
  }

  /** The lease's time begins anew. @param time in milliseconds since 1970 */
  renew(lease: string, time: number): void {
    this.#all = this.#all.map((held) =>
      held.lease === lease ? { ...held, until: time + held.seconds * 1_000 } : held,
    )
  }
}

export const heldMessages = new HeldMessages()
