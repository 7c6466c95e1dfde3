/** The routes of Traffic: what it does, and new orders for it. */
import { HttpError } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import { refuseOrders } from './orders.ts'
import type { Traffic } from './traffic.ts'
import type { TrafficConfig, TrafficOrder } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/**
 * Mounts every route.
 * @param defaults says what counts for what an order leaves out
 */
export function trafficRoutes(http: Http, traffic: Traffic, defaults: () => TrafficConfig): void {
  const response = { 200: schemaOf('TrafficStatus') }
  http.get('/traffic', { schema: { summary: 'What is sent, and what came of it', response } }, () =>
    traffic.status(),
  )

  const schema = {
    summary: 'Replaces what is sent',
    body: schemaOf('TrafficOrder'),
    response: { ...response, 503: text('this server is shutting down') },
  }
  http.put('/traffic', { schema }, async ({ body }) => {
    const config = configOf(body, defaults())
    const refusal = refuseOrders(config)
    if (refusal) throw new HttpError(400, `${refusal.field} ${refusal.reason}`)
    if (!(await traffic.replace(config))) throw new HttpError(503, 'this server is shutting down')
    return traffic.status()
  })
}

/** What the order says; whatever else the body holds is left behind. */
const configOf = (order: TrafficOrder, defaults: TrafficConfig): TrafficConfig => ({
  enable: order.enable ?? defaults.enable,
  url: order.url ?? defaults.url,
  rate: order.rate ?? defaults.rate,
  timeToRun: order.timeToRun ?? defaults.timeToRun,
  numToSend: order.numToSend ?? defaults.numToSend,
  connections: order.connections ?? defaults.connections,
  concurrency: order.concurrency ?? defaults.concurrency,
  method: order.method ?? defaults.method,
  headers: order.headers ?? defaults.headers,
  body: order.body ?? defaults.body,
  timeoutMs: order.timeoutMs ?? defaults.timeoutMs,
  count: order.count ?? defaults.count,
  log: order.log ?? defaults.log,
  exitOnComplete: order.exitOnComplete ?? defaults.exitOnComplete,
  maxFailures: order.maxFailures ?? defaults.maxFailures,
})
