/** The text form of OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec. */
import type { Exemplar } from './durations.ts'
import { unitOf, type Family, type FamilySample } from './families.ts'

/** Writes all of them, and their end. */
export const openMetrics = (families: readonly Family[]): string => `${families.map(written).join('')}# EOF\n`

/** A counter's family is named without the `_total` that its samples have. */
function written({ name, help, type, values }: Family): string {
  const family = type === 'counter' ? name.replace(/_total$/, '') : name
  const unit = unitOf(family)
  const about = [
    `# TYPE ${family} ${type}`,
    ...(unit === '' ? [] : [`# UNIT ${family} ${unit}`]),
    `# HELP ${family} ${escaped(help)}`,
  ]
  const sampleName = type === 'counter' ? `${family}_total` : name
  return [...about, ...values.map((sample) => line(sampleName, sample)), ''].join('\n')
}

function line(name: string, { metricName = name, labels, value, exemplar }: FamilySample): string {
  const pairs = Object.entries(labels).map(
    ([label, of]) => `${label}="${label === 'le' ? bound(of) : escaped(String(of))}"`,
  )
  const labelled = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
  return `${metricName}${labelled} ${number(value)}${exemplar ? writtenExemplar(exemplar) : ''}`
}

const writtenExemplar = ({ traceId, spanId, seconds, time }: Exemplar): string =>
  ` # {trace_id="${traceId}",span_id="${spanId}"} ${seconds} ${(time / 1000).toFixed(3)}`

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

/** A bucket's, which is always written as a float. */
const bound = (le: string | number): string => (Number.isInteger(le) ? `${le}.0` : String(le))

const number = (value: number): string => String(value).replace('Infinity', value > 0 ? '+Inf' : 'Inf')
