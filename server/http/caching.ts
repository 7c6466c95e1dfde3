/** Keeps JSON answers out of every cache: they are true only at the moment they are given. */
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Marks each route that has a JSON schema for its success. */
export function markUncached(http: FastifyInstance): void {
  http.addHook('onRoute', (route) => {
    const response = (route.schema?.response ?? {}) as Record<string, { type?: string }>
    if (response[200]?.type === 'object') route.config = { ...route.config, uncached: true }
  })
}

/** Lets no cache give this answer again without asking. */
export function forbidCaching(reply: FastifyReply): void {
  void reply
    .header('cache-control', 'no-cache, private, max-age=0')
    .header('pragma', 'no-cache')
    .header('expires', 'Thu, 01 Jan 1970 00:00:00 GMT')
}
