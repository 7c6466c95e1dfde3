/** The services beside health: reflection, and podinfo's, asked by a real client that knows them by reflection only. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { test, type TestContext } from 'node:test'
import { Metadata, status } from '@grpc/grpc-js'
import { wholeLifetime, type Lifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { ReflectingClient } from '../support/grpc.ts'
import { startKuard, type Kuard, type StartOptions } from '../support/kuard.ts'
import { startOtlpReceiver, tracedTo } from '../support/otlp.ts'

async function startGrpc(context: Lifetime, args: readonly string[] = [], options: StartOptions = {}) {
  const kuard = await startKuard(context, ['--grpc-address=127.0.0.1:0', ...args], options)
  const port = Number((await kuard.logged(/Serving gRPC on 127\.0\.0\.1:(\d+)/))[1])
  return { kuard, port }
}

const lifetime = wholeLifetime()
let shared: Promise<{ kuard: Kuard; port: number }> | undefined
async function sharedGrpc(context: TestContext) {
  const { kuard, port } = await (shared ??= startGrpc(lifetime))
  return { kuard, port, client: new ReflectingClient(context, port) }
}

for (const version of ['v1', 'v1alpha']) {
  test(`reflection ${version} names every service, and describes each so that a client can call it`, async (context) => {
    const { client } = await sharedGrpc(context)
    const services = await client.list(version)
    assert.deepEqual(services, [
      'grpc.health.v1.Health',
      'echo.EchoService',
      'status.StatusService',
      'delay.DelayService',
      'header.HeaderService',
      'version.VersionService',
      'info.InfoService',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ])
    for (const service of services) assert.ok(await client.describe(service, version), service)
  })
}

test('reflection finds a file by its name, by its messages and by its methods, and says what it has not', async (context) => {
  const { client } = await sharedGrpc(context)
  for (const question of [
    { fileByFilename: 'grpc/health/v1/health.proto' },
    { fileContainingSymbol: 'grpc.health.v1.Health.Watch' },
    { fileContainingSymbol: 'grpc.health.v1.HealthCheckResponse.ServingStatus' },
  ]) {
    const { fileDescriptorResponse } = await client.ask(question)
    assert.equal(fileDescriptorResponse?.fileDescriptorProto.length, 1, JSON.stringify(question))
  }
  const { allExtensionNumbersResponse } = await client.ask({ allExtensionNumbersOfType: 'echo.Message' })
  assert.equal(allExtensionNumbersResponse?.baseTypeName, 'echo.Message')
  for (const question of [
    { fileByFilename: 'other.proto' },
    { fileContainingSymbol: 'echo.Other' },
    { allExtensionNumbersOfType: 'echo.Other' },
    {},
  ]) {
    const { errorResponse } = await client.ask(question)
    assert.equal(errorResponse?.errorCode, status.NOT_FOUND, JSON.stringify(question))
  }
})

test('Echo says what it is told, and its metadata says who answers', async (context) => {
  const { client, kuard } = await sharedGrpc(context)
  for (const body of ['hello', '', 'Grüße, 世界 \u{1f680}', 'x'.repeat(60_000)]) {
    const { message, metadata } = await client.call('echo.EchoService/Echo', { body })
    assert.deepEqual(message, { body })
    assert.match(String(metadata.get('x-served-by')), /./)
    assert.match(String(metadata.get('x-served-version')), /^\d+\.\d+\.\d+-blue$/)
  }
  await kuard.logged(/127\.0\.0\.1:\d+ POST \/echo\.EchoService\/Echo OK \d+\.\dms/)
})

test('a call with a trace has a span that is a part of it, and is named in its metadata and in the log', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const { kuard, port } = await startGrpc(context, [], { env: tracedTo(receiver) })
  const client = new ReflectingClient(context, port)
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const metadata = new Metadata()
  metadata.set('traceparent', `00-${traceId}-b7ad6b7169203331-01`)
  metadata.set('tracestate', 'vendor=1')
  const answer = await client.call('echo.EchoService/Echo', { body: 'hello' }, { metadata })
  const span = await receiver.named('echo.EchoService/Echo')
  assert.deepEqual(
    [span.traceId, span.parentSpanId, span.traceState, span.kind, span.status],
    [traceId, 'b7ad6b7169203331', 'vendor=1', 2, 0],
  )
  assert.deepEqual(span.attributes, {
    'rpc.system.name': 'grpc',
    'rpc.method': 'echo.EchoService/Echo',
    'rpc.response.status_code': 'OK',
  })
  assert.deepEqual(answer.metadata.get('traceresponse'), [`00-${traceId}-${span.spanId}-01`])
  await kuard.logged(new RegExp(`POST /echo\\.EchoService/Echo OK .* trace=${traceId}$`, 'm'))
})

test('a message that is too large is refused', async (context) => {
  const { client } = await sharedGrpc(context)
  const call = client.call('echo.EchoService/Echo', { body: 'x'.repeat(70_000) })
  await assert.rejects(call, { code: status.RESOURCE_EXHAUSTED, details: /larger than max/ })
})

test('Status answers by the status that it is asked for, as Go, the standard or a number names it', async (context) => {
  const { client, kuard } = await sharedGrpc(context)
  const ask = (code: string) => client.call('status.StatusService/Status', { code })
  assert.deepEqual((await ask('Ok')).message, { status: 'Ok' })
  for (const [name, code] of [
    ['NotFound', status.NOT_FOUND],
    ['Canceled', status.CANCELLED],
    ['CANCELLED', status.CANCELLED],
    ['DEADLINE_EXCEEDED', status.DEADLINE_EXCEEDED],
    ['16', status.UNAUTHENTICATED],
  ] as const)
    await assert.rejects(ask(name), { code }, name)
  for (const name of ['', 'Nothing', '17', '-1', 'toString', '\u{1f680}'.repeat(20_000).slice(0, 16_001)])
    await assert.rejects(ask(name), { code: status.INVALID_ARGUMENT, details: /^no status is named "/ }, name)
  await kuard.logged(/POST \/status\.StatusService\/Status NOT_FOUND /)
})

test('Delay answers after its seconds, within what it allows', async (context) => {
  const { client } = await sharedGrpc(context)
  const ask = (seconds: string) => client.call('delay.DelayService/Delay', { seconds })
  const began = performance.now()
  assert.deepEqual((await ask('1')).message, { message: '1' })
  assert.ok(performance.now() - began >= 990)
  for (const seconds of ['-1', '601', '9223372036854775807'])
    await assert.rejects(ask(seconds), { code: status.INVALID_ARGUMENT, details: /must be 0 to 600/ })
})

test('a call whose client cancels it, or has given it up, is let go', async (context) => {
  const { client, kuard } = await sharedGrpc(context)
  const deadline = client.call('delay.DelayService/Delay', { seconds: '60' }, { deadline: Date.now() + 300 })
  await assert.rejects(deadline, { code: status.DEADLINE_EXCEEDED })
  const stop = new AbortController()
  const cancelled = client.call('delay.DelayService/Delay', { seconds: '61' }, { signal: stop.signal })
  setTimeout(() => {
    stop.abort()
  }, 100)
  await assert.rejects(cancelled, { code: status.CANCELLED })
  await kuard.logged(/POST \/delay\.DelayService\/Delay CANCELLED /)
  assert.doesNotMatch(kuard.output, /has failed/)
})

test('the deadline of a call is kept, whether its client keeps it or not', async (context) => {
  const { kuard, port } = await sharedGrpc(context)
  const session = connect(`http://127.0.0.1:${port}`)
  context.after(() => {
    session.destroy()
  })
  const stream = session.request({
    ':method': 'POST',
    ':path': '/delay.DelayService/Delay',
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': '300m',
  })
  // Not compressed, two bytes long: field 1 is 60.
  stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, 60])).resume()
  const [trailers] = (await once(stream, 'trailers')) as [IncomingHttpHeaders]
  assert.equal(trailers['grpc-status'], String(status.DEADLINE_EXCEEDED))
  await kuard.logged(/POST \/delay\.DelayService\/Delay DEADLINE_EXCEEDED /)
})

test('a call at which the server failed is logged whatever --log-sample says, and others are not', async (context) => {
  const { kuard, port } = await startGrpc(context, ['--log-sample=0'])
  const client = new ReflectingClient(context, port)
  await client.call('echo.EchoService/Echo', { body: 'hello' })
  for (const code of ['NotFound', 'Internal'])
    await assert.rejects(client.call('status.StatusService/Status', { code }))
  await kuard.logged(/POST \/status\.StatusService\/Status INTERNAL /)
  assert.doesNotMatch(kuard.output, /Echo OK|NOT_FOUND/)
})

test('a call has a span in the trace of its caller, which says how it ended; a probe has none', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const { port } = await startGrpc(context, [], { env: tracedTo(receiver) })
  const client = new ReflectingClient(context, port)
  const metadata = new Metadata()
  metadata.set('traceparent', `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`)
  await client.call('grpc.health.v1.Health/Check', {}, { metadata })
  const answer = await client.call('echo.EchoService/Echo', { body: 'hello' }, { metadata })
  const refused = client.call('status.StatusService/Status', { code: 'Unavailable' }, { metadata })
  await assert.rejects(refused, { code: status.UNAVAILABLE })
  const echo = await receiver.named('echo.EchoService/Echo')
  assert.deepEqual(
    [echo.traceId, echo.parentSpanId, echo.kind, echo.status],
    ['a1'.repeat(16), 'b2'.repeat(8), 2, 0],
  )
  assert.deepEqual(echo.attributes, {
    'rpc.system.name': 'grpc',
    'rpc.method': 'echo.EchoService/Echo',
    'rpc.response.status_code': 'OK',
  })
  assert.deepEqual(answer.metadata.get('traceresponse'), [`00-${echo.traceId}-${echo.spanId}-01`])
  const failed = await receiver.named('status.StatusService/Status')
  assert.deepEqual([failed.status, failed.attributes['rpc.response.status_code']], [2, 'UNAVAILABLE'])
  assert.ok(receiver.spans.every(({ name }) => !name.includes('Health')))
})

test('Header tells the metadata of the call', async (context) => {
  const { client } = await sharedGrpc(context)
  const metadata = new Metadata()
  metadata.add('x-one', 'a b')
  metadata.add('x-two-bin', Buffer.from([0, 255]))
  const { message } = await client.call('header.HeaderService/Header', {}, { metadata })
  const headers = message.headers as string[]
  assert.ok(headers.includes('x-one=a b'), String(headers))
  assert.ok(headers.includes('x-two-bin=AP8='), String(headers))
  assert.ok(
    headers.some((header) => header.startsWith('user-agent=grpc-node-js/')),
    String(headers),
  )
})

test('Version and Info say who answers', async (context) => {
  const { client } = await sharedGrpc(context)
  const { version } = (await client.call('version.VersionService/Version', {})).message
  assert.match(String(version), /^\d+\.\d+\.\d+-blue$/)
  const { message } = await client.call('info.InfoService/Info', {})
  assert.deepEqual([message.version, message.color, message.goos], [version, 'blue', 'linux'])
  assert.match(String(message.hostname), /./)
})

test('a reflection client that reads no answer is not listened to any more, and its stream ends on SIGTERM', async (context) => {
  const { kuard, port } = await startGrpc(context)
  const client = new ReflectingClient(context, port)
  const stream = client.reflection()
  stream.on('error', () => undefined)
  stream.pause()
  let asked = 0
  const ask = () => {
    do asked += 1
    while (stream.write({ fileContainingSymbol: 'grpc.health.v1.Health' }))
  }
  stream.on('drain', ask)
  ask()
  let before = 0
  await eventually(
    'the server to stop reading',
    () => {
      const standsStill = asked === before
      before = asked
      return standsStill
    },
    30_000,
    300,
  )
  assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
})

test('on SIGTERM a call under way is answered, one that would last too long is ended, and new ones are refused', async (context) => {
  const { kuard, port } = await startGrpc(context, ['--shutdown-timeout=20'])
  const client = new ReflectingClient(context, port)
  await client.describe('delay.DelayService')
  const underWay = client.call('delay.DelayService/Delay', { seconds: '3' })
  const tooLong = assert.rejects(client.call('delay.DelayService/Delay', { seconds: '500' }), {
    code: status.UNAVAILABLE,
    details: 'this server is shutting down',
  })
  await client.call('delay.DelayService/Delay', { seconds: '0' })
  const ending = kuard.terminate()
  await kuard.logged(/Received SIGTERM/)
  assert.deepEqual((await underWay).message, { message: '3' })
  await tooLong
  assert.deepEqual(await ending, { code: 0, signal: null })
  await assert.rejects(client.call('delay.DelayService/Delay', { seconds: '0' }), {
    code: status.UNAVAILABLE,
  })
})
