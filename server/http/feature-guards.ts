/** Lets features have a word in front of a request. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Http } from './http.ts'

/** As Feature.guard. */
export type FeatureGuard = (request: FastifyRequest, reply: FastifyReply) => unknown

/** Who has a word, by the feature's name; as Feature has it. */
export interface Guarding {
  readonly name: string
  readonly guard?: FeatureGuard
  readonly concerns?: (request: FastifyRequest) => boolean
}

/** Asks those features that have a word; a request that concerns none of them comes by nothing more than that question. */
export function askFeatures(http: Http, features: readonly Guarding[]): void {
  const guards = features.flatMap(({ name, guard, concerns = always }) =>
    guard ? [{ name, guard, concerns }] : [],
  )
  if (guards.length === 0) return
  /** Whether the request goes on to its route. */
  const ask = async (request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const { exemptFrom = [] } = request.routeOptions.config
    for (const { name, guard, concerns } of guards) {
      if (exemptFrom.includes(name) || !concerns(request)) continue
      await guard(request, reply)
      if (reply.sent) return false
    }
    return true
  }
  // After what comes first for every request, and before its body is read.
  http.addHook('preParsing', (request, reply, body, done) => {
    for (const { concerns } of guards) {
      if (!concerns(request)) continue
      ask(request, reply).then((goesOn) => {
        if (goesOn) done(null, body)
      }, done)
      return
    }
    done(null, body)
  })
}

const always = (): boolean => true
