/** Calls to the file system: few at a time, since each may keep one of libuv's threads for as long as a disk or a network likes. */
import { asRefusal, Refusal } from './refusal.ts'

/** Fewer than the threads that there are, so that a file system that hangs leaves some to the log and to DNS. */
const maxAtOnce = 4

const patienceMs = 10_000

interface Waiting {
  readonly begin: () => void
  readonly timer: NodeJS.Timeout
}

/** Gives each call its turn. */
export class FileCalls {
  #free = maxAtOnce
  readonly #waiting = new Set<Waiting>()

  /**
   * Does it as soon as fewer than four others are under way.
   * @throws Refusal when the file system refuses it, or when no turn came in 10 seconds
   */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn()
    try {
      return await call()
    } catch (error) {
      throw asRefusal(error)
    } finally {
      this.#passOn()
    }
  }

  #turn(): Promise<void> {
    return new Promise((begin, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting)
        reject(new Refusal('busy', 'the file system is too slow: earlier calls to it have not come back'))
      }, patienceMs)
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
