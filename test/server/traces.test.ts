/** Spans of requests, sent as the variables of OpenTelemetry say, and what happens where there is nobody to take them. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { certificate } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { freePort } from '../support/free-port.ts'
import { ask, startKuard } from '../support/kuard.ts'
import { startGrpcOtlpReceiver, startOtlpReceiver, tracedTo } from '../support/otlp.ts'
import { RawConnection } from '../support/socket.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const caller = 'b7ad6b7169203331'
const sampled = { traceparent: `00-${traceId}-${caller}-01` }

test('a request with a trace has a span that is a part of it, by the conventions, and is named in the answer and in the log', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const kuard = await startKuard(context, [], {
    env: { ...tracedTo(receiver), KUBERNETES_SERVICE_HOST: '10.96.0.1' },
  })
  await kuard.logged(/Sending traces to http:\S+\/v1\/traces by http\/protobuf/)
  const { headers } = await kuard.get('/a/memq/server/stats?x=1', {
    ...sampled,
    tracestate: 'vendor=1',
    'user-agent': 'tester',
    host: 'localhost:8080',
    'x-forwarded-for': '192.0.2.7, 10.0.0.1',
  })
  const span = await receiver.named('GET /memq/server/stats')
  assert.deepEqual([span.traceId, span.parentSpanId, span.traceState], [traceId, caller, 'vendor=1'])
  assert.deepEqual([span.kind, span.status, span.links], [2, 0, []])
  assert.ok(span.took >= 0 && span.took < 30_000)
  assert.equal(headers.traceresponse, `00-${traceId}-${span.spanId}-01`)
  const { 'network.peer.port': peerPort, ...attributes } = span.attributes
  assert.ok(Number(peerPort) > 0)
  assert.deepEqual(attributes, {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/memq/server/stats',
    'url.scheme': 'http',
    'url.path': '/a/memq/server/stats',
    'url.query': 'x=1',
    'server.address': 'localhost',
    'server.port': 8080,
    'client.address': '192.0.2.7',
    'network.peer.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'tester',
  })
  const { 'host.name': host, 'service.version': version, ...resource } = span.resource
  assert.equal(host, headers['x-served-by'])
  assert.equal(version, headers['x-served-version'])
  assert.equal(resource['service.name'], 'kuard')
  assert.equal(resource['k8s.pod.name'], host)
  await kuard.logged(new RegExp(`GET /a/memq/server/stats\\?x=1 200 .* trace=${traceId}\n`))
})

test('over HTTP/JSON spans say the same, and the log as JSON has both ids', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const env = { ...tracedTo(receiver), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  const kuard = await startKuard(context, ['--log-format=json'], { env })
  assert.equal((await kuard.get('/env/api', sampled)).status, 200)
  const span = await receiver.named('GET /env/api')
  assert.deepEqual([span.traceId, span.parentSpanId, span.kind], [traceId, caller, 2])
  assert.equal(span.attributes['http.response.status_code'], 200)
  assert.equal(receiver.requests[0]?.headers['content-type'], 'application/json')
  const line = await eventually('the request’s line', () =>
    kuard.lines.find((text) => text.includes('/env/api')),
  )
  const fields = JSON.parse(line) as Record<string, unknown>
  assert.deepEqual([fields['trace.id'], fields['span.id']], [traceId, span.spanId])
})

test('a request without a trace, or with a broken one, begins its own', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const kuard = await startKuard(context, [], { env: tracedTo(receiver) })
  const broken = ['', 'x', `00-${'0'.repeat(32)}-${caller}-01`, `ff-${traceId}-${caller}-01`]
  for (const traceparent of broken) await kuard.get('/env/api', { traceparent, tracestate: 'vendor=1' })
  await kuard.get('/env/api', { ...sampled, tracestate: `vendor=${'x'.repeat(300_000)}` })
  await eventually('all spans', () => receiver.spans.length === broken.length + 1)
  assert.deepEqual(
    receiver.spans.map(({ parentSpanId, traceState }) => [parentSpanId, traceState]),
    [...broken.map(() => ['', '']), [caller, '']],
  )
  assert.equal(new Set(receiver.spans.map((span) => span.traceId)).size, broken.length + 1)
})

test('what goes wrong is told by the span: a status, an answer that was cut off, a client that left', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const kuard = await startKuard(context, ['--fault-by-query'], { env: tracedTo(receiver) })
  await kuard.put('/healthy/api', { failNext: 1 })
  await kuard.get('/healthy', sampled)
  const failed = await receiver.named('GET /healthy')
  assert.deepEqual([failed.status, failed.attributes['error.type']], [2, '500'])

  assert.equal((await kuard.get('/nowhere')).status, 404)
  const missing = await receiver.span(
    'for /nowhere',
    ({ attributes }) => attributes['url.path'] === '/nowhere',
  )
  assert.deepEqual([missing.name, missing.status, missing.attributes['http.route']], ['GET', 0, undefined])
  assert.equal(missing.attributes['http.response.status_code'], 404)

  await kuard.ask('PROPFIND', '/nowhere')
  const odd = await receiver.named('HTTP')
  assert.deepEqual(
    [odd.attributes['http.request.method'], odd.attributes['http.request.method_original']],
    ['_OTHER', 'PROPFIND'],
  )

  await kuard.get('/env/api?fault.cut=after').catch(() => undefined)
  const cut = await receiver.span(
    'for an answer that was cut off',
    ({ attributes }) => 'url.query' in attributes,
  )
  assert.deepEqual([cut.status, cut.attributes['error.type']], [2, 'incomplete'])

  const client = new RawConnection(context, kuard.port)
  client.send(
    'POST /memq/server/queues/q/enqueue HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
  )
  await client.receives(/100 Continue/)
  client.socket.destroy()
  const left = await receiver.named('POST /memq/server/queues/:queue/enqueue')
  assert.deepEqual([left.status, left.attributes['http.response.status_code']], [0, 400])
})

test('probes and scrapes are traced only as a part of their caller’s trace, and an endless answer never', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const kuard = await startKuard(context, [], { env: tracedTo(receiver) })
  for (const path of ['/healthy', '/ready', '/metrics']) {
    assert.equal((await kuard.get(path)).headers.traceresponse, undefined)
    assert.match(String((await kuard.get(path, sampled)).headers.traceresponse), new RegExp(traceId))
  }
  const events = new RawConnection(context, kuard.port)
  events.send(
    `GET /events?topics=liveness HTTP/1.1\r\nHost: x\r\ntraceparent: ${sampled.traceparent}\r\n\r\n`,
  )
  await events.receives(/data:/)
  assert.doesNotMatch(events.received, /traceresponse/)
  await receiver.named('GET /metrics')
  assert.deepEqual(receiver.spans.map(({ name }) => name).sort(), [
    'GET /healthy',
    'GET /metrics',
    'GET /ready',
  ])
})

/** Of a root and of each kind of caller, whether its span is sent, by the sampler that is asked for. */
const samplings = [
  ['always_on', '', [true, true, true]],
  ['always_off', '', [false, false, false]],
  ['traceidratio', '0', [false, false, false]],
  ['traceidratio', '1', [true, true, true]],
  ['parentbased_always_on', '', [true, true, false]],
  ['parentbased_always_off', '', [false, true, false]],
  ['parentbased_traceidratio', '0', [false, true, false]],
  ['nonsense', '', [true, true, false]],
] as const

