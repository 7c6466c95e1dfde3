/** The forms that metrics are scraped in: who gets which, and that those who define them can read them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import protobufjs from 'protobufjs'
import { classicBounds, native } from '../../server/http/metrics/cells.ts'
import { wholeLifetime } from '../support/at-end.ts'
import { command } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { startTlsKuard } from '../support/tls.ts'

const python = join(import.meta.dirname, '../../node_modules/.cache/python/bin/python')

const delimited =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
const text = 'text/plain; version=0.0.4; charset=utf-8'

const started = startTlsKuard(wholeLifetime(), ['--fault-by-query'])

test('each scraper gets the form that it likes best of those that there are, and anybody else the text', async () => {
  const { kuard } = await started
  for (const [accept, form] of [
    // Prometheus 3, without and with native histograms.
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      openMetrics,
    ],
    [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1',
      delimited,
    ],
    ['APPLICATION/OPENMETRICS-TEXT ; VERSION="1.0.0"', openMetrics],
    ['application/openmetrics-text', openMetrics],
    ['application/openmetrics-text;version=0.0.1, application/json', text],
    ['application/openmetrics-text;q=0.1, text/plain;q=0.9', text],
    ['application/openmetrics-text;q=0', text],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', text],
    ['application/vnd.google.protobuf', text],
    ['text/html,application/xhtml+xml,*/*;q=0.8', text],
    ['application/openmetrics-text;q=x', text],
    [',;,=;q', text],
    ['', text],
  ] as const) {
    const { status, headers } = await kuard.get('/metrics', { accept })
    assert.deepEqual(
      [status, headers['content-type'], headers.vary],
      [200, form, 'accept, accept-encoding'],
      accept,
    )
  }
})

