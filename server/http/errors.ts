/** Errors that a client is told of: a status, and the reason as plain text. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../log/log.ts'
import { isArriving, lingering } from './linger.ts'

/** A request that can't be done; the message is the answer's text. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/**
 * For a route's `errorHandler`: gives the errors of its feature, which know no HTTP, their status. What is thrown here goes on to
 * the app's own error handler.
 * @param statusOf an error's status, or undefined for one that is not the feature's
 */
export const withStatus =
  (statusOf: (error: Error) => number | undefined) =>
  (error: Error): never => {
    const status = statusOf(error)
    throw status === undefined ? error : new HttpError(status, error.message)
  }

/** The words for what Fastify itself refuses. */
const reasons: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is larger than this server takes (--body-limit)',
  FST_ERR_BAD_URL: 'the path has a percent sign that is not followed by what it should be',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is longer than this server takes',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as its Content-Length says',
}

/** Answers a failed request: below 500 with its reason, else with `internal server error` and the cause in the log. */
export const answerError =
  (log: Log) =>
  (error: FastifyError | HttpError, request: FastifyRequest, reply: FastifyReply): void => {
    const status = error.statusCode ?? 500
    const known = status < 500 || error instanceof HttpError
    if (!known) log.error({ err: error }, `${request.method} ${request.originalUrl} failed`)
    const code = 'code' in error ? error.code : ''
    const text = known ? (reasons[code] ?? error.message) : 'internal server error'
    const words = `${text}\n`
    // Fastify sets it on a body that is too long, which HTTP/2 doesn't know.
    if (request.raw.httpVersionMajor > 1) void reply.removeHeader('connection')
    reply
      .code(status)
      .header('content-length', Buffer.byteLength(words))
      .type('text/plain; charset=utf-8')
      .send(isArriving(request.raw) ? lingering(words, request.raw) : words)
  }
