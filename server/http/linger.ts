/**
 * Answers that are given while their request is still being sent. To close then would reset the connection, and the
 * client might never read the answer (RFC 9112, section 9.6).
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** How long a client may go on sending after it was answered, in milliseconds. */
export const lingerMs = 5_000

/** Whether a request says that it has a body (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** Whether some of a request's body is still to come. */
export const isArriving = (request: IncomingMessage): boolean => hasBody(request) && !request.complete

/** The words at once, and their end when the request's body has arrived, unread, or the client took too long. */
export const lingering = (words: string, request: IncomingMessage): Readable =>
  Readable.from(thenDiscard(words, request))

async function* thenDiscard(words: string, request: IncomingMessage): AsyncGenerator<string> {
  yield words
  request.resume()
  // A client that leaves, or is still not done, is no error here: it has been answered.
  await finished(request, { signal: AbortSignal.timeout(lingerMs) }).catch(() => undefined)
}
