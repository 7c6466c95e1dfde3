/** Request bodies: read whatever their Content-Type says, as JSON or as text, by the route's own schema. */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { HttpError } from './errors.ts'

/**
 * Takes bodies of any Content-Type. A route whose schema says that its body is a string gets it as text, without one the
 * empty text; any other route gets it as JSON.
 */
export function readBodies(http: FastifyInstance): void {
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    try {
      done(null, takesText(request.routeOptions) ? body : parseJson(String(body)))
    } catch (error) {
      done(error as HttpError)
    }
  })
  http.addHook('onRoute', (route) => {
    if (takesText(route)) route.preValidation = emptyText
  })
}

function emptyText(request: FastifyRequest, _reply: unknown, done: () => void): void {
  request.body ??= ''
  done()
}

const takesText = ({ schema }: Pick<RouteOptions, 'schema'>): boolean =>
  (schema?.body as { type?: string } | undefined)?.type === 'string'

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${(error as Error).message}`)
  }
}
