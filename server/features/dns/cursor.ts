/** Bytes of a message, field by field. */

/** With the length before each label and the root after them (RFC 1035, section 2.3.4). */
const maxName = 255

/** Bytes that are read from front to back. */
export class Cursor {
  readonly #message: Buffer
  readonly #end: number
  #position: number

  /**
   * @param message all of it: names may go on at an earlier place
   * @param position where to begin, in bytes
   * @param end what is not read any more
   */
  constructor(message: Buffer, position = 0, end = message.length) {
    this.#message = message
    this.#position = position
    this.#end = end
  }

  get left(): number {
    return this.#end - this.#position
  }

  /** What is left, which stays. */
  get unread(): Buffer {
    return this.#message.subarray(this.#position, this.#end)
  }

  /** @throws RangeError when there are fewer left */
  take(count: number): Buffer {
    if (count > this.left) throw new RangeError('it ends too early')
    this.#position += count
    return this.#message.subarray(this.#position - count, this.#position)
  }

  readonly byte = (): number => this.take(1).readUInt8()
  readonly short = (): number => this.take(2).readUInt16BE()
  readonly long = (): number => this.take(4).readUInt32BE()
  readonly rest = (): Buffer => this.take(this.left)

  /** The next bytes, to be read by themselves. */
  part(count: number): Cursor {
    const start = this.#position
    this.take(count)
    return new Cursor(this.#message, start, this.#position)
  }

  /**
   * The labels of a name, which may go on at an earlier place of the message (RFC 1035, section 4.1.4).
   * @throws RangeError when that leads nowhere, or the name is too long
   */
  labels(): Buffer[] {
    const labels: Buffer[] = []
    let size = 1
    let start = this.#position
    const take = (from: Cursor): Buffer[] => {
      for (;;) {
        const head = from.byte()
        if (head === 0) return labels
        if (head >= 0xc0) {
          const place = ((head & 0x3f) << 8) | from.byte()
          if (place >= start) throw new RangeError('a name in it leads to itself')
          start = place
          return take(new Cursor(this.#message, place))
        }
        size += head + 1
        if (head > 63 || size > maxName) throw new RangeError('a name in it is too long')
        labels.push(from.take(head))
      }
    }
    return take(this)
  }
}
