/** What faults do to requests, as their clients see it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, constants, type ClientHttp2Session } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { FaultsState, type FaultKind } from '../../server/features/faults/wire.ts'
import { ProbeStatus } from '../../server/features/probe/wire.ts'
import { atEnd, wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask, startKuard, type Kuard } from '../support/kuard.ts'
import { RawConnection } from '../support/socket.ts'
import { startTlsKuard, type TlsKuard } from '../support/tls.ts'

/** A path that is no page and no probe; its answer is some hundred bytes of JSON at least. */
const path = '/env/api'

const lifetime = wholeLifetime()
let shared: Promise<TlsKuard> | undefined
/** With no fault on, but those that its requests ask for. */
async function quietKuard(): Promise<TlsKuard> {
  const started = await (shared ??= startTlsKuard(lifetime, ['--fault-by-query']))
  await started.kuard.ask('DELETE', '/faults')
  return started
}

/** Begins a fault. */
async function begin(kuard: Kuard, kind: FaultKind, order: unknown): Promise<void> {
  const { status, text } = await kuard.put(`/faults/${kind}`, order)
  assert.equal(status, 200, text)
}

async function touched(kuard: Kuard, kind: FaultKind): Promise<number> {
  const { faults } = (await kuard.get('/faults')).json(FaultsState)
  return faults.find((fault) => fault.kind === kind)?.touched ?? 0
}

const get = (at: string) => `GET ${at} HTTP/1.1\r\nHost: localhost\r\n\r\n`

test('a share of requests is touched, at random, and each says so', async () => {
  const { kuard } = await quietKuard()
  await begin(kuard, 'error', { share: 0.5 })
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const answers = await Promise.all(
    Array.from({ length: 400 }, () => ask(kuard.port, 'GET', path, { agent })),
  )
  agent.destroy()
  const failed = answers.filter(({ status }) => status === 503)
  assert.ok(failed.length > 130 && failed.length < 270, String(failed.length))
  assert.equal(await touched(kuard, 'error'), failed.length)
  for (const { status, headers } of answers)
    assert.equal(headers['x-fault'], status === 503 ? 'error=503' : undefined)
})

test('an error is told in words, whatever was asked', async () => {
  const { kuard } = await quietKuard()
  await begin(kuard, 'error', { status: 599 })
  const read = await kuard.get(path)
  assert.deepEqual(
    [read.status, read.headers['content-type'], read.text],
    [599, 'text/plain; charset=utf-8', '599 by a fault of this server, as it was told\n'],
  )
  assert.ok(read.headers['x-served-by'])
  const head = await kuard.ask('HEAD', path)
  assert.deepEqual([head.status, head.text], [599, ''])
  const put = await kuard.ask('PUT', '/healthy/api', { body: `{"failNext":1}${' '.repeat(500_000)}` })
  assert.equal(put.status, 599)
  await kuard.ask('DELETE', '/faults')
  assert.equal((await kuard.get('/healthy/api')).json(ProbeStatus).failNext, 0)
})

test('a delay holds each request for its time, its body too', async () => {
  const { kuard } = await quietKuard()
  await begin(kuard, 'delay', { ms: 300 })
  const began = performance.now()
  const read = await kuard.get(path)
  assert.ok(performance.now() - began >= 295)
  assert.deepEqual([read.status, read.headers['x-fault']], [200, 'delay=300ms'])
  const put = await kuard.put('/healthy/api', { failNext: 0, filler: 'x'.repeat(200_000) })
  assert.deepEqual([put.status, put.headers['x-fault']], [200, 'delay=300ms'])
})

test('a delay by median and 99th percentile is spread as these say', async () => {
  const { kuard } = await quietKuard()
  await begin(kuard, 'delay', { ms: 20, p99Ms: 100 })
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const answers = await Promise.all(
    Array.from({ length: 400 }, () => ask(kuard.port, 'GET', path, { agent })),
  )
  agent.destroy()
  const delays = answers
    .map(({ headers }) => Number(/^delay=(\d+)ms$/.exec(String(headers['x-fault']))?.[1]))
    .sort((one, other) => one - other)
  const median = delays[200] ?? NaN
  assert.ok(median >= 15 && median <= 27, `the median is ${median}`)
  const above = delays.filter((ms) => ms >= 100).length
  assert.ok(above <= 20, `${above} are over the 99th percentile`)
  assert.ok((delays.at(-1) ?? 0) > 40)
})

