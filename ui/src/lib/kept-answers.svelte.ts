/** The last answers to one call, kept while the page lives, and which of them is shown: whoever comes back to a tab still sees them. */
import { Action } from './action.svelte.ts'
import type { Answer } from './api.ts'

/** One of them. */
export interface KeptAnswer<Value> extends Answer<Value> {
  /** Counts from 1. */
  readonly number: number
}

const mostKept = 20

export class KeptAnswers<Value> {
  readonly asking = new Action<Value>()
  readonly #call: () => Promise<Answer<Value>>
  #count = 0
  #kept = $state.raw<readonly KeptAnswer<Value>[]>([])
  #chosen = $state<number>()
  readonly #shown = $derived(this.#kept.find(({ number }) => number === this.#chosen) ?? this.#kept[0])

  constructor(call: () => Promise<Answer<Value>>) {
    this.#call = call
  }

  /** The last ones, newest first. */
  get kept(): readonly KeptAnswer<Value>[] {
    return this.#kept
  }

  /** The one that was chosen, or the newest. */
  get shown(): KeptAnswer<Value> | undefined {
    return this.#shown
  }

  /** Asks once more, and shows what comes. */
  readonly ask = async (): Promise<void> => {
    const answer = await this.asking.run(this.#call)
    if (!answer) return
    this.#count += 1
    this.#kept = [{ ...answer, number: this.#count }, ...this.#kept].slice(0, mostKept)
    this.#chosen = undefined
  }

  choose(number: number): void {
    this.#chosen = number
  }
}
