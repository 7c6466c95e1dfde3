/** Faults: how they begin, what they say of themselves, whom they leave alone, and how they end. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FaultsState } from '../../server/features/faults/wire.ts'
import { wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { executable, runKuard, startKuard, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'

const state = async (kuard: Kuard) => (await kuard.get('/faults')).json(FaultsState)

/** A path that is no page and no probe. */
const path = '/env/api'

const lifetime = wholeLifetime()
let shared: Promise<Kuard> | undefined
/** One for all tests that need none of their own, with no fault on. */
async function quietKuard(): Promise<Kuard> {
  const kuard = await (shared ??= startKuard(lifetime))
  await kuard.ask('DELETE', '/faults')
  return kuard
}

test('nothing is wrong until it is told to be', async (context) => {
  const kuard = await startKuard(context)
  assert.deepEqual(await state(kuard), { faults: [], byQuery: false, ended: [] })
  const { status, headers } = await kuard.get(path)
  assert.deepEqual([status, headers['x-fault']], [200, undefined])
})

test('a fault begins by PUT, says what it does, and ends by DELETE, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const answer = await kuard.put(`${prefix}/faults/error`, { status: 418, retryAfter: 7 })
    const [fault] = answer.json(FaultsState).faults
    assert.ok(fault)
    const { since, ...rest } = fault
    assert.ok(Math.abs(Date.now() - Date.parse(since)) < 60_000)
    assert.deepEqual(rest, {
      kind: 'error',
      words: "answers all requests with 418 I'm a Teapot and Retry-After: 7",
      order: { status: 418, retryAfter: 7, share: 1, path: '/', probes: false, seconds: 0 },
      until: null,
      touched: 0,
    })
    const touched = await kuard.get(prefix + path)
    assert.deepEqual(
      [touched.status, touched.headers['x-fault'], touched.headers['retry-after']],
      [418, 'error=418', '7'],
    )
    assert.equal((await state(kuard)).faults[0]?.touched, 1)
    await kuard.ask('DELETE', `${prefix}/faults/error`)
    assert.equal((await kuard.get(prefix + path)).status, 200)
  }
  const { faults, ended } = await state(kuard)
  assert.deepEqual(faults, [])
  assert.deepEqual(
    ended.map(({ id, kind, why }) => [id, kind, why]),
    prefixes.map((_, id) => [id, 'error', 'taken back']),
  )
})

test('another order replaces the fault of its kind, and one that can’t be followed leaves it on', async () => {
  const kuard = await quietKuard()
  await kuard.put('/faults/delay', { ms: 1 })
  assert.equal((await kuard.put('/faults/delay', { ms: 100, p99Ms: 50 })).status, 400)
  await kuard.put('/faults/error', { status: 500 })
  await kuard.put('/faults/error', { status: 501, share: 0.123 })
  const { faults, ended } = await state(kuard)
  assert.deepEqual(
    faults.map(({ words }) => words),
    ['delays all requests by 1 ms', 'answers 12.3 % of requests with 501 Not Implemented'],
  )
  assert.equal(ended.at(-1)?.why, 'replaced')
})

test('DELETE /faults ends all, and the last 20 that have ended are kept', async () => {
  const kuard = await quietKuard()
  for (let time = 0; time < 11; time += 1) {
    await kuard.put('/faults/error', { path: '/none' })
    await kuard.put('/faults/cut', { path: '/none' })
    const answer = await kuard.ask('DELETE', '/faults')
    assert.deepEqual(answer.json(FaultsState).faults, [])
  }
  const { ended } = await state(kuard)
  assert.equal(ended.length, 20)
  const last = ended.at(-1)?.id ?? 0
  assert.deepEqual(
    ended.map(({ id }) => id),
    Array.from({ length: 20 }, (_, index) => last - 19 + index),
  )
})

test('a fault ends when its time is up', async () => {
  const kuard = await quietKuard()
  const answer = await kuard.put('/faults/error', { seconds: 5 })
  const [fault] = answer.json(FaultsState).faults
  assert.equal(Date.parse(fault?.until ?? '') - Date.parse(fault?.since ?? ''), 5000)
  assert.equal((await kuard.get(path)).status, 503)
  await eventually('the end', async () => (await kuard.get(path)).status === 200)
  assert.equal((await state(kuard)).ended.at(-1)?.why, 'its time was up')
})

test('the log says when a fault begins and ends, and what its requests were answered', async (context) => {
  const kuard = await startKuard(context)
  await kuard.put('/faults/error', { status: 500, share: 1, path: '/env', probes: true, seconds: 3600 })
  await kuard.get(path)
  await kuard.ask('DELETE', '/faults/error')
  const words = 'answers all requests whose path begins with /env, probes too, with 500 Internal Server Error'
  await kuard.logged(
    new RegExp(
      [
        `Fault error begins: ${words}, for 3600 s\n`,
        'GET /env/api 500 [\\d.]+ms\n',
        `Fault error ended \\(taken back\\): ${words}\n`,
      ].join('[^]*'),
    ),
  )
})

