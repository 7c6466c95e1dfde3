/** The requests that this page sent to be described, kept while the page lives: whoever comes back to the tab still sees who answered. */
import type { RequestDetails } from '../../../../server/features/request/wire.ts'
import { Action } from '../../lib/action.svelte.ts'
import { readRequest, type Answer } from '../../lib/api.ts'

/** A request, and its description by who answered it. */
export interface SentRequest extends Answer<RequestDetails> {
  /** Counts from 1. */
  readonly number: number
}

const mostKept = 20

class SentRequests {
  readonly sending = new Action<RequestDetails>()
  #count = 0
  #kept = $state.raw<readonly SentRequest[]>([])
  #chosen = $state<number>()
  readonly #shown = $derived(this.#kept.find(({ number }) => number === this.#chosen) ?? this.#kept[0])

  /** The last ones, newest first. */
  get kept(): readonly SentRequest[] {
    return this.#kept
  }

  /** The one that was chosen, or the newest. */
  get shown(): SentRequest | undefined {
    return this.#shown
  }

  /** Sends another one, and shows it. */
  readonly send = async (): Promise<void> => {
    const answer = await this.sending.run(readRequest)
    if (!answer) return
    this.#count += 1
    this.#kept = [{ ...answer, number: this.#count }, ...this.#kept].slice(0, mostKept)
    this.#chosen = undefined
  }

  choose(number: number): void {
    this.#chosen = number
  }
}

export const sentRequests = new SentRequests()
