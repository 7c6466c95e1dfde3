/** The routes of one probe: the check itself, and its state. */
import * as Type from 'typebox'
import type { Http } from '../../http/http.ts'
import type { Probe } from './probe.ts'
import { ProbeOrder, ProbeStatus } from './wire.ts'

/**
 * @param path where the probe is asked; its state is at `path/api`
 * @param isLogged whether its calls stand in the log as other requests do
 */
export function probeRoutes(http: Http, path: string, probe: Probe, isLogged: boolean): void {
  const words = Type.String()
  http.get(
    path,
    { config: { unlogged: !isLogged, probe: true }, schema: { response: { 200: words, 500: words } } },
    (_request, reply) => {
      const verdict = probe.call()
      void reply.code(verdict.healthy ? 200 : 500).send(verdict.words)
    },
  )

  const api = `${path}/api`
  http.get(api, { schema: { response: { 200: ProbeStatus } } }, () => probe.status())

  http.put(api, { schema: { body: ProbeOrder, response: { 200: ProbeStatus } } }, (request) => {
    probe.failNext(request.body.failNext ?? 0)
    return probe.status()
  })
}
