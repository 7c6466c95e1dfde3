/** The faults as the event stream tells them, what went with a process that ended, and the forms as the reader has them. */
import type { FaultsState } from '../../../../server/features/faults/wire.ts'
import type { Answer } from '../../lib/api.ts'
import { live } from '../../lib/live.svelte.ts'
import { faultForms } from './forms.ts'
import { goneWith } from './gone.ts'
import { initialSettings } from './settings.ts'

/** Another process than before answers under the pod’s name. */
export interface Restart {
  /** In milliseconds since 1970; undefined where that was while another tab was on show. */
  readonly time: number | undefined
  /** The words of the faults that went with the one before. */
  readonly gone: readonly string[]
}

class Faults {
  readonly state = live.state<FaultsState>('faults')
  /** The last one, until it is dismissed. */
  restart = $state.raw<Restart>()
  /** Kept while another tab is on show. */
  readonly drafts = $state(
    Object.fromEntries(Object.values(faultForms).map((form) => [form.kind, initialSettings(form)])),
  )
  #latest: FaultsState | undefined

  constructor() {
    this.state.listen((state, time, resumed) => {
      const gone = this.#latest && goneWith(this.#latest, state)
      if (gone && gone.length > 0) this.restart = { time: resumed ? undefined : time, gone }
      this.#latest = state
    })
    live.onOtherPod(() => {
      this.#latest = this.restart = undefined
    })
  }

  /** Learns of a state by an answer: the stream may break off before it tells it. Another pod’s tells nothing of this one. */
  learn({ value, pod }: Answer<FaultsState>): void {
    if (pod === live.identity?.hostname) this.#latest = value
  }
}

export const faults = new Faults()
