/** What Prometheus scrapes. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { cpuSeconds } from '../../bench/load.ts'
import { eventually } from '../support/eventually.ts'
import { emptyCells } from '../../server/http/metrics/cells.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { sendRaw } from '../support/socket.ts'

async function scrape(kuard: Kuard): Promise<string> {
  const answer = await kuard.get('/metrics')
  assert.equal(answer.status, 200)
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/)
  return answer.text
}

/** The value of one series, or undefined without such. */
function valueOf(metrics: string, series: string): number | undefined {
  const line = metrics.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const counted = (method: string, route: string, status: number) =>
  `request_duration_seconds_count{method="${method}",route="${route}",status_code="${status}"}`

/** Some of everything that is counted. */
async function useAll(kuard: Kuard): Promise<void> {
  await kuard.get('/healthy')
  await kuard.ask('HEAD', '/c/ready')
  await kuard.put('/healthy/api', { failNext: 1 })
  await kuard.get('/b/healthy')
  await kuard.ask('PUT', '/memq/server/queues/q')
  await kuard.post('/a/memq/server/queues/q/enqueue', 'item')
  await kuard.get('/nothing')
  await kuard.get('/%zz')
}

test('promtool finds nothing to say, at the first scrape and the second', async (context) => {
  const kuard = await startKuard(context)
  for (let time = 0; time < 2; time += 1) {
    await useAll(kuard)
    const input = await scrape(kuard)
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    })
    assert.deepEqual([status, stdout, stderr], [0, '', ''])
  }
})

test('requests are counted by method, route and status, under whichever prefix they came', async (context) => {
  const kuard = await startKuard(context)
  await useAll(kuard)
  await eventually('each request to be counted', async () => {
    const metrics = await scrape(kuard)
    return (
      valueOf(metrics, counted('GET', '/healthy', 200)) === 1 &&
      valueOf(metrics, counted('GET', '/healthy', 500)) === 1 &&
      valueOf(metrics, counted('HEAD', '/ready', 200)) === 1 &&
      valueOf(metrics, counted('PUT', '/healthy/api', 200)) === 1 &&
      valueOf(metrics, counted('POST', '/memq/server/queues/:queue/enqueue', 200)) === 1 &&
      valueOf(metrics, counted('GET', 'unknown', 404)) === 1 &&
      valueOf(metrics, counted('GET', 'unknown', 400)) === 1
    )
  })
})

test('buckets add up, each with those below it', async (context) => {
  const kuard = await startKuard(context)
  for (let time = 0; time < 10; time += 1) await kuard.get('/healthy')
  const metrics = await scrape(kuard)
  const bucket = /^request_duration_seconds_bucket\{.*route="\/healthy",.*\} (\d+)$/gm
  const counts = [...metrics.matchAll(bucket)].map(([, count]) => Number(count))
  assert.equal(counts.at(-1), 10)
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  )
})

test('counts go on beyond 32 bits', async (context) => {
  const preload = join(import.meta.dirname, '../support/counts-preload.ts')
  const kuard = await startKuard(context, [], { nodeArgs: ['--import', preload] })
  await kuard.get('/healthy')
  assert.equal(
    valueOf(await scrape(kuard), counted('GET', '/healthy', 200)),
    emptyCells().length * (2 ** 32 - 1) + 1,
  )
})

test('no client can add to the series', async (context) => {
  const kuard = await startKuard(context)
  const waste = async (round: string) => {
    for (const path of [`/${round}`, `/-/${round}`, `/fs/${round}`, `/${round}%zz`, `/healthy?${round}=1`])
      await kuard.get(path)
    await kuard.ask('GET', '/', { headers: { host: `${round}.evil.com` } })
    for (const action of ['drain', 'enqueue', 'dequeue', 'ack?lease=1'])
      await kuard.post(`/memq/server/queues/${round}/${action}`)
    await kuard.ask('PUT', `/memq/server/queues/${round}`)
    await kuard.ask('DELETE', `/memq/server/queues/${round}`)
  }
  for (const method of ['PROPFIND', 'MKCOL', 'PURGE', 'QUERY', 'TRACE', 'M-SEARCH']) {
    for (const path of ['/healthy', '/nothing'])
      await sendRaw(context, kuard.port, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  }
  const names = (metrics: string) =>
    metrics
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')))
      // Node's own come and go with what it has open and what it cleans up.
      .filter((name) => !name.startsWith('nodejs_'))
      .sort()
  await waste('first')
  await scrape(kuard)
  const before = names(await scrape(kuard))
  for (const round of ['second', 'third', 'fourth']) await waste(round)
  const after = names(await scrape(kuard))
  assert.deepEqual(after, before)
  const methods = new Set(after.join('\n').match(/method="[^"]*"/g))
  assert.ok(methods.has('method="other"') && methods.size <= 8, [...methods].join())
  assert.ok(!/first|PROPFIND/.test(after.join('\n')))
})

test('the CPU time is that of the whole process from its start, at the first scrape too', async (context) => {
  const kuard = await startKuard(context)
  for (let call = 0; call < 100; call += 1) await kuard.get('/request/api')
  const used = cpuSeconds(kuard.child.pid ?? 0)
  const metrics = await scrape(kuard)
  const [user = NaN, system = NaN, sum = NaN] = [
    'process_cpu_user_seconds_total',
    'process_cpu_system_seconds_total',
    'process_cpu_seconds_total',
  ].map((name) => valueOf(metrics, name))
  assert.ok(sum >= used - 0.05, `${sum} of ${used}`)
  assert.ok(Math.abs(sum - user - system) < 0.001)
})

test('a scrape is gzipped for those who ask for that, and for nobody else', async (context) => {
  const kuard = await startKuard(context)
  for (const [accepted, encoding] of [
    ['gzip', 'gzip'],
    ['gzip;q=0.5, identity;q=0.1', 'gzip'],
    ['br, *', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.1, identity', undefined],
    ['br', undefined],
    ['', undefined],
  ] as const) {
    const { headers, bytes } = await kuard.get('/metrics', { 'accept-encoding': accepted })
    assert.deepEqual(
      [headers['content-encoding'], headers.vary],
      [encoding, 'accept, accept-encoding'],
      accepted,
    )
    const text = (encoding ? gunzipSync(bytes) : bytes).toString()
    assert.match(text, /^process_cpu_seconds_total \d/m)
  }
  assert.equal((await kuard.get('/metrics')).headers['content-encoding'], undefined)
})

test("prom-client's own metrics of the process are there", async (context) => {
  const metrics = await scrape(await startKuard(context))
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
  ])
    assert.ok((valueOf(metrics, name) ?? 0) > 0, name)
})
