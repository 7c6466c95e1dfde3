/** A queue's messages as they were at the last look, a page at a time. */
import type { PeekedMessages } from '../../../../server/features/memq/wire.ts'
import { Action } from '../../lib/action.svelte.ts'
import type { Answer } from '../../lib/api.ts'
import { clock } from '../../lib/clock.svelte.ts'
import { live } from '../../lib/live.svelte.ts'
import { peek } from './requests.ts'

/** Between two looks, however fast the queue changes. */
const periodMs = 1_000

/** For what ends at a time, the server's clock may be a little behind. */
const slackMs = 200

export class Peek {
  readonly #queue: string
  readonly #action = new Action<PeekedMessages>()
  /** After which message each page begins, up to the one on show. */
  #pages = $state.raw<readonly (string | undefined)[]>([undefined])
  #timer: ReturnType<typeof setTimeout> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined
  #lookedAt = -Infinity
  /** Whether something has changed since the look that is under way began. */
  #isStale = false
  #hasEnded = false

  constructor(queue: string) {
    this.#queue = queue
  }

  get answer(): Answer<PeekedMessages> | undefined {
    return this.#action.answer
  }
  get error(): unknown {
    return this.#action.error
  }
  /** From 1. */
  get page(): number {
    return this.#pages.length
  }

  /** Has a look as soon as it may; without a connection there is nothing to see. */
  look(): void {
    if (live.lostAt !== undefined) return
    if (this.#action.working) this.#isStale = true
    else if (this.#timer === undefined) {
      const due = this.#lookedAt + periodMs - performance.now()
      this.#timer = setTimeout(() => void this.#ask(), Math.max(due, 0))
    }
  }

  next(): void {
    const after = this.answer?.value.next
    if (after !== undefined) this.#turn([...this.#pages, after])
  }
  back(): void {
    if (this.page > 1) this.#turn(this.#pages.slice(0, -1))
  }
  first(): void {
    this.#turn([undefined])
  }

  /** Looks no more. */
  end(): void {
    this.#hasEnded = true
    clearTimeout(this.#timer)
    clearTimeout(this.#deadline)
  }

  #turn(pages: readonly (string | undefined)[]): void {
    this.#pages = pages
    void this.#ask()
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#hasEnded) return
    this.#isStale = false
    this.#lookedAt = performance.now()
    const answer = await this.#action.run(() => peek(this.#queue, this.#pages.at(-1)))
    if (!answer) return
    this.#goOn(answer.value)
  }

  #goOn(seen: PeekedMessages): void {
    this.#lookAtNextEnd(seen)
    // All that was on this page, and behind it, has gone.
    if (seen.messages.length === 0 && this.page > 1) this.back()
    else if (this.#isStale) this.look()
  }

  /** A lease that is renewed and one that ends change no figure at that time. */
  #lookAtNextEnd({ messages }: PeekedMessages): void {
    clearTimeout(this.#deadline)
    const ends = messages.flatMap(({ until }) => (until === undefined ? [] : [Date.parse(until)]))
    if (ends.length === 0 || this.#hasEnded) return
    const wait = Math.max(Math.min(...ends) - clock.at(), 0) + slackMs
    this.#deadline = setTimeout(() => {
      this.look()
    }, wait)
  }
}
