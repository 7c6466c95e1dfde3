/** How much a stream may bring. */

/**
 * In bytes a second, over time. A port-forward goes through the API server and a reader's own line: ten megabits are taken without
 * harm to others there. What changes in 12,000 queues is a few kB a second, so only whole states meet this bound.
 */
export const bytesPerSecond = 1 << 20

/** What may come at once, as a large state does when a stream opens, in bytes. */
const burst = 4 << 20

/** An account that fills with time, and that a write may overdraw. */
export class Pace {
  readonly #bytesPerMs: number
  #left = burst
  #time = performance.now()

  /** @param bytesPerSecond over time */
  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000
  }

  /** @returns how long to rest after having written so much, in milliseconds; 0 if not at all */
  restAfter(bytes: number): number {
    const now = performance.now()
    this.#left = Math.min(burst, this.#left + (now - this.#time) * this.#bytesPerMs) - bytes
    this.#time = now
    return Math.max(0, -this.#left / this.#bytesPerMs)
  }
}
