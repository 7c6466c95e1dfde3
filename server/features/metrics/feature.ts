/** GET /metrics: the process's own figures and every feature's, for Prometheus. */
import { promisify } from 'node:util'
import { negotiate } from '@fastify/accept-negotiator'
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Feature } from '../../feature.ts'
import { formOf, forms } from '../../http/metrics/forms.ts'
import { registerRequests } from '../../http/metrics/request-histograms.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import type { RequestTimings } from '../../http/metrics/timings.ts'
import { text } from '../../http/schemas.ts'
import type { Version } from '../../identity/version.ts'

/** Gauges of prom-client whose names are a counter's, which `promtool check metrics` refuses; others tell the same by type. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

const schema = {
  response: {
    200: {
      description: 'in the form that the client prefers',
      content: Object.fromEntries(
        forms.map(({ contentType }) => [contentType.replace(/;.*/, ''), { schema: text() }]),
      ),
    },
  },
}

const config: FastifyContextConfig = { exemptFrom: ['faults'], watched: true }

/**
 * The metrics library is loaded at the first scrape, so that it costs nothing at start; what is counted
 * by this process itself misses nothing by that.
 * @param timings of every request
 * @param features those that are on
 */
export function metricsFeature(
  timings: RequestTimings,
  version: Version,
  features: readonly Feature[],
): Feature {
  let registry: Promise<Registry> | undefined
  return {
    name: 'metrics',
    routes(http) {
      http.get('/metrics', { schema, config }, async (request, reply) => {
        registry ??= openRegistry(timings, version, features)
        const form = formOf(request.headers.accept)
        return sendZipped(request, reply.type(form.contentType), await form.write(await registry))
      })
    },
  }
}

/** Sends it by gzip if that is asked for. */
async function sendZipped(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  metrics: string | Buffer,
): Promise<FastifyReply> {
  void reply.header('vary', 'accept, accept-encoding')
  if (negotiate(headers['accept-encoding'] ?? '', ['gzip', 'identity']) !== 'gzip') return reply.send(metrics)
  const { gzip } = await import('node:zlib')
  return reply.header('content-encoding', 'gzip').send(await promisify(gzip)(metrics))
}

async function openRegistry(
  timings: RequestTimings,
  version: Version,
  features: readonly Feature[],
): Promise<Registry> {
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
  registerBuild(prometheus, registry, version)
  registerRequests(prometheus, registry, timings)
  for (const feature of features) feature.metrics?.(prometheus, registry)
  return registry
}

/** A figure that says nothing but by its labels: joined to others, by which build they are. */
function registerBuild({ Gauge }: Prometheus, registry: Registry, { name: version }: Version): void {
  new Gauge({
    name: 'kuard_build_info',
    help: 'The version of kuard that runs, and of Node.js below it; always 1.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version, node_version: process.version }, 1)
}