test('who leaves during a delay is logged so, at once', async (context) => {
  const kuard = await startKuard(context)
  await begin(kuard, 'delay', { ms: 600_000 })
  const connection = new RawConnection(context, kuard.port)
  connection.send(get(path))
  await eventually('the delay', async () => (await touched(kuard, 'delay')) === 1)
  connection.socket.destroy()
  await kuard.logged(/GET \/env\/api 499 /)
})

test('an end of the delay lets its requests go on', async () => {
  const { kuard } = await quietKuard()
  await begin(kuard, 'delay', { ms: 600_000 })
  const answer = kuard.get(path)
  await eventually('the delay', async () => (await touched(kuard, 'delay')) === 1)
  await kuard.ask('DELETE', '/faults/delay')
  assert.equal((await answer).status, 200)
})

test('faults of several kinds touch one request, in a fixed order', async () => {
  const { kuard } = await quietKuard()
  await begin(kuard, 'error', { status: 500 })
  await begin(kuard, 'slow-body', { bytesPerSecond: 1000 })
  await begin(kuard, 'delay', { ms: 10 })
  await begin(kuard, 'request-cpu', { ms: 1 })
  const { status, headers, text } = await kuard.get(path)
  assert.equal(status, 500)
  assert.equal(headers['x-fault'], 'delay=10ms, request-cpu=1ms, slow-body=1000B/s, error=500')
  assert.equal(text, '500 by a fault of this server, as it was told\n')
})

test('requests take the CPU that they are told to', async () => {
  const { kuard } = await quietKuard()
  const cpuSeconds = async () =>
    Number(/^process_cpu_seconds_total (\S+)$/m.exec((await kuard.get('/metrics')).text)?.[1])
  await begin(kuard, 'request-cpu', { ms: 200 })
  const before = await cpuSeconds()
  const [one, other] = await Promise.all([kuard.get(path), kuard.get(path)])
  assert.equal(one.headers['x-fault'], 'request-cpu=200ms')
  assert.equal(other.status, 200)
  const taken = (await cpuSeconds()) - before
  assert.ok(taken >= 0.4, `${taken} s`)
})

test('a slow body comes at its pace, whole', async (context) => {
  const folder = temporaryFolder(context)
  const bytes = randomBytes(300_000)
  writeFileSync(join(folder, 'file'), bytes)
  const kuard = await startKuard(context, [`--fs-root=${folder}`])
  await begin(kuard, 'slow-body', { bytesPerSecond: 600_000 })
  const began = performance.now()
  const answer = await kuard.get('/fs/file')
  const seconds = (performance.now() - began) / 1000
  assert.ok(seconds >= 0.45, `${seconds} s`)
  assert.deepEqual(answer.bytes, bytes)
  assert.equal(answer.headers['x-fault'], 'slow-body=600000B/s')
  assert.equal(answer.headers['content-length'], '300000')
  const head = await kuard.ask('HEAD', '/fs/file')
  assert.deepEqual([head.headers['content-length'], head.text], ['300000', ''])
})

test('the rest of a slow body comes at once when the fault ends, and who leaves is logged', async (context) => {
  const folder = temporaryFolder(context)
  const bytes = randomBytes(2_000_000)
  writeFileSync(join(folder, 'file'), bytes)
  const kuard = await startKuard(context, [`--fs-root=${folder}`])
  await begin(kuard, 'slow-body', { bytesPerSecond: 1000 })
  const leaving = new RawConnection(context, kuard.port)
  leaving.send(get('/fs/file?leaving'))
  await leaving.receives(/\r\n\r\n[^]/)
  leaving.socket.destroy()
  await kuard.logged(/GET \/fs\/file\?leaving 200 /)
  const answer = kuard.get('/fs/file')
  await eventually('the beginning', async () => (await touched(kuard, 'slow-body')) === 2)
  await kuard.ask('DELETE', '/faults')
  assert.deepEqual((await answer).bytes, bytes)
})

