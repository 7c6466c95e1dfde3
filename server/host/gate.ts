/**
 * Turns for calls that may keep one of libuv's threads for as long as a disk or a network likes. The threads are few, and
 * whatever hangs must leave some to the log, the page and all others: each kind of work has its share of them.
 */

/** How long a call may wait for its turn, and then for its end, in milliseconds. */
const usualPatienceMs = 10_000

/** A call had no turn, or has not come back; the message says why. */
export class TooSlow extends Error {
  override name = 'TooSlow'

  constructor(whom: string) {
    super(`${whom} too slow: a call has not come back for a long time`)
  }
}

interface Waiting {
  readonly begin: () => void
  readonly timer: NodeJS.Timeout | undefined
}

/** Gives each call of one kind its turn. */
export class Gate {
  readonly #patienceMs: number
  #free: number
  readonly #whom: string
  readonly #waiting = new Set<Waiting>()

  /**
   * @param atOnce how many calls may be under way
   * @param whom who is too slow when no turn comes
   */
  constructor(atOnce: number, patienceMs = usualPatienceMs, whom = 'the file system is') {
    this.#free = atOnce
    this.#whom = whom
    this.#patienceMs = patienceMs
  }

  /**
   * Does it as soon as there is a turn, in the order of asking. A call that hangs keeps its turn; who asked for it doesn't wait.
   * @param release is given what comes when nobody waits for it any more
   * @throws TooSlow when its patience, usually 10 seconds, ends without a turn, or without a result
   */
  async run<Result>(call: () => Promise<Result>, release?: (late: Result) => unknown): Promise<Result> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(this.#patienceMs)
    return new Promise((resolve, reject) => {
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        reject(new TooSlow(this.#whom))
      }, this.#patienceMs)
      const end = () => {
        clearTimeout(timer)
        this.#passOn()
      }
      call()
        .finally(end)
        .then((result) => {
          if (isLate) release?.(result)
          else resolve(result)
        }, reject)
    })
  }

  /** Closes what was opened, which may hang as well, whenever its turn comes. Never rejects: nothing was written that could be lost. */
  async close(opened: { close(): Promise<void> }): Promise<void> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(Infinity)
    await opened.close().catch(() => undefined)
    this.#passOn()
  }

  #turn(patienceMs: number): Promise<void> {
    return new Promise((begin, reject) => {
      const giveUp = () => {
        this.#waiting.delete(waiting)
        reject(new TooSlow(this.#whom))
      }
      const timer = patienceMs === Infinity ? undefined : setTimeout(giveUp, patienceMs)
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
  /** Names that are looked up for requests of this process's own. */
  names: new Gate(2, usualPatienceMs, 'the name servers are'),
  /** What is mounted from this machine. */
  mounts: new Gate(1, 3_000),
  /** What is mounted from elsewhere, which hangs when its server is gone. */
  farMounts: new Gate(2, 2_000),
  /** The processes around this one: proc_pid_cmdline(5) waits for one that is stuck. */
  processes: new Gate(2, 3_000, 'what the kernel tells of processes is'),
} as const
