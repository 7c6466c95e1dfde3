/** Traces as a real OpenTelemetry collector takes them. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { goProgram } from '../../scripts/go-programs.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, isFree } from '../support/free-port.ts'
import { startKuard } from '../support/kuard.ts'
import { tracedTo } from '../support/otlp.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'

test('a collector takes what is sent to it as protobuf, as JSON, by gRPC and compressed', async (context) => {
  const [httpPort, grpcPort] = [await freePort(), await freePort()]
  const config = {
    receivers: {
      otlp: {
        protocols: {
          http: { endpoint: `127.0.0.1:${httpPort}` },
          grpc: { endpoint: `127.0.0.1:${grpcPort}` },
        },
      },
    },
    exporters: { debug: { verbosity: 'detailed', use_internal_logger: false } },
    service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } } },
  }
  // JSON is YAML.
  const collector = spawn(goProgram('collector'), [`--config=yaml:${JSON.stringify(config)}`])
  atEnd(context, () => collector.kill('SIGKILL'))
  let output = ''
  for (const stream of [collector.stdout, collector.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await eventually(
    'the collector to listen',
    async () => !(await isFree(httpPort)) && !(await isFree(grpcPort)),
  )
  const ways = [
    ['http/protobuf', 'none'],
    ['http/json', 'none'],
    ['http/protobuf', 'gzip'],
    ['grpc', 'none'],
    ['grpc', 'gzip'],
  ] as const
  for (const [protocol, compression] of ways) {
    const name = `${protocol} ${compression}`
    const kuard = await startKuard(context, [], {
      env: {
        ...tracedTo({ url: `http://127.0.0.1:${protocol === 'grpc' ? grpcPort : httpPort}` }),
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
        OTEL_SERVICE_NAME: name,
      },
    })
    await kuard.get('/env/api', { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'vendor=1' })
    await eventually(`the span by ${name}`, () => output.includes(`service.name: Str(${name})`))
    await kuard.terminate()
    assert.doesNotMatch(kuard.output, / WARN /)
  }
  for (const line of [
    /Trace ID +: 0af7651916cd43dd8448eb211c80319c/,
    /Parent ID +: b7ad6b7169203331/,
    /TraceState +: vendor=1/,
    /Name +: GET \/env\/api/,
    /Kind +: Server/,
    /http\.response\.status_code: Int\(200\)/,
    /http\.route: Str\(\/env\/api\)/,
  ])
    assert.equal(output.match(new RegExp(line, 'g'))?.length, ways.length, String(line))
})