test('each sampler of the specification does as it says, and what isn’t sent hands its trace on all the same', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const answers = samplings.map(async ([name, share, expected]) => {
    const env = { ...tracedTo(receiver), OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share }
    const kuard = await startKuard(context, [], { env })
    const unsampled = { traceparent: sampled.traceparent.replace(/1$/, '0') }
    const said = await Promise.all([{}, sampled, unsampled].map((headers) => kuard.get('/env/api', headers)))
    const flags = said.map(
      ({ headers }) => /^00-\w{32}-\w{16}-(0[01])$/.exec(String(headers.traceresponse))?.[1],
    )
    assert.deepEqual(
      flags,
      expected.map((isSent) => (isSent ? '01' : '00')),
      `${name} ${share}`,
    )
    await kuard.terminate()
  })
  await Promise.all(answers)
  assert.equal(receiver.spans.length, samplings.flatMap(([, , expected]) => expected).filter(Boolean).length)
})

test('over gRPC spans come with the headers, and once the collector is there that was away', async (context) => {
  const port = await freePort()
  const kuard = await startKuard(context, [], {
    env: {
      ...tracedTo({ url: `http://127.0.0.1:${port}` }),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x,bad%21=y',
      // No time to try again in.
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    },
  })
  await kuard.logged(/ WARN The header bad! for sending traces is left out: gRPC can’t have it\.\n/)
  await kuard.get('/env/api')
  await kuard.logged(/ WARN Traces don’t arrive at http:\/\/127\.0\.0\.1:\d+\/: .*(refused|no answer).*\n/)
  const receiver = await startGrpcOtlpReceiver(context, port)
  await eventually('a span', async () => {
    await kuard.get('/env/api')
    return receiver.spans.length > 0
  })
  await kuard.logged(/ Traces arrive at http:\/\/127\.0\.0\.1:\d+\/ again\.\n/)
  const [first] = receiver.requests
  assert.equal(first?.headers.authorization, 'Bearer x')
  assert.equal(first.spans[0]?.name, 'GET /env/api')
  assert.equal(kuard.output.match(/Traces don’t arrive/g)?.length, 1)
})

