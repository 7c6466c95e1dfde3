/**
 * Turns for calls that may keep one of libuv's threads for as long as a disk or a network likes. The threads are few, and
 * whatever hangs must leave some to the log, the page and all others: each kind of work has its share of them.
 */

/** How long a call waits for its turn, in milliseconds. */
const patienceMs = 10_000

/** No turn came; the message says why. */
export class NoTurn extends Error {
  override name = 'NoTurn'

  constructor() {
    super('the file system is too slow: earlier calls to it have not come back')
  }
}

interface Waiting {
  readonly begin: () => void
  readonly timer: NodeJS.Timeout | undefined
}

/** Gives each call of one kind its turn. */
export class Gate {
  #free: number
  readonly #waiting = new Set<Waiting>()

  /** @param atOnce how many calls may be under way */
  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /**
   * Does it as soon as there is a turn, in the order of asking.
   * @throws NoTurn when none came in 10 seconds
   */
  run<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.#run(call, patienceMs)
  }

  /** Closes what was opened, which may hang as well, however long its turn takes to come. Never rejects: nothing was written that could be lost. */
  close(opened: { close(): Promise<void> }): Promise<void> {
    return this.#run(() => opened.close(), Infinity).catch(() => undefined)
  }

  async #run<Result>(call: () => Promise<Result>, patience: number): Promise<Result> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(patience)
    try {
      return await call()
    } finally {
      this.#passOn()
    }
  }

  #turn(patience: number): Promise<void> {
    return new Promise((begin, reject) => {
      const giveUp = () => {
        this.#waiting.delete(waiting)
        reject(new NoTurn())
      }
      const timer = patience === Infinity ? undefined : setTimeout(giveUp, patience)
      const waiting = { begin, timer }
      this.#waiting.add(waiting)
    })
  }

  #passOn(): void {
    const [next] = this.#waiting
    if (next) {
      this.#waiting.delete(next)
      clearTimeout(next.timer)
      next.begin()
    } else {
      this.#free += 1
    }
  }
}

/** The shares of all work on files or names of a user's choosing; main.ts sees to it that there are more threads than all of them. */
export const gates = {
  /** Files that a request asks for. */
  requests: new Gate(4),
  /** Paths that pages watch. */
  watches: new Gate(1),
  /** `--tls-dir`. */
  certificates: new Gate(1),
} as const
