/** The messages of one queue that are hidden until their delay is over. */
import type { Alarm, Clock } from './clock.ts'
import { Heap } from './heap.ts'
import type { Item } from './line.ts'

/** A message, and when it is to be seen, by the clock. */
export interface Delayed {
  readonly item: Item
  readonly due: number
}

/** They have one alarm together, for the first of them. */
export class Delays {
  readonly #clock: Clock
  readonly #ring: () => void
  readonly #heap = new Heap<Delayed>(
    (one, other) => one.due < other.due || (one.due === other.due && one.item.place < other.item.place),
  )
  #alarm: Alarm | undefined

  /** @param ring called when a delay is over; may be late */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  get size(): number {
    return this.#heap.size
  }

  /** All of them, in any order. */
  values(): Iterable<Delayed> {
    return this.#heap.values()
  }

  hide(item: Item, milliseconds: number): void {
    const delayed = { item, due: this.#clock.now() + milliseconds }
    this.#heap.push(delayed)
    if (this.#heap.first === delayed) this.#setAlarm()
  }

  /** Takes all those whose delay is over. */
  takeDue(): Item[] {
    const items: Item[] = []
    const now = this.#clock.now()
    for (let first = this.#heap.first; first && first.due <= now; first = this.#heap.first) {
      items.push(first.item)
      this.#heap.shift()
    }
    if (items.length > 0) this.#setAlarm()
    return items
  }

  /** Ends the alarm, of a queue that has none any more. */
  close(): void {
    this.#alarm?.close()
  }

  #setAlarm(): void {
    this.#alarm?.close()
    const { first } = this.#heap
    if (!first) return
    this.#alarm = this.#clock.after(Math.ceil(first.due - this.#clock.now()), () => {
      // A timer may ring a part of a millisecond too early.
      if (this.#clock.now() < first.due) this.#setAlarm()
      else this.#ring()
    })
  }
}
