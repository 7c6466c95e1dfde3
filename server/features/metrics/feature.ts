/** GET /metrics: the process's own figures and every feature's, for Prometheus. */
import type { Registry } from 'prom-client'
import * as Type from 'typebox'
import type { Feature } from '../../feature.ts'
import type { RequestTimings } from '../../http/metrics/timings.ts'

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
      http.get('/metrics', { schema: { response: { 200: Type.String() } } }, async (_request, reply) => {
        registry ??= openRegistry(timings, features)
        const { contentType } = await registry
        return reply.type(contentType).send(await (await registry).metrics())
      })
    },
  }
}

async function openRegistry(timings: RequestTimings, features: readonly Feature[]): Promise<Registry> {
  const prometheus = (await import('prom-client')).default
  const registry = new prometheus.Registry()
  prometheus.collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  timings.register(prometheus, registry)
  for (const feature of features) feature.metrics?.(prometheus, registry)
  return registry
}
