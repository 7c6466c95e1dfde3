/** Looks at things that may hang, each by one thread at most, however often somebody asks. */
import type { Gate } from './gate.ts'

/** Looks of one kind. */
export class Looks<Result> {
  readonly #gate: Gate
  /** Those that have not come back, by what they look at. */
  readonly #underWay = new Map<string, Promise<Result | null>>()

  /** @param gate whose patience ends a look */
  constructor(gate: Gate) {
    this.#gate = gate
  }

  /**
   * Looks at it, unless that is under way.
   * @returns null when it fails, is too slow, or hung when it was looked at before
   */
  at(what: string, look: () => Promise<Result>): Promise<Result | null> {
    const known = this.#underWay.get(what)
    if (known) return known
    let hasBegun = false
    const looking = this.#gate
      .run(() => {
        hasBegun = true
        return look().finally(() => this.#underWay.delete(what))
      })
      .catch(() => {
        if (!hasBegun) this.#underWay.delete(what)
        return null
      })
    this.#underWay.set(what, looking)
    return looking
  }
}
