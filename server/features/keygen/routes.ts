/** The routes of the KeyGen workload: what it does, and new orders for it. */
import type { Http } from '../../http/http.ts'
import { HttpError } from '../../http/errors.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import type { KeyGen } from './keygen.ts'
import { refuseServerUrl } from './memq-client.ts'
import type { KeyGenConfig, KeyGenOrder } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** Mounts every route. */
export function keyGenRoutes(http: Http, keyGen: KeyGen): void {
  const response = { 200: schemaOf('KeyGenStatus') }
  http.get('/keygen', { schema: { summary: 'What the workload does', response } }, () => keyGen.status())

  const schema = {
    summary: 'Replaces the workload',
    body: schemaOf('KeyGenOrder'),
    response: { ...response, 503: text('this server is shutting down') },
  }
  http.put('/keygen', { schema }, (request) => {
    const config = configOf(request.body)
    const reason = config.memQServer === '' ? undefined : refuseServerUrl(config.memQServer)
    if (reason !== undefined) throw new HttpError(400, `memQServer ${reason}`)
    if (keyGen.draining) throw new HttpError(503, 'this server is shutting down')
    keyGen.replace(config)
    return keyGen.status()
  })
}

/** What the order says; whatever else the body holds is left behind. */
const configOf = (order: KeyGenOrder): KeyGenConfig => ({
  enable: order.enable ?? false,
  numToGen: order.numToGen ?? 0,
  timeToRun: order.timeToRun ?? 0,
  memQServer: order.memQServer ?? '',
  memQQueue: order.memQQueue ?? '',
  exitOnComplete: order.exitOnComplete ?? false,
  exitCode: order.exitCode ?? 0,
})
