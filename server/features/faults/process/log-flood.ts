/** Lines that say nothing, written into the log at a rate. */
import type { Log } from '../../../log/log.ts'
import type { FaultAction, FaultListener, MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'

/** How often lines are written, in milliseconds, and for how long of that at most: the rest is for requests. */
const intervalMs = 20
const busyMs = 10

/** How often those who watch are told, in milliseconds. */
const tellMs = 1000

/** Floods the log. What its reader doesn't take is dropped, as any line is. */
export const makeLogFlood: MakeFault<'log-flood'> = ({ linesPerSecond, seconds = 0 }, listener, { log }) =>
  new LogFlood({ linesPerSecond, seconds }, listener, log)

class LogFlood implements FaultAction {
  readonly words: string
  readonly order: Required<FaultOrder<'log-flood'>>
  readonly seconds: number
  readonly problem: string | undefined
  readonly #log: Log
  readonly #changed: () => void
  #timers: readonly NodeJS.Timeout[] = []
  #written = 0
  #due = 0
  #last = 0
  /** Of the time after it nothing is due, however late its end comes. */
  #until = Infinity

  constructor(order: Required<FaultOrder<'log-flood'>>, { changed }: FaultListener, log: Log) {
    this.order = order
    this.seconds = order.seconds
    this.words = `writes ${order.linesPerSecond} lines a second into the log`
    if (!log.request) this.problem = 'none is seen, since --log-level leaves them out'
    this.#log = log
    this.#changed = changed
  }

  get progress(): string {
    return `${this.#written} lines written`
  }

  begin(): void {
    this.#last = performance.now()
    if (this.seconds > 0) this.#until = this.#last + this.seconds * 1000
    this.#timers = [setInterval(this.#write, intervalMs), setInterval(this.#changed, tellMs)]
  }

  end(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  readonly #write = (): void => {
    const began = performance.now()
    const now = Math.min(began, this.#until)
    // No more than a second's: a machine that is too slow would never catch up.
    const most = this.order.linesPerSecond
    this.#due = Math.min(this.#due + ((now - this.#last) / 1000) * most, most)
    this.#last = now
    for (; this.#due >= 1 && performance.now() - began < busyMs; this.#due -= 1) {
      this.#written += 1
      this.#log.info(`Line ${this.#written} of a fault that floods the log`)
    }
  }
}
