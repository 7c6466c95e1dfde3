/** How it stands with the step on show, as the server sees it: that ticks it. */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { Lab, LabStep, StepState } from '../../../../server/features/labs/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import { progress } from './progress.svelte.ts'

const eventsPerSecond = 10

/** What was seen when a step was ticked. */
export interface Sighting {
  readonly saw: readonly string[]
  /** Whether it was so from the start, before the learner did anything. */
  readonly wasSo: boolean
}

/** By lab and step, for as long as the page lives. */
const sightings = new SvelteMap<string, Sighting>()

export const sightingOf = (lab: string, step: string): Sighting | undefined => sightings.get(`${lab}/${step}`)

/** Of a step that isn't done and that the server can see. */
class Following {
  /** Undefined until it is told. */
  latest = $state.raw<StepState>()
  readonly #topic: string
  #wasOpen = false

  /** @param key such as `05-pods/3` */
  constructor(key: string) {
    this.#topic = `lab ${key}`
  }

  /** Why it can't be told now, in the server's words. */
  get failure(): string | undefined {
    return live.state(this.#topic).failure
  }

  get wasOpen(): boolean {
    return this.#wasOpen
  }

  /** Goes on, within an effect. @returns a function that ends it */
  start(): () => void {
    const state = live.state<StepState>(this.#topic)
    /** What ticked the step before the tick was taken back, and may no longer be so. */
    const before = untrack(() => state.latest)
    const stale = before?.state === 'done' ? before : undefined
    $effect(() => {
      const { latest } = state
      if (latest !== undefined && latest === stale) return
      this.latest = latest
      if (latest !== undefined && latest.state !== 'done') this.#wasOpen = true
    })
    return live.show({ [this.#topic]: eventsPerSecond })
  }
}

/**
 * Follows a step while a component lives, and ticks it when it is done.
 * @param on the lab and the number of the step on show; undefined for none
 * @param ticked is called after that
 */
export function followStep(
  on: () => { readonly lab: Lab; readonly number: number | undefined },
  ticked: (step: LabStep) => void,
): { readonly state: StepState | undefined; readonly failure: string | undefined } {
  const step = $derived(on().lab.steps[(on().number ?? 0) - 1])
  const isOpen = $derived(step?.isSeen === true && !progress.isDone(on().lab.id, step.id))
  /** A lab that is read anew is the same lab. */
  const key = $derived(step && isOpen ? `${on().lab.id}/${String(step.number)}` : undefined)
  const following = $derived(key === undefined ? undefined : new Following(key))
  $effect(() => following?.start())
  $effect(() => {
    const state = following?.latest
    // Once it is ticked, the step on show may be the next one.
    const done = step
    if (!following || !done || state?.state !== 'done') return
    untrack(() => {
      const saw = state.verdicts.map((verdict) => verdict.saw)
      sightings.set(`${state.lab}/${done.id}`, { saw, wasSo: !following.wasOpen })
      progress.tick(state.lab, done.id)
      ticked(done)
    })
  })
  return {
    get state() {
      return following?.latest
    },
    get failure() {
      return following?.failure
    },
  }
}
