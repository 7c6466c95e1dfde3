/** What is remembered for those who have lost an answer and try again: for a time, and not without bound. */
import type { Remembered } from '../store.ts'

interface Entry<Value> {
  readonly value: Value
  readonly since: number
}

/** Two generations: a new one begins when the last is full or old, and the one before is forgotten. So nothing is searched for what is over. */
export class Recent<Value> {
  readonly #milliseconds: number
  readonly #count: number
  readonly #now: () => number
  #newer = new Map<string, Entry<Value>>()
  #older = new Map<string, Entry<Value>>()
  #begun = 0

  /** @param now in milliseconds */
  constructor({ seconds, count }: Remembered, now: () => number) {
    this.#milliseconds = seconds * 1000
    this.#count = count
    this.#now = now
  }

  get(name: string): Value | undefined {
    const entry = this.#newer.get(name) ?? this.#older.get(name)
    return entry && this.#now() - entry.since < this.#milliseconds ? entry.value : undefined
  }

  set(name: string, value: Value): void {
    const now = this.#now()
    if (this.#newer.size >= this.#count || now - this.#begun >= this.#milliseconds) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#begun = now
    }
    this.#newer.set(name, { value, since: now })
  }
}
