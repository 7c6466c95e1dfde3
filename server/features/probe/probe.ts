/** A health check that fails when it is told to. */
import { Changes } from '../../state/topic.ts'
import { relativeTime } from '../../text/relative-time.ts'
import type { ProbeStatus } from './wire.ts'

const historyLength = 20

/** What a probe answers. */
export interface Verdict {
  readonly healthy: boolean
  /** `ok`, or why it fails. */
  readonly words: string
}

const ok: Verdict = { healthy: true, words: 'ok' }

/** One of the process's two health checks, liveness or readiness. */
export class Probe {
  readonly changes = new Changes()
  /** How many were answered so far, by outcome. */
  readonly answered = { ok: 0, failed: 0 }
  readonly path: string
  #failNext: number
  #shuttingDown = false
  /** The last calls; the one with id N stands at N modulo the length. */
  readonly #calls: { readonly id: number; readonly time: number; readonly code: number }[] = []

  /**
   * @param path where it is asked, such as `/healthy`
   * @param failNext as in `failNext()`
   */
  constructor(path: string, failNext: number) {
    this.path = path
    this.#failNext = failNext
  }

  /** What the next call will be answered, without counting as a call. */
  get verdict(): Verdict {
    if (this.#shuttingDown) return { healthy: false, words: 'fail, shutting down' }
    if (this.#failNext < 0) return { healthy: false, words: 'fail, permanent' }
    if (this.#failNext > 0) return { healthy: false, words: `fail, ${String(this.#failNext - 1)} left` }
    return ok
  }

  /** Answers one call, and keeps it in the history. */
  call(): Verdict {
    const { verdict } = this
    if (!this.#shuttingDown && this.#failNext > 0) this.#failNext -= 1
    if (verdict.healthy) this.answered.ok += 1
    else this.answered.failed += 1
    const id = this.answered.ok + this.answered.failed
    this.#calls[id % historyLength] = { id, time: Date.now(), code: verdict.healthy ? 200 : 500 }
    this.changes.announce()
    return verdict
  }

  /** @param count fail this many calls from now on; 0 succeeds, below 0 fails forever */
  failNext(count: number): void {
    this.#failNext = count
    this.changes.announce()
  }

  /** From now on every call fails, since the process is about to end. */
  shutDown(): void {
    this.#shuttingDown = true
    this.changes.announce()
  }

  /** The state and the last calls, newest first. */
  status(): ProbeStatus {
    const now = Date.now()
    const newestFirst = Object.values(this.#calls).sort((one, other) => other.id - one.id)
    const history = newestFirst.map(({ id, time, code }) => ({
      id,
      when: stamp(new Date(time)),
      relWhen: relativeTime(now - time, 'ago'),
      code,
      time: new Date(time).toISOString(),
    }))
    const state = { probePath: this.path, failNext: this.#failNext, history }
    return this.#shuttingDown ? { ...state, shuttingDown: true } : state
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Local time in the form of Go's time.Stamp: `Nov  1 01:46:20`. */
function stamp(time: Date): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${months[time.getMonth()] ?? ''} ${String(time.getDate()).padStart(2)} ${clock.join(':')}`
}
