/** Lets features have a word in front of a request. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Http } from './http.ts'

/** As Feature.guard. */
export type FeatureGuard = (request: FastifyRequest, reply: FastifyReply) => unknown

/** Who has a word, by the feature's name. */
export interface Guarding {
  readonly name: string
  readonly guard?: FeatureGuard
}

/** Asks those features that have a word; where none has, a request comes by nothing more than before. */
export function askFeatures(http: Http, features: readonly Guarding[]): void {
  const guards = features.flatMap(({ name, guard }) => (guard ? [{ name, guard }] : []))
  if (guards.length === 0) return
  // After what comes first for every request, and before its body is read.
  http.addHook('preParsing', async (request, reply) => {
    const { exemptFrom = [] } = request.routeOptions.config
    for (const { name, guard } of guards) {
      if (exemptFrom.includes(name)) continue
      await guard(request, reply)
      if (reply.sent) return reply
    }
    return undefined
  })
}
