/** The Faults tab: what goes wrong here on purpose, to see who notices. */
import type { Registry } from 'prom-client'
import type { Config } from '../../cli/flags.ts'
import { UsageError } from '../../cli/pflag.ts'
import type { Feature } from '../../feature.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { schemasOf } from '../../http/schemas.ts'
import { BadOrder, type FaultSurroundings } from './action.ts'
import { Faults } from './faults.ts'
import { kindNames, requestKindNames } from './kinds.ts'
import { ordersOf } from './orders.ts'
import { Held } from './requests/held.ts'
import { asksForFaults, faultRoutes, panicRoute, touchRequest } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** What is used of the flags: all of `--fault-...`, and whether anything may be changed. */
type FaultConfig = Pick<Config, Extract<keyof Config, `fault${string}`> | 'readOnly'>

/** @throws UsageError when a server that is read-only is to have faults */
export function faultsFeature(config: FaultConfig, surroundings: FaultSurroundings): Feature {
  const orders = ordersOf(config)
  if (config.readOnly && (orders.length > 0 || config.faultByQuery || config.faultSlowStart > 0))
    throw new UsageError('--fault-...: a server that is --read-only has no faults')
  const faults = new Faults(config.faultByQuery, surroundings)
  /** Requests that are held up by faults of their own. */
  const held = new Held()
  let isEnding = false
  return {
    name: 'faults',
    topics: { faults: { snapshot: () => faults.state(), subscribe: faults.changes.subscribe } },
    states: { faults: schemaOf('FaultsState') },
    routes(http) {
      faultRoutes(http, faults, () => isEnding)
      panicRoute(http, faults, () => isEnding)
    },
    concerns: (request) => faults.ofRequests.length > 0 || asksForFaults(request),
    guard: (request, reply) => touchRequest(faults, config.faultByQuery ? held : undefined, request, reply),
    metrics(prometheus, registry) {
      registerFaultMetrics(prometheus, registry, faults)
    },
    ...(orders.length > 0 && { prepare: () => beginAll(faults, orders) }),
    async drain() {
      isEnding = true
      await faults.endOfProcess()
      return undefined
    },
    close() {
      void faults.endOfServing()
      held.end()
    },
  }
}

function registerFaultMetrics({ Counter, Gauge }: Prometheus, registry: Registry, faults: Faults): void {
  new Gauge({
    name: 'faults_active',
    help: 'Whether a fault of this kind is on.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const kind of kindNames) this.set({ kind }, faults.isOn(kind) ? 1 : 0)
    },
  })
  new Counter({
    name: 'faults_requests_touched_total',
    help: 'Requests that a fault of this kind has touched.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.reset()
      for (const kind of requestKindNames) this.inc({ kind }, faults.touched(kind))
    },
  })
}

/** @throws UsageError for the first order that can't be followed */
async function beginAll(faults: Faults, orders: ReturnType<typeof ordersOf>): Promise<void> {
  for (const [kind, order] of orders) {
    try {
      await faults.begin(kind, order)
    } catch (error) {
      // What is on would keep the process from its end.
      await faults.takeBackAll()
      throw error instanceof BadOrder ? new UsageError(`--fault-...: ${error.message}`) : error
    }
  }
}
