/** Names that nobody can guess, for messages and leases. */
import { randomFillSync } from 'node:crypto'

const bytesEach = 16
const placeBytes = 6

/** Names of 32 hex digits, made from randomness that is fetched for many at a time: one by one it would cost more than a queue does. */
export class RandomIds {
  readonly #pool = Buffer.allocUnsafeSlow(256 * bytesEach)
  #used = this.#pool.length

  next(): string {
    this.#advance()
    return this.#pool.toString('hex', this.#used - bytesEach, this.#used)
  }

  /** One that sorts by a place in a queue, which its first 12 digits are. */
  at(place: number): string {
    this.#advance()
    this.#pool.writeUIntBE(place, this.#used - bytesEach, placeBytes)
    return this.#pool.toString('hex', this.#used - bytesEach, this.#used)
  }

  #advance(): void {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    this.#used += bytesEach
  }
}

/** The place that a name begins with. */
export const placeIn = (id: string): number => Number.parseInt(id.slice(0, 2 * placeBytes), 16)
