/** A form as the reader has it, beside the server's settings. */
import type { LiveState } from './live-state.svelte.ts'

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Follows the server's settings until the reader types; kept while another tab is on show. */
export class Draft<Settings, State> {
  settings = $state<Settings>()
  readonly #settingsOf: (state: State) => Settings
  readonly #state: LiveState<State>
  /** The server's, as they were when the form showed them last. */
  #base = $state.raw<Settings>()
  readonly #latest = $derived.by(() => this.#state.latest && this.#settingsOf(this.#state.latest))
  readonly isTouched = $derived(
    this.settings !== undefined && this.#base !== undefined && !isSame(this.settings, this.#base),
  )
  /** Whether the server's settings have become others than the form started from, and than what it says. */
  readonly isOutdated = $derived(
    this.isTouched &&
      this.#latest !== undefined &&
      !isSame(this.#latest, this.#base) &&
      !isSame(this.#latest, this.settings),
  )

  /** @param settingsOf the form's texts for what the server says */
  constructor(state: LiveState<State>, settingsOf: (state: State) => Settings) {
    this.#state = state
    this.#settingsOf = settingsOf
    state.listen((latest) => {
      if (!this.isTouched && !isSame(settingsOf(latest), this.#base)) this.take(latest)
    })
  }

  /** Shows the server's settings, whatever was typed. */
  take(state: State): void {
    this.#base = this.#settingsOf(state)
    this.settings = this.#settingsOf(state)
  }
}
