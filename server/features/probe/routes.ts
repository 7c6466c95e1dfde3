/** The routes of one probe: the check itself, and its state. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import type { Probe } from './probe.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/**
 * @param path where the probe is asked; its state is at `path/api`
 * @param otherPaths where it is asked as well
 * @param isLogged whether its calls stand in the log as other requests do
 */
export function probeRoutes(
  http: Http,
  path: string,
  otherPaths: readonly string[],
  probe: Probe,
  isLogged: boolean,
): void {
  const words = text()
  const options = {
    config: { unlogged: !isLogged, probe: true },
    schema: { response: { 200: words, 500: words } },
  }
  const check = (_request: FastifyRequest, reply: FastifyReply): void => {
    const verdict = probe.call()
    void reply.code(verdict.healthy ? 200 : 500).send(verdict.words)
  }
  http.get(path, options, check)
  for (const url of otherPaths)
    http.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, ...options, handler: check })

  const api = `${path}/api`
  http.get(api, { schema: { response: { 200: schemaOf('ProbeStatus') } } }, () => probe.status())

  http.put(
    api,
    { schema: { body: schemaOf('ProbeOrder'), response: { 200: schemaOf('ProbeStatus') } } },
    (request) => {
      probe.failNext(request.body.failNext ?? 0)
      return probe.status()
    },
  )
}