test('headers, compression, the endpoint of traces alone, a certificate and names go as the variables say', async (context) => {
  const pair = certificate({ commonName: 'collector', addresses: ['127.0.0.1'] })
  const file = join(temporaryFolder(context), 'ca.pem')
  writeFileSync(file, pair.cert)
  const receiver = await startOtlpReceiver(context, { tls: pair })
  const kuard = await startKuard(context, [], {
    env: {
      ...tracedTo({ url: 'http://127.0.0.1:1' }),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/custom`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: file,
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20secret, x-tenant = a',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other,host.name=h%2C1',
      OTEL_SERVICE_NAME: 'shop',
    },
  })
  await kuard.get('/env/api')
  const span = await receiver.named('GET /env/api')
  const [request] = receiver.requests
  assert.ok(request)
  const { headers } = request
  assert.equal(request.path, '/custom')
  assert.deepEqual(
    [headers.authorization, headers['x-tenant'], headers['content-encoding']],
    ['Bearer secret', 'a', 'gzip'],
  )
  const {
    'service.name': name,
    'host.name': host,
    'deployment.environment.name': environment,
  } = span.resource
  assert.deepEqual([name, host, environment], ['shop', 'h,1', 'test'])
})

test('a value that can’t be taken is told in a line, and its default is taken', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const kuard = await startKuard(context, [], {
    env: {
      ...tracedTo(receiver),
      OTEL_SDK_DISABLED: 'perhaps',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_TRACES_SAMPLER: 'some',
      OTEL_TRACES_SAMPLER_ARG: '2',
      OTEL_BSP_MAX_QUEUE_SIZE: '-1',
      OTEL_BSP_EXPORT_TIMEOUT: '1e9',
      OTEL_EXPORTER_OTLP_HEADERS: 'secret',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier/pigeon',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem',
      OTEL_RESOURCE_ATTRIBUTES: 'a=%E0%A4%A',
    },
  })
  await kuard.get('/env/api')
  await receiver.named('GET /env/api')
  const warnings = kuard.lines.flatMap((line) => / WARN (.*)/.exec(line)?.[1] ?? [])
  assert.deepEqual(warnings.sort(), [
    'OTEL_BSP_EXPORT_TIMEOUT: “1e9” has to be a whole number from 1 to 2147483647; 30000 is taken',
    'OTEL_BSP_MAX_QUEUE_SIZE: “-1” has to be a whole number from 1 to 100000; 2048 is taken',
    'OTEL_EXPORTER_OTLP_COMPRESSION: “zstd” has to be one of none, gzip; none is taken',
    'OTEL_EXPORTER_OTLP_HEADERS: its value has to be HTTP headers as NAME=VALUE,NAME=VALUE, each percent-encoded; nothing of it is taken',
    'OTEL_EXPORTER_OTLP_PROTOCOL: “carrier/pigeon” has to be one of http/protobuf, http/json, grpc; http/protobuf is taken',
    'OTEL_EXPORTER_OTLP_TIMEOUT: “soon” has to be a whole number from 1 to 2147483647; 10000 is taken',
    'OTEL_RESOURCE_ATTRIBUTES: “a=%E0%A4%A” has to be pairs as NAME=VALUE,NAME=VALUE, each percent-encoded; nothing of it is taken',
    'OTEL_SDK_DISABLED: “perhaps” has to be one of true, false; false is taken',
    'OTEL_TRACES_EXPORTER: “zipkin” has to be one of otlp, none; otlp is taken',
    'OTEL_TRACES_SAMPLER: “some” has to be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio; parentbased_always_on is taken',
    'OTEL_TRACES_SAMPLER_ARG: “2” has to be a number from 0 to 1; 1 is taken',
    'The certificate /nowhere/ca.pem for sending traces can’t be read: there is no such file',
  ])
  const unsent = await startKuard(context, [], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' } })
  assert.match(unsent.output, /ENDPOINT: “collector:4317” has to be a URL .*; nothing is traced\n/)
  assert.equal((await unsent.get('/env/api', sampled)).headers.traceresponse, undefined)
})

test('without an endpoint, or switched off, nothing is loaded and nothing is traced', async (context) => {
  const off = [
    {},
    { OTEL_SERVICE_NAME: 'shop' },
    { ...tracedTo({ url: 'http://127.0.0.1:1' }), OTEL_SDK_DISABLED: 'TRUE' },
    { ...tracedTo({ url: 'http://127.0.0.1:1' }), OTEL_TRACES_EXPORTER: 'None' },
  ]
  for (const env of off) {
    const file = join(temporaryFolder(context), 'modules')
    const preload = join(import.meta.dirname, '../support/modules-preload.cjs')
    const kuard = await startKuard(context, [], {
      nodeArgs: ['--require', preload],
      env: { ...env, MODULES_FILE: file },
    })
    assert.equal((await kuard.get('/env/api', sampled)).headers.traceresponse, undefined)
    kuard.child.kill('SIGUSR2')
    await eventually('the list', () => existsSync(file) && readFileSync(file, 'utf8') !== '')
    assert.doesNotMatch(readFileSync(file, 'utf8'), /open-telemetry/)
    assert.doesNotMatch(kuard.output, /trace=|traces/)
  }
})

test('a collector that is away, or refuses, is told of once, and once when it is back; requests are answered all the while', async (context) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { ...tracedTo({ url }), OTEL_EXPORTER_OTLP_TIMEOUT: '2000' }
  const kuard = await startKuard(context, [], { env })
  const away = /WARN Traces don’t arrive at \S+: connection refused\. This is said once, until they do\./
  await kuard.get('/env/api')
  await kuard.logged(away)
  for (let index = 0; index < 20; index += 1) assert.equal((await kuard.get('/env/api')).status, 200)
  const receiver = await startOtlpReceiver(context, { port })
  await eventually('spans', async () => {
    await kuard.get('/env/api')
    return receiver.spans.length > 0
  })
  await kuard.logged(/Traces arrive at \S+ again\./)
  assert.equal(kuard.output.match(/ WARN /g)?.length, 1)

  receiver.status = 404
  await kuard.get('/env/api')
  await kuard.logged(/Traces don’t arrive at \S+: it answers 404\./)
})

test('at its end a process sends the spans of its last answers', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const env = { ...tracedTo(receiver), OTEL_BSP_SCHEDULE_DELAY: '60000' }
  const kuard = await startKuard(context, [], { env })
  for (let index = 0; index < 700; index += 1) await kuard.get('/env/api')
  assert.equal((await kuard.terminate()).code, 0)
  assert.equal(receiver.spans.length, 700)
})

test('a collector that never answers holds no end up, and what waits for it has a limit', async (context) => {
  const receiver = await startOtlpReceiver(context)
  receiver.status = 0
  const env = { ...tracedTo(receiver), OTEL_BSP_MAX_QUEUE_SIZE: '64', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '32' }
  const kuard = await startKuard(context, [], { env, nodeArgs: ['--max-old-space-size=64'] })
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  context.after(() => {
    agent.destroy()
  })
  const question = {
    headers: { ...sampled, 'user-agent': 'x'.repeat(60_000), tracestate: `a=${'x'.repeat(60_000)}` },
    agent,
  }
  // Some 100 MB, if it were kept.
  for (let round = 0; round < 100; round += 1)
    await Promise.all(
      Array.from({ length: 8 }, () => ask(kuard.port, 'GET', `/env/api?${'x'.repeat(8_000)}`, question)),
    )
  const began = performance.now()
  assert.equal((await kuard.terminate()).code, 0)
  assert.ok(performance.now() - began < 10_000)
  assert.match(kuard.output, /WARN The last traces were not sent to \S+ in time\./)
})

test('Traffic sends each request with a trace of its own, which the server that it reaches goes on with', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const server = await startKuard(context, [], { env: { ...tracedTo(receiver), OTEL_SERVICE_NAME: 'shop' } })
  const target = `${server.url}/memq/server/stats`
  const args = [
    '--traffic-enable',
    '--traffic-num-to-send=20',
    '--traffic-rate=500',
    '--traffic-connections=kept',
  ]
  await startKuard(context, [...args, `--traffic-url=${target}`], { env: tracedTo(receiver) })
  const [clients, servers] = await eventually('both sides of all', () => {
    const sides = [3, 2].map((kind) => receiver.spans.filter((span) => span.kind === kind))
    return sides.every((spans) => spans.length === 20) && sides
  })
  assert.equal(new Set(clients?.map((span) => span.traceId)).size, 20)
  for (const client of clients ?? []) {
    const { 'server.port': port, ...attributes } = client.attributes
    assert.equal(port, server.port)
    assert.deepEqual(attributes, {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'url.full': target,
    })
    const child = servers?.find((span) => span.parentSpanId === client.spanId)
    assert.deepEqual([child?.traceId, child?.resource['service.name']], [client.traceId, 'shop'])
  }
})

test('Traffic’s failures are told by their spans, and orders that name a trace are followed as they are', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const kuard = await startKuard(context, [], { env: tracedTo(receiver) })
  const once = { enable: true, numToSend: 1, rate: 10 }
  await kuard.put('/traffic', { ...once, url: `http://127.0.0.1:${await freePort()}/` })
  const refused = await receiver.span('of a client', (span) => span.kind === 3)
  assert.deepEqual([refused.status, refused.attributes['error.type']], [2, 'refused'])

  await kuard.put('/traffic', {
    ...once,
    url: `${kuard.url}/nowhere`,
    headers: { Traceparent: sampled.traceparent },
  })
  const asked = await receiver.span('of a server', ({ attributes }) => attributes['url.path'] === '/nowhere')
  assert.deepEqual([asked.traceId, asked.parentSpanId], [traceId, caller])

  await kuard.put('/traffic', { ...once, url: `${kuard.url}/missing` })
  const missing = await receiver.span(
    'for what is missing',
    (span) => span.kind === 3 && span.attributes['http.response.status_code'] === 404,
  )
  assert.deepEqual([missing.status, missing.attributes['error.type']], [2, '404'])
})

test('Reach’s tries over HTTP and gRPC are parts of the trace of the request that asked', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const server = await startKuard(context, ['--grpc-address=127.0.0.1:0'])
  const [, grpcPort] = await server.logged(/gRPC\D* on \S*:(\d+)/)
  const kuard = await startKuard(context, [], { env: tracedTo(receiver) })
  const reach = (target: string) =>
    kuard.ask('POST', '/reach/api', { body: JSON.stringify({ target }), headers: sampled })
  await reach(`http://127.0.0.1:${kuard.port}/healthy`)
  const probe = await receiver.named('GET /healthy')
  const client = await receiver.span('of a client', (span) => span.kind === 3)
  const asked = await receiver.named('POST /reach/api')
  assert.deepEqual(
    [probe.parentSpanId, client.parentSpanId, asked.parentSpanId],
    [client.spanId, asked.spanId, caller],
  )
  assert.deepEqual([client.name, client.attributes['http.response.status_code']], ['GET', 200])
  assert.equal(client.attributes['url.full'], `http://127.0.0.1:${kuard.port}/healthy`)

  await reach(`grpc://127.0.0.1:${grpcPort}`)
  const call = await receiver.named('grpc.health.v1.Health/Check')
  assert.deepEqual(call.attributes, {
    'rpc.system.name': 'grpc',
    'rpc.method': 'grpc.health.v1.Health/Check',
    'rpc.response.status_code': 'OK',
    'server.address': '127.0.0.1',
    'server.port': Number(grpcPort),
  })
})