test('faults are told on the event stream as they begin, touch and end', async (context) => {
  const kuard = await startKuard(context)
  const reader = await readEvents(context, kuard.port, '/events?topics=faults')
  await reader.latest('faults', FaultsState, ({ faults }) => faults.length === 0)
  await kuard.put('/faults/error', {})
  await reader.latest('faults', FaultsState, ({ faults }) => faults[0]?.touched === 0)
  await kuard.get(path)
  await reader.latest('faults', FaultsState, ({ faults }) => faults[0]?.touched === 1)
  await kuard.ask('DELETE', '/faults')
  await reader.latest('faults', FaultsState, ({ ended }) => ended.length === 1)
})

test('metrics tell which faults are on, what they have touched, and what was answered', async (context) => {
  const kuard = await startKuard(context)
  await kuard.put('/faults/error', {})
  await kuard.get(path)
  const { text } = await kuard.get('/metrics')
  for (const line of [
    'faults_active{kind="error"} 1',
    'faults_active{kind="delay"} 0',
    'faults_requests_touched_total{kind="error"} 1',
    'faults_requests_touched_total{kind="cut"} 0',
    'request_duration_seconds_count{method="GET",route="/env/api",status_code="503"} 1',
  ])
    assert.ok(text.includes(`${line}\n`), line)
  await kuard.ask('DELETE', '/faults')
  const later = (await kuard.get('/metrics')).text
  assert.match(later, /^faults_active\{kind="error"\} 0$/m)
  assert.match(later, /^faults_requests_touched_total\{kind="error"\} 1$/m)
})

test('the page, the stream, the metrics and what takes faults back work while all else fails', async (context) => {
  const kuard = await quietKuard()
  await kuard.put('/faults/error', {})
  await kuard.put('/faults/cut', { share: 0 })
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
  const [asset = ''] = readdirSync(join(executable, '../ui/assets'))
  for (const page of ['/', '/-/faults', '/fs/etc/', '/manifests/']) {
    const { status, headers } = await kuard.get(page, browser)
    assert.deepEqual([status, headers['x-fault']], [200, undefined], page)
  }
  for (const other of [`/assets/${asset}`, '/metrics', '/openapi.json', '/faults', '/b/faults'])
    assert.equal((await kuard.get(other)).status, 200, other)
  const reader = await readEvents(context, kuard.port)
  assert.equal(reader.response.statusCode, 200)
  for (const touched of [
    '/',
    '/-/faults',
    '/fs/etc/',
    '/manifests/',
    '/none',
    '/healthy/api',
    '/memq/server/stats',
  ])
    assert.equal((await kuard.get(touched)).status, 503, touched)
  assert.equal((await kuard.post('/memq/server/queues/q/dequeue')).status, 503)
})

test('probes are touched only where a fault says so', async () => {
  const kuard = await quietKuard()
  await kuard.put('/faults/error', {})
  for (const probe of ['/healthy', '/ready', '/a/ready'])
    assert.equal((await kuard.get(probe)).status, 200, probe)
  await kuard.put('/faults/error', { probes: true, status: 500 })
  for (const probe of ['/healthy', '/ready', '/a/ready'])
    assert.equal((await kuard.get(probe)).status, 500, probe)
})

test('a path is compared as it was sent and below its prefix', async () => {
  const kuard = await quietKuard()
  const statuses = async (...paths: string[]) => {
    const answers = await Promise.all(paths.map((one) => kuard.get(one)))
    return answers.map(({ status }) => status)
  }
  await kuard.put('/faults/error', { path: '/env' })
  assert.deepEqual(
    await statuses('/env/api', '/c/env/api', '/mem/api', '/mem/api?x=/env'),
    [503, 503, 200, 200],
  )
  await kuard.put('/faults/error', { path: '/a/' })
  assert.deepEqual(await statuses('/env/api', '/a/env/api', '/b/env/api'), [200, 503, 200])
})

test('an order that is none is refused in words', async () => {
  const kuard = await quietKuard()
  for (const [kind, order, words] of [
    ['error', { status: 200 }, 'status must be >= 400'],
    ['error', { sahre: 0.3 }, 'sahre is not known here'],
    ['error', { share: '1' }, 'share must be number'],
    ['error', { share: 1.5 }, 'share must be <= 1'],
    ['error', { seconds: -1 }, 'seconds must be >= 0'],
    ['error', { path: 'env' }, 'path has to begin with a slash: "env"'],
    ['delay', {}, 'the body must have required properties ms'],
    ['delay', { ms: 10, p99Ms: 9 }, 'p99Ms must not be below ms, which is the median: 9 is below 10'],
    ['delay', [], 'the body must be object'],
    ['cut', { at: 'once' }, 'at must be equal to one of the allowed values'],
    ['slow-body', { bytesPerSecond: 0 }, 'bytesPerSecond must be >= 1'],
    ['request-cpu', { ms: 1e9 }, 'ms must be <= 60000'],
  ] as const) {
    const { status, text } = await kuard.put(`/faults/${kind}`, order)
    assert.deepEqual([status, text], [400, `${words}\n`])
  }
  const broken = await kuard.ask('PUT', '/faults/error', { body: '{' })
  assert.equal(broken.status, 400)
  assert.match(broken.text, /^the body is not JSON: /)
  for (const method of ['PUT', 'DELETE']) {
    const { status, text } = await kuard.ask(method, '/faults/typo', { body: '{}' })
    assert.equal(status, 404)
    assert.match(text, /^there is no fault named typo, but delay, .*error/)
  }
  assert.deepEqual((await state(kuard)).faults, [])
})

