/** `--check`, against servers that answer, and such that do not. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { generateCerts } from '../../server/cli/certs.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runKuard, startKuard } from '../support/kuard.ts'

async function portOf(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Checks a server that answers as told. */
async function checkAnswer(context: TestContext, answer: RequestListener) {
  const port = await portOf(context, createServer(answer))
  return runKuard(context, [`--check=http://127.0.0.1:${port}/x`])
}

test("a probe's words are printed, and its verdict is the exit code", async (context) => {
  const kuard = await startKuard(context, ['--readiness-fail-next=1'])
  const failing = await runKuard(context, [`--check=${kuard.url}/ready`])
  assert.deepEqual([failing.code, failing.output], [1, 'fail, 0 left\n'])
  const healthy = await runKuard(context, ['--check', `${kuard.url}/ready`])
  assert.deepEqual([healthy.code, healthy.output], [0, 'ok\n'])
})

test('a self-signed certificate is not verified, as the kubelet does not', async (context) => {
  const folder = join(temporaryFolder(context), 'tls')
  await generateCerts(folder)
  const kuard = await startKuard(context, ['--tls-address=127.0.0.1:0', `--tls-dir=${folder}`])
  const port = (await kuard.logged(/Serving HTTPS on 127\.0\.0\.1:(\d+)/))[1]
  const { code, output } = await runKuard(context, [`--check=https://127.0.0.1:${port}/healthy`])
  assert.deepEqual([code, output], [0, 'ok\n'])
})

for (const [status, code] of [
  [200, 0],
  [204, 0],
  [302, 0],
  [399, 0],
  [400, 1],
  [404, 1],
  [503, 1],
] as const) {
  test(`status ${status} exits ${code} and is named where there are no words`, async (context) => {
    const result = await checkAnswer(context, (_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
    assert.deepEqual([result.code, result.output], [code, `answered ${status}\n`])
  })
}

test('of a long answer the first 10 KiB are printed, even if it never ends', async (context) => {
  const { code, output } = await checkAnswer(context, (_request, response) => {
    response.write('x'.repeat(50_000))
  })
  assert.equal(code, 0)
  assert.equal(output, `${'x'.repeat(10_240)}\n`)
})

test('an answer that breaks off is a failure', async (context) => {
  const { code, output } = await checkAnswer(context, (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy())
  })
  assert.equal(code, 1)
  assert.match(output, /the connection was closed before the answer was complete/)
})

test('a server that is not there, or speaks something else, is named with the reason', async (context) => {
  const gone = createTcpServer()
  const gonePort = await portOf(context, gone)
  gone.close()
  await once(gone, 'close')
  const other = await portOf(
    context,
    createTcpServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('SSH-2.0-OpenSSH\r\n')
    }),
  )
  const refusals: [string, RegExp][] = [
    [`http://127.0.0.1:${gonePort}/`, /connection refused/],
    [`http://localhost:${gonePort}/`, /connection refused/],
    [`http://127.0.0.1:${other}/`, /it does not speak HTTP/],
    [`https://127.0.0.1:${other}/`, /it does not speak TLS/],
    ['http://no-such-host.invalid/', /the host name/],
    ['localhost:8080/healthy', /localhost:8080\/healthy is not a URL such as http/],
    ['/healthy', /is not a URL/],
    ['ftp://localhost/', /is not a URL/],
    ['http://', /is not a URL/],
  ]
  for (const [url, reason] of refusals) {
    const { code, output } = await runKuard(context, [`--check=${url}`])
    assert.equal(code, 1, url)
    assert.match(output, reason)
    assert.equal(output.trim().split('\n').length, 1, output)
  }
})

test('a server that never answers is given up after ten seconds', async (context) => {
  const silent = createTcpServer()
  const port = await portOf(context, silent)
  const { code, output } = await runKuard(context, [`--check=http://127.0.0.1:${port}/`])
  assert.equal(code, 1)
  assert.match(output, /no answer within 10 seconds/)
})
