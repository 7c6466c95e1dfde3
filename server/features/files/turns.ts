/** Turns for calls to the file system, whose failures are told in words. */
import { NoTurn, type Gate } from '../../host/gate.ts'
import { asRefusal, Refusal } from './refusal.ts'

/** The turns of one kind of work. */
export class Turns {
  readonly #gate: Gate

  constructor(gate: Gate) {
    this.#gate = gate
  }

  /**
   * Does it when its turn comes.
   * @throws Refusal when the file system refuses it, or when no turn came in 10 seconds
   */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#gate.run(call)
    } catch (error) {
      throw error instanceof NoTurn ? new Refusal('busy', error.message) : asRefusal(error)
    }
  }

  /** As Gate.close. */
  close(opened: { close(): Promise<void> }): Promise<void> {
    return this.#gate.close(opened)
  }
}
