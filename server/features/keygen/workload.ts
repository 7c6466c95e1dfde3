/** A workload with limits of its own: so many keys, so many seconds, or no end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { relativeTime } from '../../text/relative-time.ts'
import type { LineTrace } from '../../log/log.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import type { Workload } from '../../workload/workload.ts'
import type { KeySlot, KeySlots } from './key-slots.ts'
import type { KeyGenConfig, KeyGenProgress } from './wire.ts'

/** Makes keys until it is complete or stopped. */
export interface KeyWorkload extends Workload {
  progress(): KeyGenProgress
}

/** What a workload is given, beside its orders. */
export interface Tools {
  readonly slots: KeySlots
  readonly tracing: Tracing | undefined
  /** Logs a line. */
  readonly say: (line: string, trace?: LineTrace) => void
  /** Logs the line of an item that is done, and counts it. */
  readonly itemDone: (line: string, trace?: LineTrace) => void
}

/** How long to wait after something went wrong, in milliseconds. */
const pauseMs = 1000

/** A workload that ends by count or by time, or never. */
export class LimitedWorkload implements KeyWorkload {
  readonly #name: string
  readonly #limits: Pick<KeyGenConfig, 'numToGen' | 'timeToRun'>
  readonly #tools: Tools
  readonly #stop = new AbortController()
  readonly #startedAt = new Date()
  /** By the clock that nobody sets. */
  readonly #deadline: number
  #begun = 0
  #done = 0
  #running = true

  /** @param id its number, for its lines */
  constructor(id: number, limits: Pick<KeyGenConfig, 'numToGen' | 'timeToRun'>, tools: Tools) {
    this.#name = `ID ${id}`
    this.#limits = limits
    this.#deadline = performance.now() + limits.timeToRun * 1000
    this.#tools = tools
  }

  get isRunning(): boolean {
    return this.#running
  }

  progress(): KeyGenProgress {
    const { numToGen, timeToRun } = this.#limits
    return {
      running: this.#running,
      done: this.#done,
      of: numToGen || null,
      secondsLeft:
        timeToRun === 0 || !this.#running ? null : Math.max(0, Math.ceil(this.#millisecondsLeft / 1000)),
      startedAt: this.#startedAt.toISOString(),
    }
  }

  async run(): Promise<'complete' | 'stopped'> {
    const { slots, say } = this.#tools
    say(`(${this.#name}) Workload starting`)
    try {
      await Promise.all(Array.from({ length: slots.count }, () => this.#makeKeys()))
    } catch (error) {
      if (this.#stop.signal.aborted) return 'stopped'
      throw error
    }
    this.#end()
    return 'complete'
  }

  stop(): void {
    this.#end()
    this.#stop.abort()
  }

  async #makeKeys(): Promise<void> {
    for (;;) {
      using slot = await this.#tools.slots.take(this.#stop.signal)
      if (!this.#mayBegin()) return
      await this.#makeKey(slot)
    }
  }

  async #makeKey(slot: KeySlot): Promise<void> {
    const { signal } = this.#stop
    this.#begun += 1
    try {
      const fingerprint = await slot.makeKey(signal)
      this.#done += 1
      this.#tools.itemDone(`(${this.#name} ${this.#count}${this.#timeLeft}) Item done: ${fingerprint}`)
    } catch (error) {
      signal.throwIfAborted()
      this.#begun -= 1
      this.#tools.say(`(${this.#name}) Error making a key: ${(error as Error).message}. Retrying after 1s.`)
      await sleep(pauseMs, undefined, { signal })
    }
  }

  /** As kuard does, a key that was begun in time is finished. */
  #mayBegin(): boolean {
    const { numToGen, timeToRun } = this.#limits
    return (numToGen === 0 || this.#begun < numToGen) && (timeToRun === 0 || this.#millisecondsLeft > 0)
  }

  #end(): void {
    this.#running = false
    this.#tools.say(`(${this.#name}) Workload exiting`)
  }

  get #millisecondsLeft(): number {
    return this.#deadline - performance.now()
  }

  get #count(): string {
    return `${this.#done}/${this.#limits.numToGen || 'Inf'}`
  }

  get #timeLeft(): string {
    if (this.#limits.timeToRun === 0) return ''
    const left = this.#millisecondsLeft
    return ` ${relativeTime(Math.abs(left), left > 0 ? 'left' : 'overdue')}`
  }
}
