/** The log: what stands in it, in both formats, and what becomes of it when nobody can read it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { load, residentBytes, wire } from '../../bench/load.ts'
import manifest from '../../package.json' with { type: 'json' }
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ask, Kuard, startKuard } from '../support/kuard.ts'
import { sendRaw } from '../support/socket.ts'

const JsonLine = Type.Object({
  '@timestamp': Type.String({ pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$` }),
  'log.level': Type.Enum(['debug', 'info', 'warn', 'error']),
  message: Type.String(),
  'ecs.version': Type.String({ pattern: String.raw`^\d+\.\d+\.\d+$` }),
  'service.name': Type.String(),
  'service.version': Type.String(),
})

/** The log's lines as objects; throws if one isn't. */
const jsonLines = ({ output }: Kuard): Record<string, unknown>[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...Value.Parse(JsonLine, JSON.parse(line)) }))

test('a start is told line by line as kuard tells it', async (context) => {
  const kuard = await startKuard(context)
  const date = String.raw`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d`
  const expected = [
    String.raw`${date} Starting kuard version: \d+\.\d+\.\d+-blue`,
    String.raw`${date} \*{70}`,
    String.raw`${date} \* WARNING: This server may expose sensitive`,
    String.raw`${date} \* and secret information\. Be careful\.`,
    String.raw`${date} \*{70}`,
    String.raw`${date} Config: \{\n[^}]*\n\}`,
    String.raw`${date} Could not find certificates to serve TLS: there is no folder /tls`,
    String.raw`${date} Serving on HTTP on 127\.0\.0\.1:\d+`,
  ]
  assert.match(kuard.output, new RegExp(`^${expected.join('\n')}\n$`))
})

