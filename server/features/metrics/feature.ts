/** GET /metrics: the process's own figures and every feature's, for Prometheus. */
import { promisify } from 'node:util'
import { negotiate } from '@fastify/accept-negotiator'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Feature } from '../../feature.ts'
import type { RequestTimings } from '../../http/metrics/timings.ts'
import { text } from '../../http/schemas.ts'

/** Gauges of prom-client whose names are a counter's, which `promtool check metrics` refuses; others tell the same by type. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/**
 * The metrics library is loaded at the first scrape, so that it costs nothing at start; what is counted
 * by this process itself misses nothing by that.
 * @param timings of every request
 * @param features those that are on
 */
export function metricsFeature(timings: RequestTimings, features: readonly Feature[]): Feature {
  let registry: Promise<Registry> | undefined
  return {
    name: 'metrics',
    routes(http) {
      const schema = { response: { 200: text() } }
      http.get('/metrics', { schema, config: { exemptFrom: ['faults'] } }, async (request, reply) => {
        registry ??= openRegistry(timings, features)
        const { contentType } = await registry
        return sendZipped(request, reply.type(contentType), await (await registry).metrics())
      })
    },
  }
}

/** Sends a text, by gzip if that is asked for. */
async function sendZipped(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  text: string,
): Promise<FastifyReply> {
  void reply.header('vary', 'accept-encoding')
  if (negotiate(headers['accept-encoding'] ?? '', ['gzip', 'identity']) !== 'gzip') return reply.send(text)
  const { gzip } = await import('node:zlib')
  return reply.header('content-encoding', 'gzip').send(await promisify(gzip)(text))
}

async function openRegistry(timings: RequestTimings, features: readonly Feature[]): Promise<Registry> {
  const prometheus = (await import('prom-client')).default
  const registry = new prometheus.Registry()
  const { user, system } = process.cpuUsage()
  prometheus.collectDefaultMetrics({ register: registry })
  // prom-client counts from here on; what was used before belongs to the process as well.
  for (const [name, microseconds] of [
    ['process_cpu_user_seconds_total', user],
    ['process_cpu_system_seconds_total', system],
    ['process_cpu_seconds_total', user + system],
  ] as const) {
    const counter = registry.getSingleMetric(name)
    if (counter instanceof prometheus.Counter) counter.inc(microseconds / 1e6)
  }
  for (const name of misnamed) registry.removeSingleMetric(name)
  timings.register(prometheus, registry)
  for (const feature of features) feature.metrics?.(prometheus, registry)
  return registry
}
