/** The learner's progress in this browser: kept apart for each namespace of each cluster, and followed by all pages that show it. */
import { clock } from '../../lib/clock.svelte.ts'
import {
  isDone,
  merged,
  readKept,
  withDone,
  withoutDone,
  withoutLab,
  type Place,
  type Progress,
} from './progress.ts'

class KeptProgress {
  /** Undefined until it is known where the labs are done. */
  #key: string | undefined
  #progress = $state.raw<Progress>({})
  /** Whether the browser keeps it; else it lasts as long as the page. */
  isKept = $state(true)
  /** When the learner came to a lab of which nothing is done yet, by its id. */
  readonly #begun = new Map<string, number>()

  constructor() {
    addEventListener('storage', ({ key }) => {
      if (key === null || key === this.#key) this.#read()
    })
  }

  get all(): Progress {
    return this.#progress
  }

  /** From now on it is about this place. @param place null outside of a cluster */
  follow(place: Place | null): void {
    const key = ['kuard-labs', place?.cluster ?? '', place?.namespace ?? ''].join(' ')
    if (key === this.#key) return
    this.#key = key
    this.#progress = {}
    this.#begun.clear()
    this.#read()
    // Whoever has no storage is told so before there is anything to lose.
    this.#keep()
  }

  isDone(lab: string, step: string): boolean {
    return isDone(this.#progress, lab, step)
  }

  /** The learner has the lab on show. */
  begin(lab: string): void {
    if (!this.#begun.has(lab)) this.#begun.set(lab, clock.at())
  }

  tick(lab: string, step: string): void {
    const now = clock.at()
    this.#change((before) => withDone(before, lab, step, this.#begun.get(lab) ?? now, now))
  }

  takeBack(lab: string, step: string): void {
    this.#change((before) => withoutDone(before, lab, step))
  }

  startOver(lab: string): void {
    this.#begun.set(lab, clock.at())
    this.#change((before) => withoutLab(before, lab))
  }

  /** Adds what another browser has. */
  add(other: Progress): void {
    this.#change((before) => merged(before, other))
  }

  /** Of what is kept now: another page may have changed it since. */
  #change(change: (before: Progress) => Progress): void {
    this.#read()
    this.#progress = change(this.#progress)
    this.#keep()
  }

  #read(): void {
    if (this.#key === undefined || !this.isKept) return
    try {
      this.#progress = readKept(localStorage.getItem(this.#key))
    } catch {
      this.isKept = false
    }
  }

  #keep(): void {
    if (this.#key === undefined || !this.isKept) return
    try {
      if (Object.keys(this.#progress).length === 0) localStorage.removeItem(this.#key)
      else localStorage.setItem(this.#key, JSON.stringify(this.#progress))
    } catch {
      this.isKept = false
    }
  }
}

export const progress = new KeptProgress()
