/** The Faults tab: what goes wrong here on purpose, to see who notices. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Config } from '../../cli/flags.ts'
import { UsageError } from '../../cli/pflag.ts'
import type { Feature } from '../../feature.ts'
import { HttpError } from '../../http/errors.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { pathOf, withoutPrefix } from '../../http/prefix.ts'
import { schemasOf } from '../../http/schemas.ts'
import { BadOrder, type FaultSurroundings } from './action.ts'
import { Faults } from './faults.ts'
import { kindNames, requestKindNames } from './kinds.ts'
import { ordersOf } from './orders.ts'
import { Exchange, type ErrorAnswer } from './requests/exchange.ts'
import { touch } from './requests/touch.ts'
import { faultRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** What is used of the flags: all of `--fault-...`, and whether anything may be changed. */
type FaultConfig = Pick<Config, Extract<keyof Config, `fault${string}`> | 'readOnly'>

/** @throws UsageError when a server that is read-only is to have faults */
export function faultsFeature(config: FaultConfig, surroundings: FaultSurroundings): Feature {
  const orders = ordersOf(config)
  if (config.readOnly && (orders.length > 0 || config.faultByQuery))
    throw new UsageError('--fault-...: a server that is --read-only has no faults')
  const faults = new Faults(config.faultByQuery, surroundings)
  let isEnding = false
  return {
    name: 'faults',
    topics: { faults: { snapshot: () => faults.state(), subscribe: faults.changes.subscribe } },
    states: { faults: schemaOf('FaultsState') },
    routes(http) {
      faultRoutes(http, faults, () => isEnding)
    },
    concerns: () => faults.ofRequests.length > 0,
    guard: (request, reply) => touchRequest(faults, request, reply),
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
    },
  }
}

/** Lets the faults that are on have their turn at a request; throws the error that one of them answers it by. */
async function touchRequest(faults: Faults, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { originalUrl, headers } = request
  const { page = false, probe = false } = request.routeOptions.config
  // A browser has to find the page that takes faults back.
  if (page && headers.accept?.includes('text/html') === true) return
  const exchange = new Exchange(request.raw, reply.raw)
  const paths = [pathOf(originalUrl), pathOf(withoutPrefix(originalUrl))]
  await touch(exchange, { paths, isProbe: probe }, faults.ofRequests, (kind) => {
    faults.countTouched(kind)
  })
  if (exchange.isOver) void reply.hijack()
  else if (exchange.error) throw errorOf(exchange.error, reply)
}

function errorOf({ status, retryAfter }: ErrorAnswer, reply: FastifyReply): HttpError {
  if (retryAfter > 0) void reply.header('retry-after', retryAfter)
  return new HttpError(status, `${status} by a fault of this server, as it was told`)
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
      throw error instanceof BadOrder ? new UsageError(`--fault-...: ${error.message}`) : error
    }
  }
}
