/** One topic's latest state, as the event stream tells it. */
import type { ChangesEvent } from '../../../server/live/wire.ts'
import { withChanges } from './with-changes.ts'

/**
 * Is told each state and when it came, in milliseconds since 1970.
 * @param resumed whether what was before it isn't known: it is the first since the topic is on show
 */
type StateListener<State> = (state: State, time: number, resumed: boolean) => void

export class LiveState<State> {
  #latest = $state.raw<State>()
  #failure = $state<string>()
  #latestTime = 0
  #resumed = true
  readonly #listeners: StateListener<State>[] = []

  /** Undefined until it has come, and after another pod has taken the stream over. */
  get latest(): State | undefined {
    return this.#latest
  }

  /** Why the server can't tell it now, in its words; undefined if it can. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Calls the listener with the latest state, if there is one, and with every one that comes, for as long as the page lives. */
  listen(listener: StateListener<State>): void {
    this.#listeners.push(listener)
    // A tab's own module may be loaded after the only state that comes.
    if (this.#latest !== undefined) listener(this.#latest, this.#latestTime, true)
  }

  /** @param state from the wire @param time when it came, in milliseconds since 1970 */
  set(state: State, time: number): void {
    this.#latest = state
    this.#latestTime = time
    this.#failure = undefined
    for (const listener of this.#listeners) listener(state, time, this.#resumed)
    this.#resumed = false
  }

  /** @param changes of the latest state */
  change(changes: ChangesEvent, time: number): void {
    if (this.#latest !== undefined) this.set(withChanges(this.#latest, changes), time)
  }

  /** @param words why it can't be told; the latest stays */
  fail(words: string): void {
    this.#failure = words
  }

  /** It is on show again. */
  resume(): void {
    this.#resumed = true
  }

  forget(): void {
    this.#latest = undefined
    this.#failure = undefined
  }
}
