/** Something of the server's file system, read again whenever it changes. */
import { CallFailure, type Answer } from '../../lib/api.ts'
import type { WatchedPath } from '../../../../server/features/files/wire.ts'
import { clock } from '../../lib/clock.svelte.ts'
import { live } from '../../lib/live.svelte.ts'

/** How long the first reading waits for the watch, so that no change is missed in between, in milliseconds. */
const patienceMs = 400
/** Between two readings, and twice as long as one took: a large folder that changes all the time must not keep the server busy. */
const restMs = 200

/** How it stands, whatever it is. */
export type Standing = Pick<
  Followed<unknown>,
  'latest' | 'error' | 'failedAt' | 'watched' | 'slow' | 'isGone' | 'isFollowed' | 'again'
>

export class Followed<Value> {
  /** The last reading that succeeded. */
  latest = $state.raw<Answer<Value>>()
  /** Why the last reading failed, if it did. */
  error = $state.raw<unknown>()
  /** When the first one failed since the last that succeeded, in milliseconds since 1970. */
  failedAt = $state<number>()
  /** What the event stream says of it. */
  watched = $state.raw<WatchedPath>()
  /** Whether the first reading takes long enough to say so. */
  slow = $state(false)
  /** Whether it was there before, and isn't any more. */
  readonly isGone = $derived(
    this.latest !== undefined && this.error instanceof CallFailure && this.error.status === 404,
  )

  readonly #read: () => Promise<Answer<Value>>
  readonly #path: string | undefined
  readonly #compare: (before: Value, answer: Answer<Value>) => void
  #paused = false
  #stopped = false
  #wanted = false
  #reading = false
  #begun = false

  /**
   * @param read reads it once
   * @param path to watch, below `--fs-root`; undefined where it can't be watched
   * @param compare called with each reading that comes after another one of the same pod
   */
  constructor(
    read: () => Promise<Answer<Value>>,
    path: string | undefined,
    compare: (before: Value, answer: Answer<Value>) => void,
  ) {
    this.#read = read
    this.#path = path
    this.#compare = compare
  }

  /** Whether changes of it are told. */
  get isFollowed(): boolean {
    return this.#path !== undefined
  }

  /** @returns a function that ends it */
  start(): () => void {
    const path = this.#path
    const unwatch =
      path === undefined
        ? undefined
        : live.watch(path, (state) => {
            this.watched = state
            this.again()
          })
    const firstLook = setTimeout(
      () => {
        if (!this.#begun) this.again()
      },
      path === undefined ? 0 : patienceMs,
    )
    const slowness = setTimeout(() => (this.slow = this.latest === undefined), 2 * patienceMs)
    return () => {
      this.#stopped = true
      unwatch?.()
      clearTimeout(firstLook)
      clearTimeout(slowness)
    }
  }

  /** While it isn't on show nothing is read; what has changed meanwhile is seen afterwards. */
  pause(paused: boolean): void {
    this.#paused = paused
    if (!paused && this.#wanted) this.again()
  }

  /** Reads it now, or as soon as a reading that is under way has ended. */
  again(): void {
    this.#begun = true
    this.#wanted = true
    if (!this.#reading) void this.#readWhileWanted()
  }

  async #readWhileWanted(): Promise<void> {
    this.#reading = true
    while (this.#wanted && !this.#paused && !this.#stopped) {
      this.#wanted = false
      const started = performance.now()
      try {
        this.#take(await this.#read())
      } catch (error) {
        this.error = error
        this.failedAt ??= clock.at()
      }
      const rest = Math.max(restMs, 2 * (performance.now() - started))
      await new Promise((resolve) => setTimeout(resolve, rest))
    }
    this.#reading = false
  }

  #take(answer: Answer<Value>): void {
    if (this.#stopped) return
    const before = this.latest
    this.latest = answer
    this.error = undefined
    this.failedAt = undefined
    this.slow = false
    if (before?.pod === answer.pod) this.#compare(before.value, answer)
  }
}
