/** Lets features have a word in front of a request. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** As Feature.guard. */
export type FeatureGuard = (request: FastifyRequest, reply: FastifyReply) => unknown

/** Who has a word, by the feature's name; as Feature has it. */
export interface Guarding {
  readonly name: string
  readonly guard?: FeatureGuard
  readonly concerns?: (request: FastifyRequest) => boolean
}

/** The features that have a word, in their order. */
export class FeatureGuards {
  readonly #guards: readonly Required<Guarding>[]

  constructor(features: readonly Guarding[]) {
    this.#guards = features.flatMap(({ name, guard, concerns = always }) =>
      guard ? [{ name, guard, concerns }] : [],
    )
  }

  /** Whether one of them may have a word at this request: all that most requests cost here, so it makes no promise and no object. */
  concern(request: FastifyRequest): boolean {
    for (const { concerns } of this.#guards) if (concerns(request)) return true
    return false
  }

  /**
   * Asks them, one after the other.
   * @param exemptFrom those that have no word at this request's route, by name
   * @returns whether the request goes on; else it has been answered
   */
  async ask(request: FastifyRequest, reply: FastifyReply, exemptFrom: readonly string[]): Promise<boolean> {
    for (const { name, guard, concerns } of this.#guards) {
      if (exemptFrom.includes(name) || !concerns(request)) continue
      await guard(request, reply)
      if (reply.sent) return false
    }
    return true
  }
}

const always = (): boolean => true
