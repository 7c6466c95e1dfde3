/** One topic as all the streams that show it share it: read and serialised once for each change. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '../state/topic.ts'

/** The shortest time between two events of a topic, in milliseconds: ten a second. */
const intervalMs = 100

/** Whoever shows a channel. */
export interface Viewer {
  /** There is a newer frame; the viewer takes it when it can, or only the one after it. */
  show(channel: Channel): void
}

/** Is told why an event's state could not be read. */
export type Report = (event: string, error: unknown) => void

/** An event in the stream's format (WHATWG HTML, section 9.2.5). JSON has no line breaks, so one data line will do. */
export const frameOf = (event: string, state: unknown): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${JSON.stringify(state)}\n\n`)

/** Follows a topic for as long as someone views it. */
export class Channel {
  readonly #event: string
  readonly #topic: Topic
  readonly #report: Report
  readonly #viewers = new Set<Viewer>()
  #newcomers = new Set<Viewer>()
  #unsubscribe: (() => void) | undefined
  #frame: Buffer | undefined
  #changed = false
  #busy = false

  /** @param event the name of its events */
  constructor(event: string, topic: Topic, report: Report) {
    this.#event = event
    this.#topic = topic
    this.#report = report
  }

  /** The last state that was read; undefined before the first. */
  get frame(): Buffer | undefined {
    return this.#frame
  }

  get isViewed(): boolean {
    return this.#viewers.size > 0
  }

  /** Shows a viewer the state as it is now, and each one after it. */
  join(viewer: Viewer): void {
    this.#unsubscribe ??= this.#topic.subscribe(() => {
      this.#changed = true
      this.#wake()
    })
    this.#viewers.add(viewer)
    this.#newcomers.add(viewer)
    this.#wake()
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    this.#newcomers.delete(viewer)
    if (this.isViewed) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #wake(): void {
    if (!this.#busy) void this.#publish()
  }

  /** Reads the state for everyone after a change, else for those who just joined; then again if there was a change meanwhile. */
  async #publish(): Promise<void> {
    this.#busy = true
    while (this.isViewed && (this.#changed || this.#newcomers.size > 0)) {
      const viewers = this.#changed ? this.#viewers : this.#newcomers
      this.#changed = false
      this.#newcomers = new Set()
      const rest = sleep(intervalMs)
      try {
        this.#frame = frameOf(this.#event, await this.#topic.snapshot())
        for (const viewer of viewers) viewer.show(this)
      } catch (error) {
        this.#report(this.#event, error)
      }
      await rest
    }
    this.#busy = false
  }
}
