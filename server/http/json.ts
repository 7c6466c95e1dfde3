/** JSON answers, as kuard gives them: they are true only at the moment they are given, so no cache may keep them. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { preparedFor } from './prepared-headers.ts'
import { LateSchema } from './schemas.ts'

/** Marks each route that names a schema for its success. */
export function markJson(http: FastifyInstance): void {
  http.addHook('onRoute', (route) => {
    const response = (route.schema?.response ?? {}) as Record<string, unknown>
    if (response[200] instanceof LateSchema) route.config = { ...route.config, json: true }
  })
}

/** Has an answer be as those of a route that is so marked. */
export function prepareJson(reply: FastifyReply): void {
  forbidCaching(reply)
  nameJson(reply)
}

/** What lets no cache give an answer again without asking. */
export const uncached = {
  'cache-control': 'no-cache, private, max-age=0',
  pragma: 'no-cache',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
} as const

/** Lets no cache give this answer again without asking; those of a route that is marked need no more. */
export function forbidCaching(reply: FastifyReply): void {
  void reply.headers(uncached)
}

/** JSON knows no charset (RFC 8259, section 11). Fastify adds one, unless an answer brings its own serializer. */
export function nameJson(reply: FastifyReply): FastifyReply {
  return reply.header('content-type', 'application/json').serializer(serialize)
}

/** Ends in a newline, as Go's encoder does: in a shell each answer is a line. An error's text passes here too. */
const serialize = (payload: unknown): string =>
  typeof payload === 'string' ? payload : `${JSON.stringify(payload)}\n`

/**
 * Answers 200 by what is JSON already, for routes that have to be cheap: Fastify's own way takes some more of an enqueue's time.
 * @param line with its newline
 */
export function sendJsonLine(reply: FastifyReply, line: string): void {
  const { raw } = reply
  const headers = preparedFor(raw)
  if (!headers) {
    void reply.send(line)
    return
  }
  reply.hijack()
  headers.asJson.prepare(reply)
  raw.end(line)
}
