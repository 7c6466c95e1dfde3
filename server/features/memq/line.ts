/** The messages that wait in one queue, in the order in which they were enqueued. */

/** A message as the store keeps it. */
export interface Item {
  readonly id: string
  readonly body: string
  readonly creationTimestamp: string
  /** Its place among all messages of its queue. */
  readonly sequence: number
  /** What it takes of the store's limit. */
  readonly bytes: number
  /** The one behind it. */
  next: Item | undefined
}

/**
 * New items are a linked list. An item that comes back was ahead of all of them, so those are a binary heap of
 * their own that goes first. Taking and adding are O(1) for new items, O(log n) for n items that came back.
 */
export class Line {
  length = 0
  #first: Item | undefined
  #last: Item | undefined
  readonly #returned: Item[] = []

  /** Adds a new item at the end. */
  push(item: Item): void {
    if (this.#last) this.#last.next = item
    else this.#first = item
    this.#last = item
    this.length += 1
  }

  /** Puts an item that was taken back where it was. */
  giveBack(item: Item): void {
    const heap = this.#returned
    let at = heap.length
    heap.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (!above || above.sequence < item.sequence) break
      heap[at] = above
      at = parent
    }
    heap[at] = item
    this.length += 1
  }

  /** Takes the oldest item. */
  shift(): Item | undefined {
    const item = this.#returned.length > 0 ? this.#shiftReturned() : this.#shiftNew()
    if (item) this.length -= 1
    return item
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

  #shiftReturned(): Item | undefined {
    const heap = this.#returned
    const oldest = heap[0]
    const last = heap.pop()
    if (last && heap.length > 0) this.#sink(last)
    return oldest
  }

  /** Finds the place for an item, from the top of the heap down. */
  #sink(item: Item): void {
    const heap = this.#returned
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const rightIsOlder = left && right && right.sequence < left.sequence
      const child = rightIsOlder ? right : left
      if (!child || item.sequence < child.sequence) break
      heap[at] = child
      at = 2 * at + (rightIsOlder ? 2 : 1)
    }
    heap[at] = item
  }
}