test('whom a client claims to ask for is logged as a claim, in one line and cut', async (context) => {
  const [text, json] = [await startKuard(context), await startKuard(context, ['--log-format=json'])]
  for (const kuard of [text, json]) {
    await kuard.get('/healthy', { 'x-forwarded-for': '203.0.113.7, 10.1.2.3' })
    await kuard.get('/ready', { 'x-forwarded-for': `"${'x'.repeat(1000)}` })
    await kuard.get('/env/api')
  }
  await text.logged(
    / 127\.0\.0\.1:\d+ GET \/healthy 200 [\d.]+ms, claimed to be for 203\.0\.113\.7, 10\.1\.2\.3\n/,
  )
  await text.logged(/ GET \/ready 200 [\d.]+ms, claimed to be for "x{255}…\n/)
  await text.logged(/ GET \/env\/api 200 [\d.]+ms\n/)
  await json.logged(/"url.original":"\/env\/api"/)
  const claims = json.output
    .split('\n')
    .flatMap((line) => /"labels.claimed_for":"(.*?)(?<!\\)"/.exec(line)?.[1] ?? [])
  assert.equal(claims[0], '203.0.113.7, 10.1.2.3')
  assert.equal(claims.length, 2)
  jsonLines(json)
})

test('every request is logged with its client, method and URL as it was sent', async (context) => {
  const kuard = await startKuard(context)
  const asked = [
    ['GET', '/a/healthy?x=%20', 200],
    ['HEAD', '/b/', 200],
    ['PUT', '/ready/api', 400],
    ['DELETE', '/nowhere', 404],
    ['POST', '/healthy', 405],
    ['GET', '/memq/server/queues/%ff', 400],
    ['GET', `/-/${'x'.repeat(3000)}`, 200],
  ] as const
  for (const [method, path] of asked) await kuard.ask(method, path)
  for (const [method, path, status] of asked) {
    const url = RegExp.escape(path)
    await kuard.logged(
      new RegExp(`^\\S+ \\S+ 127\\.0\\.0\\.1:\\d+ ${method} ${url} ${status} [\\d.]+ms$`, 'm'),
    )
  }
})

for (const format of ['text', 'json']) {
  test(`no request can break or forge a line of the ${format} log, nor steer a terminal with it`, async (context) => {
    const kuard = await startKuard(context, [`--log-format=${format}`])
    for (const path of [
      '/\u009b2J\u0085',
      '/fs/\u007f\u0080\u00ff',
      '/"}{"@timestamp":"error"',
      '/\\u000a',
      '/\t',
      '/\u001b[2J',
    ]) {
      await sendRaw(
        context,
        kuard.port,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      )
    }
    await kuard.get('/last', { 'x-odd': '\u009b2J' })
    await kuard.logged(/\/last/)
    assert.doesNotMatch(kuard.output, /(?!\n)[\p{Cc}\u2028\u2029]/u)
    for (const line of kuard.lines) assert.doesNotMatch(line, /^\{"@timestamp":"error"/)
    if (format === 'json') jsonLines(kuard)
  })
}

test('with --log-format=json every line is a JSON object in the fields of the Elastic Common Schema', async (context) => {
  // An empty variable is as good as none.
  const kuard = await startKuard(context, ['--log-format=json'], { env: { OTEL_SERVICE_NAME: ' ' } })
  await kuard.get('/a/healthy?quote=%22"')
  await kuard.terminate()
  const lines = jsonLines(kuard)
  const request = JSON.parse(kuard.lines.find((line) => line.includes('quote')) ?? '') as Record<
    string,
    unknown
  >
  assert.equal(lines.length, kuard.lines.length - 1)
  const { '@timestamp': _, 'client.port': port, 'event.duration': nanoseconds, ...fields } = request
  assert.ok(Number.isInteger(port) && Number(nanoseconds) > 1e4 && Number(nanoseconds) < 1e10)
  assert.deepEqual(fields, {
    'log.level': 'info',
    message: 'request',
    'ecs.version': '8.17.0',
    'service.name': 'kuard',
    'service.version': `${manifest.version}-blue`,
    'client.address': '127.0.0.1',
    'http.request.method': 'GET',
    'url.original': '/a/healthy?quote=%22"',
    'http.response.status_code': 200,
  })
  const config = lines.find((line) => line.message === 'Config:')?.['kuard.config']
  assert.equal((config as { logFormat?: string }).logFormat, 'json')
})

test('--log-sample logs its share of requests, and every one that the server failed at', async (context) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  atEnd(context, () => {
    agent.destroy()
  })
  for (const [share, least, most] of [
    [0, 0, 0],
    // Out of 400; beyond that lies one in a billion.
    [0.5, 140, 260],
    [1, 400, 400],
  ] as const) {
    const kuard = await startKuard(context, [`--log-sample=${share}`, '--fault-by-query'])
    for (let call = 0; call < 400; call += 1) await ask(kuard.port, 'GET', '/request/api', { agent })
    for (let call = 0; call < 5; call += 1)
      await ask(kuard.port, 'GET', '/env/api?fault.status=503:100', { agent })
    await kuard.terminate()
    const count = (pattern: RegExp) => kuard.output.match(pattern)?.length ?? 0
    assert.equal(count(/ GET \/env\/api\S* 503 /g), 5)
    const logged = count(/ GET \/request\/api 200 /g)
    assert.ok(logged >= least && logged <= most, `${logged} of a share of ${share}`)
  }
})

test('--log-level leaves out what is of less weight, and --debug nothing', async (context) => {
  const port = await freePort()
  const quiet = new Kuard(context, [`--address=127.0.0.1:${port}`, '--log-level=error', '--shutdown-delay=0'])
  await answers(port)
  assert.equal((await quiet.terminate()).code, 0)
  assert.equal(quiet.output, '')

  const chatty = await startKuard(context, ['--debug', '--log-level=error'])
  await chatty.get('/healthy')
  await chatty.logged(/GET \/healthy 200/)
})

test('--log-probes=false leaves the calls of probes out, and nothing else', async (context) => {
  const kuard = await startKuard(context, ['--log-probes=false', '--liveness-fail-next=1'])
  for (const path of ['/healthy', '/ready', '/a/healthy?x=1', '/healthy/api', '/-/last'])
    await kuard.get(path)
  await kuard.ask('HEAD', '/ready')
  await kuard.put('/ready/api', {})
  await kuard.logged(/ PUT \/ready\/api 200 /)
  const urls = [...kuard.output.matchAll(/ ([A-Z]+ \/\S*) \d{3} [\d.]+ms$/gm)].map(([, asked]) => asked)
  assert.deepEqual(urls, ['GET /healthy/api', 'GET /-/last', 'PUT /ready/api'])
})

test('the server goes on answering when the reader of its log has gone, and ends as ever', async (context) => {
  const kuard = await startKuard(context)
  kuard.child.stdout?.destroy()
  for (let call = 0; call < 50; call += 1) assert.equal((await kuard.get('/healthy')).status, 200)
  assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
  assert.equal(kuard.errors, '')
})

test('the server goes on answering when the disk behind its log is full, and ends as ever', async (context) => {
  const stdout = openSync('/dev/full', 'w')
  context.after(() => {
    closeSync(stdout)
  })
  const port = await freePort()
  const kuard = new Kuard(context, [`--address=127.0.0.1:${port}`, '--shutdown-delay=0'], { stdout })
  await answers(port)
  for (let call = 0; call < 50; call += 1) assert.equal((await ask(port, 'GET', '/healthy')).status, 200)
  assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
  assert.equal(kuard.errors, '')
})

test('a reader of the log that stalls delays no answer and no end, and takes a bounded memory', async (context) => {
  const kuard = await startKuard(context)
  kuard.child.stdout?.pause()
  const before = residentBytes(kuard.child.pid ?? 0)
  // 24 MB of lines.
  await load(kuard.port, [wire('GET', `/-/${'x'.repeat(8000)}`)], 3000, 4)
  assert.equal((await kuard.get('/healthy')).status, 200)
  assert.ok(residentBytes(kuard.child.pid ?? 0) - before < 150e6)
  const exited = once(kuard.child, 'exit')
  kuard.child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})

for (const format of ['text', 'json']) {
  test(`lines that a stalled reader of the ${format} log has lost are counted, in their place`, async (context) => {
    const kuard = await startKuard(context, [`--log-format=${format}`])
    kuard.child.stdout?.pause()
    await load(kuard.port, [wire('GET', `/-/${'x'.repeat(8000)}`)], 2000, 4)
    kuard.child.stdout?.resume()
    const there = () => kuard.lines.filter((line) => line.includes('/-/xxx')).length
    const missing = () =>
      [...kuard.output.matchAll(/(\d+) lines of the log are missing here/g)].map(([, lines]) => Number(lines))
    await eventually('every line to be there or counted', () => {
      const all = missing().reduce((sum, lines) => sum + lines, there())
      return all === 2000 && missing().length > 0
    })
    assert.match(
      kuard.output,
      /^\S+ \S+ WARN \d+ lines of|^\{"@timestamp":"[^"]+","log.level":"warn","message":"\d+ lines of/m,
    )
  })
}

test('a reader of the log that is slow misses nothing', async (context) => {
  const kuard = await startKuard(context)
  kuard.child.stdout?.pause()
  await load(kuard.port, [wire('GET', `/-/${'x'.repeat(4000)}`)], 1000, 1)
  kuard.child.stdout?.resume()
  await kuard.get('/last')
  await kuard.logged(/GET \/last /)
  assert.equal(kuard.lines.filter((line) => line.includes('GET /-/xxx')).length, 1000)
})

test('each line has the time of its own request, though they are written together', async (context) => {
  const kuard = await startKuard(context, ['--log-format=json'])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  // The first is written at once, those close behind it later.
  for (let number = 0; number < 6; number += 1) {
    await ask(kuard.port, 'GET', `/-/${number}`, { agent })
    await sleep(2)
  }
  agent.destroy()
  await kuard.logged(/"url.original":"\/-\/5"/)
  const times = jsonLines(kuard)
    .filter(({ message }) => message === 'request')
    .map((line) => Date.parse(String(line['@timestamp'])))
  assert.equal(times.length, 6)
  times.slice(1).forEach((time, index) => {
    assert.ok(time > (times[index] ?? NaN), `at ${times.join(', ')}`)
  })
})

test('a request that was answered before another is in the log, even if the process is killed then', async (context) => {
  const kuard = await startKuard(context)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (const path of ['/-/the-last-one', '/-/x', '/-/y']) await ask(kuard.port, 'GET', path, { agent })
  agent.destroy()
  await kuard.kill()
  assert.match(kuard.output, / GET \/-\/the-last-one 200 /)
})

test('the last lines are there when the process has ended', async (context) => {
  const kuard = await startKuard(context)
  await Promise.all(Array.from({ length: 20 }, () => kuard.get('/healthy')))
  await kuard.terminate()
  assert.equal(kuard.lines.filter((line) => line.includes(' GET /healthy 200 ')).length, 20)
})

test('an error is told in JSON with its type, its words and where it came from', async (context) => {
  const preload = join(import.meta.dirname, '../support/fail-preload.ts')
  const kuard = await startKuard(context, ['--log-format=json'], {
    nodeArgs: ['--import', preload],
    env: { FAIL_BY: 'uncaught exception', OTEL_SERVICE_NAME: 'shop' },
  })
  kuard.child.kill('SIGUSR2')
  await kuard.ended
  const failed = jsonLines(kuard).find(({ message }) => message === 'kuard has failed')
  assert.deepEqual(
    ['log.level', 'service.name', 'error.type', 'error.message'].map((field) => failed?.[field]),
    ['error', 'shop', 'Error', 'out of order'],
  )
  assert.match(String(failed?.['error.stack_trace']), /^Error: out of order\n +at /)
})

for (const way of ['uncaught exception', 'unhandled rejection']) {
  test(`the process exits 1 after an ${way}, with its reason in the log`, async (context) => {
    const preload = join(import.meta.dirname, '../support/fail-preload.ts')
    const kuard = await startKuard(context, [], { nodeArgs: ['--import', preload], env: { FAIL_BY: way } })
    kuard.child.kill('SIGUSR2')
    assert.deepEqual(await kuard.ended, { code: 1, signal: null })
    assert.match(kuard.output, /ERROR kuard has failed: Error: out of order\n {2,}at /)
    assert.ok(kuard.lines.every((line) => line.length < 1000))
  })
}

/** Resolves once a server answers there. */
const answers = (port: number) =>
  eventually('the server to answer', () =>
    ask(port, 'GET', '/healthy').then(
      () => true,
      () => false,
    ),
  )
