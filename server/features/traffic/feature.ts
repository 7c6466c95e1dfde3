/** The Traffic tab: requests at a rate, and what came of them. */
import { traffic as flags, type Config } from '../../cli/flags.ts'
import { defaultsOf, UsageError } from '../../cli/pflag.ts'
import type { Feature } from '../../feature.ts'
import { registerCounted, samplesOf } from '../../http/metrics/histogram.ts'
import { schemasOf } from '../../http/schemas.ts'
import { bucketsMs } from './buckets.ts'
import { refuseOrders } from './orders.ts'
import { trafficRoutes } from './routes.ts'
import { Traffic, type TrafficSurroundings } from './traffic.ts'
import type { TrafficConfig } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** What `--traffic-...` says. */
type TrafficFlags = Pick<Config, Extract<keyof Config, `traffic${string}`>>

const durations = {
  name: 'traffic_request_duration_seconds',
  help: 'Time from when a request of Traffic was sent, or due if it had to wait, to the end of its answer.',
  bounds: bucketsMs.map((ms) => ms / 1000),
  labelNames: [],
}

/** @throws UsageError when the orders can't be followed */
export function trafficFeature(config: TrafficFlags, surroundings: TrafficSurroundings): Feature {
  const orders = ordersOf(config)
  const refusal = refuseOrders(orders)
  if (refusal) {
    const flag = refusal.field === 'headers' ? 'header' : refusal.field
    throw new UsageError(`--traffic-${flag} ${refusal.reason}`)
  }
  const traffic = new Traffic(orders, surroundings)
  return {
    name: 'traffic',
    topics: { traffic: traffic.state, 'traffic.seconds': traffic.seconds },
    states: { traffic: schemaOf('TrafficStatus'), 'traffic.seconds': schemaOf('TrafficSeconds') },
    routes(http) {
      trafficRoutes(http, traffic, () => ordersOf(defaultsOf(flags)))
    },
    metrics(prometheus, registry) {
      new prometheus.Counter({
        name: 'traffic_requests_total',
        help: 'Requests that Traffic sent, by what came of them.',
        labelNames: ['outcome'],
        registers: [registry],
        collect() {
          this.reset()
          for (const [outcome, count] of traffic.totals?.outcomes ?? []) this.inc({ outcome }, count)
        },
      })
      registerCounted(prometheus, registry, durations, () =>
        samplesOf(durations, {
          labels: {},
          counts: traffic.totals?.durations ?? [],
          sum: traffic.totals?.seconds ?? 0,
        }),
      )
    },
    start() {
      traffic.start()
    },
    drain: () => traffic.drain(),
  }
}

const ordersOf = (flags: TrafficFlags): TrafficConfig => ({
  enable: flags.trafficEnable,
  url: flags.trafficUrl,
  rate: flags.trafficRate,
  timeToRun: flags.trafficTimeToRun,
  numToSend: flags.trafficNumToSend,
  connections: flags.trafficConnections,
  concurrency: flags.trafficConcurrency,
  method: flags.trafficMethod,
  headers: headersOf(flags.trafficHeader),
  body: flags.trafficBody,
  timeoutMs: flags.trafficTimeoutMs,
  count: flags.trafficCount,
  log: flags.trafficLog,
  exitOnComplete: flags.trafficExitOnComplete,
  maxFailures: flags.trafficMaxFailures,
})

/** @param lines each NAME: VALUE; of one name the last counts */
const headersOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split(':')
      return [name, value.join(':').trim()]
    }),
  )
