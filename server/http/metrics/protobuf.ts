/**
 * Prometheus' form in Protocol Buffers, the only one that native histograms fit in: messages of
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto, whose numbers of fields and types stand here.
 */
import { native, type NativeBuckets } from './cells.ts'
import type { Exemplar } from './durations.ts'
import { unitOf, type Family, type FamilySample } from './families.ts'

/** Bytes, each a character: V8 joins strings without copying them. */
type Bytes = string

const types = { counter: 0, gauge: 1, histogram: 4 } as const

/** Writes each as a MetricFamily, with its length before it. */
export function protobuf(families: readonly Family[]): Buffer {
  return Buffer.from(families.map((family) => withLength(metricFamily(family))).join(''), 'latin1')
}

function metricFamily({ name, help, type, values }: Family): Bytes {
  const unit = unitOf(name.replace(/_total$/, ''))
  const metrics = type === 'histogram' ? histograms(name, values) : values.map(simple(type))
  const about = text(1, name) + text(2, help) + integer(3, types[type])
  return about + metrics.map((metric) => message(4, metric)).join('') + (unit === '' ? '' : text(5, unit))
}

const simple =
  (type: 'counter' | 'gauge') =>
  ({ labels, value }: FamilySample): Bytes =>
    labelPairs(1, labels) + message(type === 'gauge' ? 2 : 3, double(1, value))

/** One for each series, of the lines that it has in text. */
function histograms(name: string, samples: readonly FamilySample[]): Bytes[] {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
  return Array.from(series, ([labels, lines]) => {
    const inside = lines.map((sample) => histogramField(name, sample)).join('')
    return labelPairs(1, JSON.parse(labels) as FamilySample['labels']) + message(7, inside)
  })
}

function histogramField(name: string, { metricName, labels, value, exemplar, native }: FamilySample): Bytes {
  if (metricName === `${name}_sum`) return double(2, value)
  if (metricName === `${name}_count`) return integer(1, value) + (native ? nativeFields(native) : '')
  const bound = labels.le === '+Inf' ? Infinity : Number(labels.le)
  const bucket = integer(1, value) + double(2, bound)
  if (!exemplar) return message(3, bucket)
  // Readers of classic buckets look for it there, those of native ones beside them.
  return message(3, bucket + message(3, exemplarFields(exemplar))) + message(16, exemplarFields(exemplar))
}

const exemplarFields = ({ traceId, spanId, seconds, time }: Exemplar): Bytes => {
  const timestamp = integer(1, Math.floor(time / 1000)) + integer(2, (time % 1000) * 1e6)
  return labelPairs(1, { trace_id: traceId, span_id: spanId }) + double(2, seconds) + message(3, timestamp)
}

/** Runs of buckets side by side, each with its distance to the one before; and each count by its difference to the one before. */
function nativeFields({ zeroCount, counts }: NativeBuckets): Bytes {
  const runs: { first: number; length: number }[] = []
  let deltas: Bytes = ''
  let previous = 0
  for (const [index, count] of counts) {
    const run = runs.at(-1)
    if (run && run.first + run.length === index) run.length += 1
    else runs.push({ first: index, length: 1 })
    deltas += signed(13, count - previous)
    previous = count
  }
  const spans = runs.map(({ first, length }, run) => {
    const { first: start, length: before } = runs[run - 1] ?? { first: 0, length: 0 }
    return message(12, signed(1, first - start - before) + integer(2, length))
  })
  const zero = double(6, native.zeroThreshold) + integer(7, zeroCount)
  return signed(5, native.schema) + zero + spans.join('') + deltas
}

const labelPairs = (field: number, labels: FamilySample['labels']): Bytes =>
  Object.entries(labels)
    .map(([name, value]) => message(field, text(1, name) + text(2, String(value))))
    .join('')

/** A number from 0, as its lowest seven bits and on; it may have more than 32. */
function varint(value: number): Bytes {
  let bytes = ''
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes += String.fromCharCode((rest % 128) + 128)
  return bytes + String.fromCharCode(rest)
}

const withLength = (content: Bytes): Bytes => varint(content.length) + content

const integer = (field: number, value: number): Bytes => varint(field * 8) + varint(value)

/** A number below 0 too: 0, -1, 1, -2 ... are 0, 1, 2, 3 ... */
const signed = (field: number, value: number): Bytes => integer(field, value < 0 ? -2 * value - 1 : 2 * value)

const message = (field: number, content: Bytes): Bytes => varint(field * 8 + 2) + withLength(content)

const text = (field: number, words: string): Bytes => message(field, Buffer.from(words).toString('latin1'))

function double(field: number, value: number): Bytes {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return varint(field * 8 + 1) + bytes.toString('latin1')
}
