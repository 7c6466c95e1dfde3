/** Turns for calls to the file system, whose failures are told in words. */
import { TooSlow, type Gate } from '../../host/gate.ts'
import { asRefusal, Refusal } from './refusal.ts'

/** The turns of one kind of work. */
export class Turns {
  readonly #gate: Gate

  constructor(gate: Gate) {
    this.#gate = gate
  }

  /**
   * As Gate.run.
   * @throws Refusal when the file system refuses it, or is too slow
   */
  async run<Result>(call: () => Promise<Result>, release?: (late: Result) => unknown): Promise<Result> {
    try {
      return await this.#gate.run(call, release)
    } catch (error) {
      throw error instanceof TooSlow ? new Refusal('busy', error.message) : asRefusal(error)
    }
  }

  /** As Gate.close. */
  close(opened: { close(): Promise<void> }): Promise<void> {
    return this.#gate.close(opened)
  }
}
