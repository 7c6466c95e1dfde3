/** How long a client waits for its answer. */
import type { FastifyReply } from 'fastify'

/** Fires when the client is gone, or has its answer; the request's own signal does when its body has been read. */
export function untilClosed(reply: FastifyReply): AbortSignal {
  const client = new AbortController()
  reply.raw.once('close', () => {
    client.abort()
  })
  return client.signal
}
