/** The last five minutes, second by second, of one run after another. */
import type { TrafficSecond, TrafficSeconds } from './wire.ts'

const mostSeconds = 300

/** A window of time, by the time that each second began at. */
export class Seconds {
  readonly #changed: (at: string) => void
  readonly #seconds = new Map<string, TrafficSecond>()
  #lastAt = 0

  /** @param changed is told of each that is added or has gone */
  constructor(changed: (at: string) => void) {
    this.#changed = changed
  }

  /** Adds a second that is over. @param second its beginning excepted @param age since when it began, in milliseconds */
  add(second: Omit<TrafficSecond, 'at'>, age: number): void {
    const now = Date.now()
    // A clock may be set back; no two may have the same time.
    this.#lastAt = Math.max(this.#lastAt + 1, now - Math.round(age))
    const at = new Date(this.#lastAt).toISOString()
    this.#seconds.set(at, { at, ...second })
    const from = new Date(now - mostSeconds * 1000).toISOString()
    for (const key of this.#seconds.keys()) {
      if (this.#seconds.size <= mostSeconds && key >= from) break
      this.#seconds.delete(key)
      this.#changed(key)
    }
    this.#changed(at)
  }

  read(at: string): TrafficSecond | undefined {
    return this.#seconds.get(at)
  }

  snapshot(): TrafficSeconds {
    return { seconds: [...this.#seconds.values()] }
  }
}
