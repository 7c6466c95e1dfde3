/** A call as state: under way, answered or failed. */
import type { Answer } from './api.ts'

/** The calls of one place in the page, of which the latest counts. */
export class Action<Value> {
  #latest = 0
  #working = $state(false)
  #answer = $state.raw<Answer<Value>>()
  #error = $state.raw<unknown>()

  get working(): boolean {
    return this.#working
  }

  /** The last that came; kept while another is on its way. */
  get answer(): Answer<Value> | undefined {
    return this.#answer
  }

  /** Why the latest call failed; undefined if it did not. */
  get error(): unknown {
    return this.#error
  }

  /** @returns the answer; undefined if the call failed or a later one has been made */
  async run(call: () => Promise<Answer<Value>>): Promise<Answer<Value> | undefined> {
    this.#latest += 1
    const run = this.#latest
    this.#working = true
    this.#error = undefined
    const [answer, error] = await call().then(
      (came) => [came, undefined] as const,
      (caught: unknown) => [undefined, caught] as const,
    )
    if (run !== this.#latest) return undefined
    this.#working = false
    this.#error = error
    this.#answer = answer ?? this.#answer
    return answer
  }
}