test('no page of another site begins a fault or ends one', async () => {
  const kuard = await quietKuard()
  const headers = { 'sec-fetch-site': 'cross-site' }
  for (const [method, where] of [
    ['PUT', '/faults/error'],
    ['DELETE', '/faults/error'],
    ['DELETE', '/faults'],
  ] as const)
    assert.equal((await kuard.ask(method, where, { body: '{}', headers })).status, 403)
})

test('--read-only has no faults', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  assert.equal((await kuard.put('/faults/error', {})).status, 403)
  assert.equal((await kuard.ask('DELETE', '/faults')).status, 403)
  assert.deepEqual((await state(kuard)).faults, [])
  for (const flag of ['--fault-error-share=0.3', '--fault-by-query', '--fault-slow-start=1']) {
    const { code, errors } = await runKuard(context, ['--read-only', flag])
    assert.equal(code, 2)
    assert.match(errors, /^--fault-\.\.\.: a server that is --read-only has no faults$/m)
  }
})

test('--disable=faults leaves them out', async (context) => {
  const kuard = await startKuard(context, ['--disable=faults', '--fault-error-share=1'])
  assert.equal((await kuard.get('/faults')).status, 404)
  assert.equal((await kuard.get(`${path}?fault.delay=1s`)).status, 200)
})

test('flags begin faults before the first request', async (context) => {
  const kuard = await startKuard(context, [
    ...['--fault-error-share=1', '--fault-error-status=500', '--fault-error-retry-after=3'],
    ...['--fault-delay-ms=2', '--fault-delay-p99-ms=4', '--fault-delay-share=0.5'],
    ...['--fault-cut-share=0.25', '--fault-cut-at=after', '--fault-cut-reset'],
    ...['--fault-slow-body=1000', '--fault-request-cpu-ms=1'],
    ...['--fault-path=/env', '--fault-probes', '--fault-seconds=3600'],
  ])
  const each = { share: 1, path: '/env', probes: true, seconds: 3600 }
  const { faults } = await state(kuard)
  assert.deepEqual(Object.fromEntries(faults.map(({ kind, order }) => [kind, order])), {
    error: { ...each, status: 500, retryAfter: 3 },
    delay: { ...each, ms: 2, p99Ms: 4, share: 0.5 },
    cut: { ...each, at: 'after', reset: true, share: 0.25 },
    'slow-body': { ...each, bytesPerSecond: 1000 },
    'request-cpu': { ...each, ms: 1 },
  })
  assert.ok(kuard.output.indexOf('Fault error begins') < kuard.output.indexOf('Serving on HTTP'))
})

test('flags that can’t be followed end the process in words', async (context) => {
  const { code, errors } = await runKuard(context, ['--fault-delay-ms=10', '--fault-delay-p99-ms=5'])
  assert.equal(code, 2)
  assert.match(errors, /^--fault-\.\.\.: p99Ms must not be below ms/m)
})

test('nor does a fault that has begun keep it from its end', async (context) => {
  const both = ['--fault-crash-after=600', '--fault-crash-after-requests=600']
  const begun = ['--fault-error-share=1', '--fault-seconds=3600']
  const { code, errors } = await runKuard(context, [...begun, ...both])
  assert.equal(code, 2)
  assert.match(errors, /^--fault-\.\.\.: a crash comes after seconds or after requests/m)
})

test('after SIGTERM a bad version stays bad while it serves, and begins nothing new', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=30', '--fault-error-share=1'])
  kuard.child.kill('SIGTERM')
  await eventually('readiness to fail', async () => (await kuard.get('/ready')).status === 500)
  assert.equal((await kuard.get(path)).status, 503)
  assert.equal((await kuard.put('/faults/cut', {})).status, 503)
  await kuard.ask('DELETE', '/faults')
  assert.equal((await kuard.get(path)).status, 200)
})

test('SIGTERM lets go of what is delayed when no further request is served', async (context) => {
  const kuard = await startKuard(context, ['--fault-by-query'])
  await kuard.put('/faults/delay', { ms: 600_000, path: '/env' })
  const answers = [kuard.get(path), kuard.get('/mem/api?fault.delay=600s')]
  await eventually('both to be delayed', async () =>
    /^faults_requests_touched_total\{kind="delay"\} 2$/m.test((await kuard.get('/metrics')).text),
  )
  const { code } = await kuard.terminate()
  assert.equal(code, 0)
  for (const answer of answers) assert.equal((await answer).status, 200)
  assert.match(kuard.output, /Fault delay ended \(the process ends\): delays all requests/)
})
