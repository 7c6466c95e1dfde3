/** Bytes of a record, field by field. */

/** Bytes that are read from front to back. */
export class Cursor {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#position
  }

  /** @throws RangeError when there are fewer left */
  take(count: number): Buffer {
    if (count > this.left) throw new RangeError('the content ends too early')
    this.#position += count
    return this.#bytes.subarray(this.#position - count, this.#position)
  }
}
