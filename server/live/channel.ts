/** One topic as all the streams that show it at one rate share it: read and serialised once for each change. */
import type { Topic } from '../state/topic.ts'
import { frameOf } from './frame.ts'
import { tellingOf, type Telling } from './telling.ts'
import type { FailureEvent, TopicName } from './wire.ts'

/** Between two tries to read a state that could not be read, in milliseconds. */
const retryMs = 1_000

/** Between two readings of a state, however many come to see it, in milliseconds. */
const leastMs = 100

/** Whoever shows a channel. */
export interface Viewer {
  /** There is something newer; the viewer takes it when it can, or only what comes after it. */
  show(channel: Channel): void
}

/** Is told why a topic's state could not be read, once for each time that it begins to fail. */
export type Report = (topic: string, error: unknown) => void

/** What a viewer has to be told, and what it will know then. */
export interface Told {
  readonly frames: readonly Buffer[]
  readonly edition: number
}

/** Follows a topic for as long as someone views it. */
export class Channel {
  readonly #name: TopicName
  readonly #topic: Topic
  readonly #telling: Telling
  readonly #intervalMs: number
  readonly #report: Report
  readonly #viewers = new Set<Viewer>()
  #newcomers = new Set<Viewer>()
  #unsubscribe: (() => void) | undefined
  #failure: Buffer | undefined
  #changed = false
  #reading = false
  #timer: NodeJS.Timeout | undefined
  /** When everyone was told last, and when the state was read last, by performance.now(). */
  #toldAll = -Infinity
  #readLast = -Infinity

  /** @param rate how many events a second it has at most */
  constructor(name: TopicName, topic: Topic, rate: number, report: Report) {
    this.#name = name
    this.#topic = topic
    this.#telling = tellingOf(topic, name)
    this.#intervalMs = 1000 / rate
    this.#report = report
  }

  get hasParameter(): boolean {
    return this.#name.of !== undefined
  }

  get isViewed(): boolean {
    return this.#viewers.size > 0
  }

  /** @param edition what the viewer was told last; 0 for nothing */
  since(edition: number): Told {
    // What is read after a failure is told whole, to everyone: it takes the failure back.
    if (this.#failure) return { frames: [this.#failure], edition: 0 }
    return { frames: this.#telling.since(edition), edition: this.#telling.edition }
  }

  /** Shows a viewer the state as it is now, and each one after it. */
  join(viewer: Viewer): void {
    this.#unsubscribe ??= this.#subscribe()
    this.#viewers.add(viewer)
    this.#newcomers.add(viewer)
    this.#wake()
  }

  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    this.#newcomers.delete(viewer)
    if (this.isViewed) return
    clearTimeout(this.#timer)
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #subscribe(): () => void {
    return this.#topic.subscribe((key) => {
      this.#telling.touch(key)
      this.#changed = true
      this.#wake()
    })
  }

  /** Newcomers need not wait as long as those who have been told something. */
  #wake(): void {
    clearTimeout(this.#timer)
    if (this.#reading || !this.isViewed) return
    let due = Infinity
    if (this.#changed) due = this.#toldAll + this.#intervalMs
    if (this.#newcomers.size > 0) due = Math.min(due, this.#readLast + leastMs)
    if (this.#failure) due = this.#readLast + retryMs
    const wait = due - performance.now()
    if (wait <= 0) void this.#publish()
    else if (wait < Infinity) this.#timer = setTimeout(this.#wake.bind(this), wait)
  }

  /** Reads the state, for everyone if it has changed and their time has come, else for those who just joined. */
  async #publish(): Promise<void> {
    this.#reading = true
    const failed = this.#failure
    this.#readLast = performance.now()
    const forAll = this.#changed && this.#readLast >= this.#toldAll + this.#intervalMs
    if (forAll) {
      this.#toldAll = this.#readLast
      this.#changed = false
    }
    const newcomers = this.#newcomers
    this.#newcomers = new Set()
    await this.#read()
    for (const viewer of forAll || failed !== this.#failure ? this.#viewers : newcomers) viewer.show(this)
    this.#reading = false
    this.#wake()
  }

  async #read(): Promise<void> {
    try {
      await this.#telling.read()
      this.#failure = undefined
    } catch (error) {
      // To be tried again.
      this.#changed = true
      if (this.#failure) return
      this.#report(this.#name.topic, error)
      const words = error instanceof Error ? error.message : String(error)
      const message = `the state of ${this.#name.topic} can’t be read: ${words}`
      const event: FailureEvent = { ...this.#name, message }
      this.#failure = frameOf('failure', event)
    }
  }
}
