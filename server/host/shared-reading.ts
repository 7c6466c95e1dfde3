/** What costs much to read, read once for all who ask meanwhile: however many ask, one reading is under way. */
export class SharedReading<Result> {
  readonly #read: () => Promise<Result>
  #last: Promise<unknown> = Promise.resolve()
  #next: Promise<Result> | undefined

  constructor(read: () => Promise<Result>) {
    this.#read = read
  }

  /** What is read after this call, never before it. Fails as the reading does. */
  now(): Promise<Result> {
    return (this.#next ??= this.#begin())
  }

  async #begin(): Promise<Result> {
    await this.#last
    // Who asks from here on may want to see what has changed since.
    this.#next = undefined
    const reading = this.#read()
    this.#last = reading.catch(() => undefined)
    return reading
  }
}
