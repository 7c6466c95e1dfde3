/** What is told of requests: by the original's name, in the classic buckets that it has, and by the name and labels of OpenTelemetry's conventions. */
import type { Registry } from 'prom-client'
import { classicBounds as bounds } from './cells.ts'
import { Durations } from './durations.ts'
import { registerCounted, samplesOf, type Sample } from './histogram.ts'
import type { Prometheus } from './prometheus.ts'
import type { RequestTimings, Series } from './timings.ts'

const original = {
  name: 'request_duration_seconds',
  bounds,
  help: 'Time from a request to the end of its answer.',
  labelNames: ['method', 'route', 'status_code'],
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-metrics, by the names that Prometheus has for it. */
const conventional = {
  name: 'http_server_request_duration_seconds',
  bounds,
  help: 'Duration of HTTP server requests.',
  labelNames: ['http_request_method', 'http_route', 'http_response_status_code', 'url_scheme'],
}

/** Registers both histograms of what was counted once. */
export function registerRequests(prometheus: Prometheus, registry: Registry, timings: RequestTimings): void {
  registerCounted(prometheus, registry, original, () => originalSamples(timings.series))
  registerCounted(prometheus, registry, conventional, () => timings.series.flatMap(conventionalSamples))
}

/** The original knows no schemes: series that differ in that alone are one. */
function originalSamples(all: readonly Series[]): Sample[] {
  const alike = Map.groupBy(all, ({ method, route, status }) => JSON.stringify([method, route, status]))
  return [...alike.values()].flatMap((series) => {
    const [first] = series
    const { seconds: sum, classic: counts, exemplars } = Durations.sum(series.map((each) => each.durations))
    const labels = {
      method: first?.method ?? 'other',
      route: first?.route ?? 'unknown',
      status_code: first?.status ?? 0,
    }
    return samplesOf(original, { labels, counts, sum, exemplars })
  })
}

function conventionalSamples({ method, route, status, scheme, durations }: Series): Sample[] {
  const labels = {
    http_request_method: method ?? '_OTHER',
    ...(route !== undefined && { http_route: route }),
    http_response_status_code: status,
    url_scheme: scheme,
  }
  const { seconds: sum, classic: counts, native, exemplars } = durations
  return samplesOf(conventional, { labels, counts, sum, exemplars, native })
}
