/** Answers for what no route takes: 404 for an unknown path, 405 with Allow for a known one. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Router from 'find-my-way'
import { HttpError } from './errors.ts'

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
    for (const [path, methods] of methodsByPath)
      made.on('GET', path, () => undefined, { allow: [...methods].sort().join(', ') })
    return made
  }

  http.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    router ??= makeRouter()
    const found = router.find('GET', request.url.replace(/[?#].*/, ''))
    if (!found) throw new HttpError(404, '404 page not found')
    const { allow } = found.store as { allow: string }
    void reply.header('allow', allow)
    throw new HttpError(405, `${request.method} is not allowed here, but ${allow}`)
  })
}
