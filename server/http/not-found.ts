/** Answers for what no route takes: the way to the path that was meant, 405 with Allow for a known one, 404 for any other. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Router from 'find-my-way'
import { HttpError } from './errors.ts'
import { meantPath, relativeReference } from './meant-path.ts'
import { pathOf } from './prefix.ts'

/** Answers every request that reaches no route. Must be set before the routes are made, since it listens for them. */
export function answerUnrouted(http: FastifyInstance, maxParamLength: number): void {
  const methodsByPath = new Map<string, Set<string>>()
  http.addHook('onRoute', (route) => {
    const methods = methodsByPath.get(route.url) ?? new Set()
    for (const method of [route.method].flat()) methods.add(method)
    methodsByPath.set(route.url, methods)
  })

  // Only needed once something was not found, so it is made then.
  let router: Router.Instance<Router.HTTPVersion.V1> | undefined
  const makeRouter = () => {
    const made = Router({ maxParamLength })
    for (const [path, methods] of methodsByPath) made.on('GET', path, () => undefined, methods)
    return made
  }

  http.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const { method, originalUrl } = request
    router ??= makeRouter()
    const methods = router.find('GET', request.url.replace(/[?#].*/, ''))?.store as Set<string> | undefined
    if (methods && !methods.has(method)) {
      const allow = [...methods].sort().join(', ')
      void reply.header('allow', allow)
      throw new HttpError(405, `${method} is not allowed here, but ${allow}`)
    }
    const path = pathOf(originalUrl)
    const routes = [...methodsByPath].flatMap(([route, known]) => (known.has(method) ? [route] : []))
    const meant = methods ? undefined : meantPath(path, routes)
    if (meant === undefined || meant === path) throw new HttpError(404, '404 page not found')
    const query = /\?.*$/.exec(originalUrl)?.[0] ?? ''
    return reply.redirect(relativeReference(path, meant) + query, isReading(method) ? 301 : 307)
  })
}

const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD'
