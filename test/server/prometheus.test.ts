/** What a real Prometheus makes of the metrics, of the rules and of what the dashboard asks it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import manifest from '../../package.json' with { type: 'json' }
import { wholeLifetime } from '../support/at-end.ts'
import { command } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard } from '../support/kuard.ts'
import { startPrometheus } from '../support/prometheus.ts'

const root = join(import.meta.dirname, '../..')
const rules = join(root, 'charts/kuard/files/rules.yaml')

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly uid: string }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
}

/** As Grafana has it. */
const dashboard = JSON.parse(readFileSync(join(root, 'charts/kuard/files/dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

/** Everything that the dashboard asks, with its variables as Grafana fills them in. */
const expressions = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.annotations.list.map(({ expr }) => expr),
].map((expr) =>
  expr.replaceAll('$namespace', '.*').replaceAll('$pod', '.*').replaceAll('$__rate_interval', '4s'),
)

const lifetime = wholeLifetime()

/** Two servers, of which one is traced, fails at times, and sends the other requests; and who scrapes them. */
async function start() {
  const blue = await startKuard(lifetime, [], { env: { KUARD_VERSION: 'blue' } })
  const green = await startKuard(
    lifetime,
    ['--fault-by-query', '--traffic-enable', `--traffic-url=${blue.url}/`, '--traffic-rate=20'],
    {
      env: {
        KUARD_VERSION: 'green',
        // Nobody is there: what is kept for an exemplar needs no collector.
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      },
    },
  )
  await green.ask('PUT', '/memq/server/queues/keys')
  const target = ({ port }: { port: number }, pod: string) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { namespace: 'shop', pod },
  })
  const scraped = { job_name: 'kuard', static_configs: [target(blue, 'blue-1'), target(green, 'green-1')] }
  return { green, prometheus: await startPrometheus(lifetime, [scraped], [rules]) }
}

const started = start()

test('promtool finds the rules valid, and each fires with its reason alone', async () => {
  for (const args of [
    ['check', 'rules', rules],
    ['test', 'rules', join(import.meta.dirname, 'rules/rules.yaml')],
  ]) {
    const { code, output, errors } = await command('promtool', args)
    assert.equal(code, 0, output + errors)
  }
})

test('Prometheus takes native histograms of the requests, exemplars, and what the rules come to', async () => {
  const { green, prometheus } = await started
  const value = async (query: string) => Number((await prometheus.query(query))[0]?.value?.[1] ?? NaN)
  await eventually('the figures to be there', async () => {
    await green.get('/request/api')
    await green.get('/env/api?fault.status=503:100')
    const native = 'http_server_request_duration_seconds{pod="green-1",http_route="/request/api"}'
    const count = await value(`histogram_count(${native})`)
    const median = await value(`histogram_quantile(0.5, ${native})`)
    const rate = await value('namespace_job:request_duration_seconds_count:rate5m')
    const errors = await value('namespace_job:request_errors:ratio_rate5m')
    return count > 1 && median > 0 && median < 10 && rate > 0 && errors > 0 && errors < 1
  })
  const now = Date.now() / 1000
  const found = await eventually('an exemplar', async () => {
    const series = await prometheus.ask<
      readonly { readonly exemplars: readonly { readonly labels: Record<string, string> }[] }[]
    >('query_exemplars', {
      query: 'request_duration_seconds_bucket{route="/request/api"}',
      start: String(now - 60),
      end: String(now + 60),
    })
    return series[0]?.exemplars[0]
  })
  assert.match(found.labels.trace_id ?? '', /^[0-9a-f]{32}$/)
  assert.match(found.labels.span_id ?? '', /^[0-9a-f]{16}$/)
  assert.deepEqual(
    (await prometheus.query('sum by (version) (kuard_build_info)'))
      .map(({ metric }) => metric.version)
      .sort(),
    ['blue', 'green'].map((colour) => `${manifest.version}-${colour}`),
  )
})

/** The metrics that an expression names, without what the rules record. */
const metricsIn = (expression: string): string[] =>
  expression
    .replaceAll(/\b(by|on|ignoring|group_left) \([^)]*\)/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b[a-z_]+:[a-z_:0-9]+/g, '')
    .match(/\b[a-z]+_[a-z_]+\b(?! *\()/g) ?? []

test('everything that the dashboard and the rules ask can be answered, of figures that a server has', async () => {
  const { prometheus } = await started
  const known = await eventually('every figure of the servers', async () => {
    const names = new Set(await prometheus.ask<readonly string[]>('label/__name__/values'))
    return names.has('traffic_request_duration_seconds_bucket') && names.has('memq_queue_messages') && names
  })
  const { groups } = parse(readFileSync(rules, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[]
  }
  const asked = [...expressions, ...groups.flatMap((group) => group.rules.map(({ expr }) => expr))].flatMap(
    metricsIn,
  )
  // A machine that limits no memory has no figure for it.
  const missing = new Set(asked)
    .difference(known)
    .difference(new Set(['cgroup_memory_limit_bytes', 'cgroup_memory_usage_bytes']))
  assert.deepEqual([...missing], [])
  for (const expression of expressions) await prometheus.query(expression)
  assert.ok(expressions.length > 30)
})

test('each panel has its place, and says what it shows, in which unit', () => {
  const { panels } = dashboard
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const [
    index,
    { title, description, type, gridPos, datasource, fieldConfig, targets },
  ] of panels.entries()) {
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    const overlaps = panels
      .slice(0, index)
      .filter(
        ({ gridPos: { x, y, w, h } }) =>
          x < gridPos.x + gridPos.w && gridPos.x < x + w && y < gridPos.y + gridPos.h && gridPos.y < y + h,
      )
    assert.deepEqual(overlaps, [], title)
    if (type === 'row') continue
    assert.match(description ?? '', /^[A-Z].*\.$/, title)
    assert.ok(fieldConfig?.defaults.unit !== undefined, title)
    assert.deepEqual(
      new Set([datasource, ...(targets ?? []).map((target) => target.datasource)].map((each) => each?.uid)),
      new Set(['${datasource}']),
    )
  }
  assert.deepEqual(
    dashboard.templating.list.map(({ name }) => name),
    ['datasource', 'namespace', 'pod'],
  )
})
