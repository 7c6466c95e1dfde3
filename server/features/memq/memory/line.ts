/** The messages that wait in one queue, in the order of their places. */
import { Heap } from './heap.ts'
import type { History } from './history.ts'

/** A message as the store keeps it. */
export interface Item {
  readonly id: string
  readonly body: string
  readonly creationTimestamp: string
  /** Its number among all that were ever put in its queue. */
  readonly place: number
  /** What it takes of the store's limit. */
  bytes: number
  /** Of one that has been leased, or was dead. */
  history: History | undefined
  /** The one behind it. */
  next: Item | undefined
}

/**
 * New items are a linked list. Those that come back, or come late, were ahead of some or all of them, so they are a heap of their own.
 * Taking and adding are O(1) for new items, O(log n) for n items that came back.
 */
export class Line {
  length = 0
  #first: Item | undefined
  #last: Item | undefined
  readonly #returned = new Heap<Item>((item, other) => item.place < other.place)

  /** The oldest item. */
  get first(): Item | undefined {
    const returned = this.#returned.first
    return returned && !(this.#first && this.#first.place < returned.place) ? returned : this.#first
  }

  /** Adds a new item at the end. */
  push(item: Item): void {
    if (this.#last) this.#last.next = item
    else this.#first = item
    this.#last = item
    this.length += 1
  }

  /** Puts an item where its place is. */
  giveBack(item: Item): void {
    this.#returned.push(item)
    this.length += 1
  }

  /** Takes the oldest item. */
  shift(): Item | undefined {
    const item = this.#returned.size > 0 ? this.#shiftOlder() : this.#shiftNew()
    if (item) this.length -= 1
    return item
  }

  /** Those that came back, in any order. */
  returned(): Iterable<Item> {
    return this.#returned.values()
  }

  /** Those that never left, oldest first. */
  *new(): Generator<Item> {
    for (let item = this.#first; item; item = item.next) yield item
  }

  /** Takes out items that are meant, oldest first: all that came back, and at most so many of the others. */
  extract(isMeant: (item: Item) => boolean, count: number): Item[] {
    const taken = this.#returned.extract(isMeant)
    let before: Item | undefined
    let left = count
    for (let item = this.#first; item && left > 0;) {
      const { next } = item
      if (isMeant(item)) {
        this.#unlink(item, before)
        taken.push(item)
        left -= 1
      } else before = item
      item = next
    }
    this.length -= taken.length
    return taken.sort((a, b) => a.place - b.place)
  }

  #unlink(item: Item, before: Item | undefined): void {
    if (before) before.next = item.next
    else this.#first = item.next
    if (!item.next) this.#last = before
    item.next = undefined
  }

  #shiftOlder(): Item | undefined {
    return this.first === this.#first ? this.#shiftNew() : this.#returned.shift()
  }

  #shiftNew(): Item | undefined {
    const item = this.#first
    if (!item) return undefined
    this.#first = item.next
    // Else an item that has been taken would keep those behind it alive.
    item.next = undefined
    if (!this.#first) this.#last = undefined
    return item
  }
}
