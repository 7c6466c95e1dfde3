/** What is taken in an order other than that in which it came. */

/** A binary heap: adding and taking are O(log n). */
export class Heap<Value> {
  #values: Value[] = []
  readonly #isBefore: (value: Value, other: Value) => boolean

  /** @param isBefore whether a value is taken before another */
  constructor(isBefore: (value: Value, other: Value) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#values.length
  }

  /** The one that is taken next. */
  get first(): Value | undefined {
    return this.#values[0]
  }

  /** All of them, in any order. */
  values(): Iterable<Value> {
    return this.#values
  }

  push(value: Value): void {
    const values = this.#values
    let at = values.length
    values.push(value)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = values[parent]
      if (above === undefined || this.#isBefore(above, value)) break
      values[at] = above
      at = parent
    }
    values[at] = value
  }

  shift(): Value | undefined {
    const values = this.#values
    const first = values[0]
    const last = values.pop()
    if (last !== undefined && values.length > 0) this.#sink(last)
    return first
  }

  /** Takes out all that are meant, in any order. */
  extract(isMeant: (value: Value) => boolean): Value[] {
    const { false: others = [], true: meant = [] } = Object.groupBy(this.#values, (value) =>
      isMeant(value) ? 'true' : 'false',
    )
    if (meant.length === 0) return meant
    this.#values = []
    for (const value of others) this.push(value)
    return meant
  }

  /** Finds the place for a value, from the top down. */
  #sink(value: Value): void {
    const values = this.#values
    let at = 0
    for (;;) {
      const left = values[2 * at + 1]
      const right = values[2 * at + 2]
      const isRight = left !== undefined && right !== undefined && this.#isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || this.#isBefore(value, child)) break
      values[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    values[at] = value
  }
}
