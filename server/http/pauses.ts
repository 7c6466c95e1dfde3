/** The time that answers take because they were told to. */

/** What a pause may last at most, in seconds. */
export const longestSeconds = 600

const secondsOf = { ms: 0.001, s: 1, m: 60 } as const

/**
 * The seconds that a text names.
 * @param text `2`, `0.5`, `200ms`, `2s` or `1m`
 * @returns undefined for what is no time, or is too long
 */
export function secondsIn(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m)?$/.exec(text) ?? []
  if (number === undefined) return undefined
  const seconds = Number(number) * secondsOf[unit as keyof typeof secondsOf]
  return seconds <= longestSeconds ? seconds : undefined
}

/** What an answer takes beside its pause, so that it leaves before the process does; in seconds. */
const slack = 1

/** How long the process goes on once it was told to end, and how much of it requests are still taken; in seconds. */
export interface EndTimes {
  readonly shutdownDelay: number
  readonly shutdownTimeout: number
}

/** Those that are on, each with its answer waiting. */
export class Pauses {
  readonly #lastSeconds: number
  /** How to end one, and when it ends by itself, by performance.now(). */
  readonly #ends = new Map<() => void, number>()
  #latest = Infinity

  constructor({ shutdownDelay, shutdownTimeout }: EndTimes) {
    this.#lastSeconds = Math.max(0, shutdownTimeout - shutdownDelay - slack)
  }

  /**
   * Waits for so long, or until the client is gone, or there is not so much time left.
   * @returns whether the time was waited for
   */
  wait(seconds: number, gone: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const due = performance.now() + seconds * 1000
    if (gone.aborted || due > this.#latest) return Promise.resolve(false)
    const end = (isOver: boolean) => {
      clearTimeout(timer)
      gone.removeEventListener('abort', endEarly)
      this.#ends.delete(endEarly)
      resolve(isOver)
    }
    const endEarly = () => {
      end(false)
    }
    const timer = setTimeout(() => {
      end(true)
    }, seconds * 1000)
    gone.addEventListener('abort', endEarly)
    this.#ends.set(endEarly, due)
    return promise
  }

  /** To be called when requests are no longer taken: ends those that the process wouldn't live to see the end of, and lets no such one begin. */
  close(): void {
    this.#latest = performance.now() + this.#lastSeconds * 1000
    for (const [end, due] of this.#ends) if (due > this.#latest) end()
  }
}
