/** The forms that metrics are told in, and which of them a scraper would rather have. */
import type { Registry } from 'prom-client'
import { familiesOf } from './families.ts'

/** A form of the metrics. */
export interface Form {
  readonly contentType: string
  /** Whether a media range names it. @param parameters of the range, in lower case */
  takes(range: string, parameters: ReadonlyMap<string, string>): boolean
  write(registry: Registry): Promise<string | Buffer>
}

/** Prometheus' text, which anybody can read. */
const text: Form = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  takes: (range) => ['text/plain', 'text/*', '*/*'].includes(range),
  write: (registry) => registry.metrics(),
}

const openMetrics: Form = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  takes: (range, parameters) =>
    range === 'application/openmetrics-text' && (parameters.get('version') ?? '1.0.0') === '1.0.0',
  async write(registry) {
    const { openMetrics } = await import('./open-metrics.ts')
    return openMetrics(await familiesOf(registry))
  },
}

const protobuf: Form = {
  contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  takes: (range, parameters) =>
    range === 'application/vnd.google.protobuf' &&
    parameters.get('proto') === 'io.prometheus.client.metricfamily' &&
    parameters.get('encoding') === 'delimited',
  async write(registry) {
    const { protobuf } = await import('./protobuf.ts')
    return protobuf(await familiesOf(registry))
  },
}

/** Every form, the one first that is for those who can't read what they asked for. */
export const forms: readonly [Form, ...Form[]] = [text, openMetrics, protobuf]

/** The form that an Accept header prefers; of those liked alike the one named first. */
export function formOf(accept = ''): Form {
  const ranges = accept
    .toLowerCase()
    .split(',')
    .map((each) => {
      const [range = '', ...parameters] = each.split(';').map((part) => part.trim())
      const named = new Map(parameters.map(nameAndValue))
      return { range, named, weight: Number(named.get('q') ?? 1) }
    })
  const liked = ranges.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight)
  for (const { range, named } of liked) {
    const form = forms.find((each) => each.takes(range, named))
    if (form) return form
  }
  return text
}

function nameAndValue(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=', 2)
  return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')]
}