/** What comes of a request over a connection until it ends: all that was received, and whether by a reset. */
async function ending(context: TestContext, port: number, text: string) {
  const connection = new RawConnection(context, port)
  connection.send(text)
  await eventually('the end', () => connection.socket.readableEnded || connection.error)
  return { received: connection.received, error: connection.error }
}

test('a connection is cut before, within or after the head, by an end or by a reset', async (context) => {
  const { kuard } = await quietKuard()
  for (const [reset, error] of [
    [false, undefined],
    [true, 'ECONNRESET'],
  ] as const) {
    await begin(kuard, 'cut', { at: 'before', reset })
    assert.deepEqual(await ending(context, kuard.port, get(path)), { received: '', error })
    await begin(kuard, 'cut', { at: 'within', reset })
    const within = await ending(context, kuard.port, get(path))
    assert.match(within.received, /^HTTP\/1\.1 200 OK\r\nx-fault: cut=within\r\n/)
    assert.doesNotMatch(within.received, /\r\n\r\n/)
    assert.equal(within.error, error)
    await begin(kuard, 'cut', { at: 'after', reset })
    const after = await ending(context, kuard.port, get(path))
    assert.match(after.received, /^HTTP\/1\.1 200 OK\r\n[^]*content-length: [1-9][^]*\r\n\r\n$/i)
    assert.equal(after.error, error)
  }
  await kuard.logged(/GET \/env\/api 444 [^]*GET \/env\/api 444 [^]*GET \/env\/api 200 /)
})

