/** How long a client waits for its answer. */
import type { FastifyReply } from 'fastify'

/** Fires when the client is gone, or has its answer; the request's own signal does when its body has been read. */
export function untilClosed(reply: FastifyReply): AbortSignal {
  const client = new AbortController()
  // It may have left while something was loaded for its request.
  if (reply.raw.destroyed) client.abort()
  reply.raw.once('close', () => {
    client.abort()
  })
  return client.signal
}

/**
 * Whether an answer can still reach its client: to one that has said that it will send nothing more, Node sends nothing either (`httpAllowHalfOpen`),
 * some time before it closes the connection.
 */
export const canBeAnswered = ({ raw }: FastifyReply): boolean =>
  !raw.destroyed && raw.socket?.writable !== false
