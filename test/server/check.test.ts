/** `--check`, against servers that answer, and such that do not. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/folder.ts'
import { runKuard, startKuard } from '../support/kuard.ts'
import { startTlsKuard } from '../support/tls.ts'

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
  const { url } = await startTlsKuard(context)
  const { code, output } = await runKuard(context, [`--check=${url}/healthy`])
  assert.deepEqual([code, output], [0, 'ok\n'])
})

for (const [status, code] of [
  [200, 0],
  [204, 0],
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

/** Serves at one address of this machine what redirects as told, and at another what counts who comes there. */
async function redirecting(context: TestContext, status: number, location: (otherPort: number) => string) {
  let arrived = 0
  const other = await portOf(
    context,
    createServer((_request, response) => {
      arrived += 1
      response.writeHead(503).end('elsewhere')
    }),
  )
  const result = await checkAnswer(context, (_request, response) => {
    response.writeHead(status, { location: location(other) }).end()
  })
  return { ...result, arrived }
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`${status} is followed on the same host, at whichever port`, async (context) => {
    const result = await redirecting(context, status, (port) => `http://127.0.0.1:${port}/y`)
    assert.deepEqual([result.arrived, result.code, result.output], [1, 1, 'elsewhere\n'])
  })
}

test('a redirect to another host is not followed, and healthy', async (context) => {
  const result = await redirecting(context, 302, (port) => `http://name:secret@localhost:${port}/y`)
  assert.deepEqual([result.arrived, result.code], [0, 0])
  assert.match(
    result.output,
    /^answered 302, a redirect to another host, http:\/\/name:\*\*\*@localhost:\d+\/y, which is not asked\n$/,
  )
})

test('ten requests are made along redirects, and no more', async (context) => {
  for (const [last, code, output] of [
    [10, 0, /^here$/m],
    [11, 1, /redirects more than 9 times/],
  ] as const) {
    let asked = 0
    const result = await checkAnswer(context, (_request, response) => {
      asked += 1
      if (asked === last) response.end('here')
      else response.writeHead(302, { location: `../${asked}` }).end()
    })
    assert.deepEqual([asked, result.code], [10, code])
    assert.match(result.output, output)
  }
})

test('a redirect to what is no URL, or no web page, is a failure', async (context) => {
  for (const location of ['http://[', 'ftp://127.0.0.1/', 'http://name:secret@127.0.0.1/']) {
    const { code, output } = await redirecting(context, 302, () => location)
    assert.equal(code, 1, location)
    assert.doesNotMatch(output, /secret/)
  }
})

test('304 and a redirect that leads nowhere are answers like any other', async (context) => {
  for (const [status, location] of [
    [304, '/y'],
    [302, ''],
  ] as const) {
    const { code, output } = await redirecting(context, status, () => location)
    assert.deepEqual([code, output], [0, `answered ${status}\n`])
  }
})

test("a name that stands for a cloud's metadata service is not asked", async (context) => {
  const hosts = join(temporaryFolder(context), 'hosts')
  writeFileSync(hosts, '169.254.169.254 harmless\n')
  const script = `mount --bind ${hosts} /etc/hosts && exec "$@"`
  const under = ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh']
  const { code, output } = await runKuard(context, ['--check=http://harmless/latest'], { under })
  assert.equal(code, 1)
  assert.match(output, /^can't ask http:\/\/harmless\/latest: .*metadata service, which is never asked\n$/)
})

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
    ['http://name:secret@localhost/', /http:\/\/name:\*\*\*@localhost\/: .* must not hold a user name/],
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
  assert.match(output, /no answer within 10s/)
})
