/** A trail as state, forgotten when another pod takes over. */
import { clock } from './clock.svelte.ts'
import { live } from './live.svelte.ts'
import { extended } from './trail.ts'

/** What came, oldest first. */
export class Trail<Entry extends { readonly time: number }> {
  #entries = $state.raw<readonly Entry[]>([])

  constructor() {
    live.onOtherPod(() => {
      this.forget()
    })
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  add(...news: readonly Entry[]): void {
    this.#entries = extended(this.#entries, news, clock.at())
  }

  forget(): void {
    this.#entries = []
  }
}
