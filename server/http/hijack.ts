/** Answers that are written by another hand than Fastify's. */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { preparedFor } from './prepared-headers.ts'

/** The bare response, with the headers that the reply has so far: those that hooks have set, the name of the pod for one. */
export function hijacked(reply: FastifyReply): ServerResponse {
  const { raw } = reply.hijack()
  preparedFor(raw)?.undo(raw)
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value)
  return raw
}