test('what is asked by a request that is cut after its body was read is done all the same', async (context) => {
  const { kuard } = await quietKuard()
  await kuard.ask('PUT', '/memq/server/queues/cut')
  await begin(kuard, 'cut', { at: 'within', path: '/memq' })
  const body = 'message'
  const enqueue = `POST /memq/server/queues/cut/enqueue HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  await ending(context, kuard.port, enqueue)
  await kuard.ask('DELETE', '/faults')
  assert.match((await kuard.get('/memq/server/stats')).text, /"name":"cut","depth":1/)
})

test('in a pipeline, answers before the cut come whole and in their order', async (context) => {
  const { kuard } = await quietKuard()
  for (const at of ['before', 'within', 'after']) {
    const slow = get('/ready?fault.delay=300ms')
    const { received } = await ending(
      context,
      kuard.port,
      slow + get('/healthy') + get(`${path}?fault.cut=${at}`),
    )
    assert.match(
      received,
      /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)*x-fault: delay=300ms[^]*\r\n\r\nokHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok/,
    )
    assert.equal(received.split('\r\n\r\nok').length, 3)
    assert.equal(received.includes(`cut=${at}`), at !== 'before')
  }
})

test('over TLS a connection is cut and reset alike', async () => {
  const { kuard, tlsPort } = await quietKuard()
  for (const [at, reset, code] of [
    ['before', false, undefined],
    ['within', true, 'ECONNRESET'],
    ['after', true, 'ECONNRESET'],
  ] as const) {
    await begin(kuard, 'cut', { at, reset })
    const socket = connectTls({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
    let error: string | undefined
    let received = ''
    socket.on('error', (thrown: NodeJS.ErrnoException) => (error = thrown.code))
    socket.on('data', (bytes: Buffer) => (received += bytes.toString()))
    socket.write(get(path))
    await eventually('the end', () => socket.closed)
    assert.equal(error, code, at)
    assert.equal(received.includes('\r\n\r\n'), at === 'after')
  }
})

async function openSession(context: TestContext, url: string): Promise<ClientHttp2Session> {
  const session = connect(url, { rejectUnauthorized: false })
  atEnd(context, () => {
    session.destroy()
  })
  await once(session, 'connect')
  return session
}

/** What comes of a request over HTTP/2: the head, if one came, the body, and the code that its stream was closed with. */
async function streamed(session: ClientHttp2Session, at: string) {
  const stream = session.request({ ':path': at })
  let headers: Record<string, unknown> = {}
  let text = ''
  stream.on('response', (head) => (headers = head))
  stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
  stream.on('error', () => undefined)
  await once(stream, 'close').catch(() => undefined)
  return { status: headers[':status'], fault: headers['x-fault'], text, code: stream.rstCode }
}

test('over HTTP/2 a stream is reset and its connection goes on', async (context) => {
  const { kuard, url } = await quietKuard()
  const session = await openSession(context, url)
  const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants
  await begin(kuard, 'cut', { at: 'after' })
  const after = await streamed(session, path)
  assert.deepEqual(after, { status: 200, fault: 'cut=after', text: '', code: NGHTTP2_INTERNAL_ERROR })
  for (const at of ['before', 'within']) {
    await begin(kuard, 'cut', { at })
    const cut = await streamed(session, path)
    assert.deepEqual([cut.status, cut.text, cut.code], [undefined, '', NGHTTP2_INTERNAL_ERROR], at)
  }
  await kuard.ask('DELETE', '/faults')
  const slow = await streamed(session, '/healthy?fault.delay=50ms&fault.slow=10&fault.status=500')
  assert.deepEqual(
    [slow.status, slow.fault, slow.text.length > 10, slow.code],
    [500, 'delay=50ms, slow-body=10B/s, error=500', true, NGHTTP2_NO_ERROR],
  )
})

test('a request asks for faults by its query, probes and the page too', async () => {
  const { kuard } = await quietKuard()
  const began = performance.now()
  const both = await kuard.get(`${path}?x=1&fault.status=418&fault.delay=0.2s`)
  assert.ok(performance.now() - began >= 195)
  assert.deepEqual([both.status, both.headers['x-fault']], [418, 'delay=200ms, error=418'])
  assert.equal((await kuard.get('/b/ready?fault.status=500')).status, 500)
  assert.equal((await kuard.get('/?fault.status=500', { accept: 'text/html' })).status, 500)
  assert.equal((await kuard.get(`${path}?fault.status=500:0`)).status, 200)
  assert.equal((await kuard.get(`${path}?fault.status=500:100`)).status, 500)
  assert.equal((await kuard.get(`${path}?x=fault.status`)).status, 200)
  await assert.rejects(kuard.get(`${path}?fault.cut=before`), { code: 'ECONNRESET' })
  assert.equal((await kuard.get(path)).status, 200)
})

test('a query that asks for no fault that there is is refused in words', async () => {
  const { kuard } = await quietKuard()
  for (const [query, words] of [
    ['fault.typo=1', /^fault\.typo is no fault that can be asked for, but fault\.delay, /],
    ['fault.toString=1', /^fault\.toString is no fault/],
    ['fault.delay=soon', /^fault\.delay has to be a time/],
    ['fault.delay=601s', /^fault\.delay has to be a time up to 10 minutes/],
    ['fault.delay=1s:101', /^fault\.delay has to be/],
    ['fault.status=200', /^fault\.status has to be a status from 400 to 599/],
    ['fault.status=', /^fault\.status has to be/],
    ['fault.slow=0', /^fault\.slow has to be bytes a second/],
    ['fault.cut=here', /^fault\.cut has to be before, within or after/],
    ['fault.status=500&fault.status=501', /^fault\.status is there twice/],
  ] as const) {
    const { status, text } = await kuard.get(`${path}?${query}`)
    assert.equal(status, 400, query)
    assert.match(text, words)
  }
})

test('without --fault-by-query no request may ask for faults', async (context) => {
  const kuard = await startKuard(context)
  const { status, text } = await kuard.get('/healthy?fault.delay=1s')
  assert.deepEqual(
    [status, text],
    [403, 'no request may ask for faults by its query here (--fault-by-query)\n'],
  )
  assert.equal((await kuard.get('/fs/etc/passwd?name=default.fault.x')).status, 200)
})

test('an upload that waits for leave to begin is delayed before it is sent', async () => {
  const { kuard } = await quietKuard()
  const put = request({
    host: '127.0.0.1',
    port: kuard.port,
    method: 'PUT',
    path: '/healthy/api?fault.delay=100ms',
    headers: { expect: '100-continue', 'content-length': 2 },
    agent: false,
  })
  put.flushHeaders()
  await once(put, 'continue')
  put.end('{}')
  const [response] = (await once(put, 'response')) as [{ statusCode: number; resume: () => void }]
  assert.equal(response.statusCode, 200)
  response.resume()
})