test('the reference parser of OpenMetrics takes every line, with its units and its end', async () => {
  const { kuard } = await started
  const input = (await kuard.get('/metrics', { accept: 'application/openmetrics-text' })).text
  const script = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
print(json.dumps({each.name: [each.type, each.unit, len(each.samples)] for each in parse(sys.stdin.read())}))`
  const { stdout, stderr } = spawnSync(python, ['-c', script], { input, encoding: 'utf8' })
  assert.equal(stderr, '')
  const families = JSON.parse(stdout) as Record<string, readonly [string, string, number]>
  const ofType = (name: string) => families[name]?.slice(0, 2)
  assert.deepEqual(ofType('process_cpu_seconds'), ['counter', 'seconds'])
  assert.deepEqual(ofType('process_resident_memory_bytes'), ['gauge', 'bytes'])
  assert.deepEqual(ofType('liveness_probes'), ['counter', ''])
  assert.deepEqual(ofType('request_duration_seconds'), ['histogram', 'seconds'])
  assert.deepEqual(ofType('http_server_request_duration_seconds'), ['histogram', 'seconds'])
  assert.deepEqual(families.kuard_build_info, ['gauge', '', 1])
  assert.match(input, /\n# EOF\n$/)
})

/** The messages of client_model's metrics.proto, as far as they are sent. */
const definitions = `
syntax = "proto2";
message LabelPair { optional string name = 1; optional string value = 2; }
enum MetricType { COUNTER = 0; GAUGE = 1; SUMMARY = 2; UNTYPED = 3; HISTOGRAM = 4; }
message Gauge { optional double value = 1; }
message Counter { optional double value = 1; optional Exemplar exemplar = 2; }
message Bucket { optional uint64 cumulative_count = 1; optional double upper_bound = 2; optional Exemplar exemplar = 3; }
message BucketSpan { optional sint32 offset = 1; optional uint32 length = 2; }
message Timestamp { optional int64 seconds = 1; optional int32 nanos = 2; }
message Exemplar { repeated LabelPair label = 1; optional double value = 2; optional Timestamp timestamp = 3; }
message Histogram {
  optional uint64 sample_count = 1; optional double sample_sum = 2; repeated Bucket bucket = 3;
  optional sint32 schema = 5; optional double zero_threshold = 6; optional uint64 zero_count = 7;
  repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13; repeated Exemplar exemplars = 16;
}
message Metric { repeated LabelPair label = 1; optional Gauge gauge = 2; optional Counter counter = 3; optional Histogram histogram = 7; }
message MetricFamily {
  optional string name = 1; optional string help = 2; optional MetricType type = 3; repeated Metric metric = 4; optional string unit = 5;
}`

interface Histogram {
  readonly sampleCount: number
  readonly sampleSum: number
  readonly bucket: readonly { readonly cumulativeCount: number; readonly upperBound: number }[]
  readonly schema: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positiveSpan: readonly { readonly offset: number; readonly length: number }[]
  readonly positiveDelta: readonly number[]
}

interface Family {
  readonly name: string
  readonly type: string
  readonly metric: readonly {
    readonly label: readonly { readonly name: string; readonly value: string }[]
    readonly counter?: { readonly value: number }
    readonly histogram?: Histogram
  }[]
}

function decoded(bytes: Buffer): ReadonlyMap<string, Family> {
  const type = protobufjs.parse(definitions).root.lookupType('MetricFamily')
  const reader = protobufjs.Reader.create(bytes)
  const families: Family[] = []
  while (reader.pos < reader.len) {
    const family = type.toObject(type.decodeDelimited(reader), { enums: String, longs: Number, arrays: true })
    // As the definitions say.
    families.push(family as unknown as Family)
  }
  return new Map(families.map((family) => [family.name, family]))
}

/** Bucket by bucket, what a native histogram says: its index, and how many fell into it. */
function nativeBuckets({ positiveSpan, positiveDelta }: Histogram): readonly (readonly [number, number])[] {
  let index = 0
  let count = 0
  const deltas = positiveDelta.values()
  return positiveSpan.flatMap(({ offset, length }) => {
    index += offset
    return Array.from({ length }, (): readonly [number, number] => {
      count += deltas.next().value ?? NaN
      index += 1
      return [index - 1, count]
    })
  })
}

test('in protocol buffers the histogram of requests has both kinds of buckets, and they agree', async () => {
  const { kuard } = await started
  for (const ms of [0, 0, 0, 3, 30, 300]) await kuard.get(`/healthy?fault.delay=${ms}ms`)
  const families = decoded((await kuard.get('/metrics', { accept: delimited })).bytes)
  assert.equal(families.get('liveness_probes_total')?.type, 'COUNTER')
  assert.equal(families.get('kuard_build_info')?.type, 'GAUGE')
  assert.equal(families.get('request_duration_seconds')?.metric[0]?.histogram?.schema, undefined)
  const [healthy] =
    families
      .get('http_server_request_duration_seconds')
      ?.metric.filter(({ label }) => label.some(({ value }) => value === '/healthy')) ?? []
  const labels = Object.fromEntries((healthy?.label ?? []).map(({ name, value }) => [name, value]))
  assert.deepEqual(labels, {
    http_request_method: 'GET',
    http_route: '/healthy',
    http_response_status_code: '200',
    url_scheme: 'http',
  })
  const histogram = healthy?.histogram
  assert.ok(histogram)
  assert.deepEqual([histogram.schema, histogram.zeroThreshold], [3, native.zeroThreshold])
  const buckets = nativeBuckets(histogram)
  const sum = buckets.reduce((all, [, count]) => all + count, histogram.zeroCount)
  assert.equal(sum, histogram.sampleCount)
  assert.deepEqual(
    histogram.bucket.map(({ upperBound }) => upperBound),
    [...classicBounds, Infinity],
  )
  for (const { upperBound, cumulativeCount } of histogram.bucket) {
    // A native bucket that ends above the bound may have begun below it.
    const surely = buckets.filter(([index]) => 2 ** (index / 8) <= upperBound)
    const maybe = buckets.filter(([index]) => 2 ** ((index - 1) / 8) < upperBound)
    const [least, most] = [surely, maybe].map((some) => some.reduce((all, [, count]) => all + count, 0))
    assert.ok((least ?? NaN) + histogram.zeroCount <= cumulativeCount)
    assert.ok(cumulativeCount <= (most ?? NaN) + histogram.zeroCount)
  }
})

test('what comes by TLS is counted apart by the conventional name, and together by the original one', async () => {
  const { kuard, url } = await started
  await kuard.get('/ready')
  await command('curl', ['--silent', '--insecure', `${url}/ready`])
  await eventually('both to be counted', async () => {
    const metrics = (await kuard.get('/metrics')).text
    const count = (scheme: string) =>
      new RegExp(`^http_server_request_duration_seconds_count\\{.*"/ready".*"${scheme}"\\} 1$`, 'm').test(
        metrics,
      )
    const together = /^request_duration_seconds_count\{.*"\/ready".*\} 2$/m.test(metrics)
    return count('http') && count('https') && together
  })
})

test('a client that asks for ever other statuses adds no more series than a few', async () => {
  const { kuard } = await started
  for (let status = 400; status < 500; status += 1) await kuard.get(`/env/api?fault.status=${status}:100`)
  const metrics = (await kuard.get('/metrics')).text
  const statuses = metrics.match(/^request_duration_seconds_count\{.*"\/env\/api".*/gm) ?? []
  assert.ok(statuses.length >= 32 && statuses.length <= 37, statuses.join('\n'))
  const counts = statuses.map((line) => Number(line.split(' ').at(-1)))
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    100,
  )
})
