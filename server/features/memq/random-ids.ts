/** Names that nobody can guess, for messages and leases. */
import { randomFillSync } from 'node:crypto'

const bytesEach = 16

/** Names of 32 hex digits, made from randomness that is fetched for many at a time: one by one it would cost more than a queue does. */
export class RandomIds {
  readonly #pool = Buffer.allocUnsafeSlow(256 * bytesEach)
  #used = this.#pool.length

  next(): string {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    this.#used += bytesEach
    return this.#pool.toString('hex', this.#used - bytesEach, this.#used)
  }
}
