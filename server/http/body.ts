/** Request bodies: read whatever their Content-Type says, as JSON or as text, by the route's own schema. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpError } from './errors.ts'
import { hasBody } from './linger.ts'

/** What every body is taken for. */
const anyType = 'text/plain'
const anyBytes = 'application/octet-stream'

/**
 * Takes bodies of any Content-Type. A route whose schema says that its body is a string gets it as text, without one the
 * empty text; with any other schema it gets it as JSON, and without a schema it ignores it.
 */
export function readBodies(http: FastifyInstance): void {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser(['*', anyType], { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
  http.addContentTypeParser(anyBytes, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  http.addHook('onRoute', (route) => {
    const body = route.schema?.body as { type?: string } | undefined
    if (body) route.preValidation = body.type === 'string' ? emptyText : parseJson
  })
}

/**
 * Names every body's type the same: Fastify refuses those that it can't read, and looks each other one up.
 * @param asBytes whether the route wants its bytes
 */
export function ignoreContentType(request: IncomingMessage, asBytes = false): void {
  request.headers['content-type'] = hasBody(request) ? (asBytes ? anyBytes : anyType) : undefined
}

function emptyText(request: FastifyRequest, _reply: unknown, done: () => void): void {
  request.body ??= ''
  done()
}

function parseJson(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
  try {
    // An empty one is none: HTTP/2 and chunks don't tell before their end.
    if (request.body === '') request.body = undefined
    if (typeof request.body === 'string') request.body = JSON.parse(request.body)
    done()
  } catch (error) {
    done(new HttpError(400, `the body is not JSON: ${(error as Error).message}`))
  }
}
