/** How the failures of traffic are told apart, against servers that fail in each way. */
import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { generateCerts } from '../../server/cli/certs.ts'
import type { TrafficOrder } from '../../server/features/traffic/wire.ts'
import { wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard } from '../support/kuard.ts'
import { startHttpServer, startSocketServer } from '../support/odd-server.ts'
import { startTlsKuard } from '../support/tls.ts'
import { send, startWithHosts } from '../support/traffic.ts'

const lifetime = wholeLifetime()
const kuard = await startKuard(lifetime)

/** Sends three requests that all fail, and tells how. */
async function failuresOf(order: TrafficOrder) {
  const { progress, failures } = await send(kuard, { rate: 100, numToSend: 3, ...order })
  assert.deepEqual([progress.sent, progress.answered, progress.failed], [3, 0, 3])
  return failures.map(({ kind, words, from, count }) => ({ kind, words, from, count }))
}

const connectionsOf = ({ server }: { server: Server }): Promise<number> =>
  promisify(server.getConnections.bind(server))()

test('a port that nobody listens on refuses', async () => {
  assert.deepEqual(await failuresOf({ url: `http://127.0.0.1:${await freePort()}/` }), [
    { kind: 'refused', words: 'connection refused', from: '', count: 3 },
  ])
})

test('a connection that is closed before, within the head or within the body of an answer is reset', async (context) => {
  const beginnings = [
    '',
    'HTTP/1.1 200 OK\r\nX-',
    'HTTP/1.1 200 OK\r\nX-Served-By: web-1\r\nContent-Length: 9\r\n\r\nhalf',
  ]
  for (const beginning of beginnings) {
    for (const way of ['end', 'resetAndDestroy'] as const) {
      const server = await startSocketServer(context, (socket) => {
        socket.once('data', () => {
          if (beginning === '') socket[way]()
          else socket.write(beginning, () => setTimeout(() => socket[way](), 20))
        })
      })
      const failures = await failuresOf({ url: server.url })
      const from = beginning.includes('web-1') ? 'web-1' : ''
      const words = 'the connection was closed before the answer was complete'
      assert.deepEqual(failures, [{ kind: 'reset', words, from, count: 3 }], `${beginning} ${way}`)
    }
  }
})

test('a server that does not answer in time is told with what was waited for', async (context) => {
  const silent = await startSocketServer(context, () => undefined)
  const slow = await startHttpServer(context, (_request, response) => {
    response.writeHead(200).write('the beginning')
  })
  const answers = [
    [silent.url, 'no answer within 1500 ms'],
    [slow.url, 'no end of the answer within 1500 ms'],
  ] as const
  for (const [url, words] of answers)
    assert.deepEqual(await failuresOf({ url, timeoutMs: 1500 }), [
      { kind: 'timed out', words, from: '', count: 3 },
    ])
})

test('a request that finds no place until its time is up says so', async (context) => {
  const silent = await startSocketServer(context, () => undefined)
  const order = { url: silent.url, rate: 2000, numToSend: 100, concurrency: 2, timeoutMs: 300 }
  const { failures, progress } = await send(kuard, order)
  assert.deepEqual([progress.sent, progress.failed], [100, 100])
  const words = 'was due and could not be sent within 300 ms: all 2 were waiting for answers'
  assert.ok(failures.some((failure) => failure.words === words))
  assert.ok(failures.every(({ kind }) => kind === 'timed out'))
})

test('a name that nobody knows is unknown, and one that stands for a metadata service is not asked', async (context) => {
  const [unknown] = await failuresOf({ url: 'http://no-such-host.invalid/' })
  assert.equal(unknown?.kind, 'name unknown')
  const { kuard: other } = await startWithHosts(context, '169.254.169.254 harmless\n')
  const { failures } = await send(other, { url: 'http://harmless/', numToSend: 1 })
  assert.match(failures[0]?.words ?? '', /metadata service, which is never asked/)
})

test('a certificate of an authority that nobody knows, and a server without TLS, are failures of TLS', async (context) => {
  const { url } = await startTlsKuard(context)
  for (const connections of ['new', 'kept'] as const) {
    const [failure] = await failuresOf({ url, connections })
    assert.equal(failure?.kind, 'TLS')
    assert.match(failure.words, /certificate/)
    const [plain] = await failuresOf({ url: kuard.url.replace('http:', 'https:'), connections })
    assert.deepEqual([plain?.kind, plain?.words], ['TLS', 'it does not speak TLS'])
  }
  assert.doesNotMatch(kuard.errors, /Warning/)
})

test('a certificate that is trusted is no failure', async (context) => {
  const folder = temporaryFolder(context)
  await generateCerts(folder)
  const args = ['--tls-address=127.0.0.1:0', `--tls-dir=${folder}`]
  const trusting = await startKuard(context, args, {
    env: { NODE_EXTRA_CA_CERTS: join(folder, 'kuard.crt') },
  })
  const [, port = ''] = await trusting.logged(/Serving HTTPS on 127\.0\.0\.1:(\d+)/)
  for (const connections of ['new', 'kept'] as const) {
    const order = { url: `https://localhost:${port}/healthy`, connections, numToSend: 5, rate: 100 }
    const { progress, failures } = await send(trusting, order)
    assert.deepEqual([progress.answered, failures], [5, []])
  }
})

test('answers of 400 and above are failures, with who gave them; a redirect is an answer, and is not followed', async (context) => {
  const asked: string[] = []
  const server = await startHttpServer(context, ({ url = '' }, response) => {
    asked.push(url)
    response.writeHead(Number(url.slice(1)), { location: '/200', 'x-served-by': 'web-1' }).end()
  })
  assert.deepEqual(await failuresOf({ url: `${server.url}404` }), [
    { kind: '4xx', words: '404 Not Found', from: 'web-1', count: 3 },
  ])
  assert.deepEqual(await failuresOf({ url: `${server.url}503` }), [
    { kind: '5xx', words: '503 Service Unavailable', from: 'web-1', count: 3 },
  ])
  assert.deepEqual(await failuresOf({ url: `${server.url}999` }), [
    { kind: '5xx', words: '999', from: 'web-1', count: 3 },
  ])
  const { progress } = await send(kuard, { url: `${server.url}302`, numToSend: 3, rate: 100 })
  assert.deepEqual([progress.answered, progress.failed], [3, 0])
  assert.ok(!asked.includes('/200'))
})

test('a server that speaks no HTTP is another failure', async (context) => {
  const server = await startSocketServer(context, (socket) => socket.end('220 mail ESMTP\r\n'))
  assert.deepEqual(await failuresOf({ url: server.url }), [
    { kind: 'other', words: 'it does not speak HTTP', from: '', count: 3 },
  ])
})

test('a kept connection that the server closes as it is used again is no failure, and the request is sent once more', async (context) => {
  let connections = 0
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
  const server = await startSocketServer(context, (socket) => {
    connections += 1
    socket.once('data', () => {
      socket.write(answer)
      socket.once('data', () => socket.resetAndDestroy())
    })
  })
  const order = { url: server.url, connections: 'kept', concurrency: 1, rate: 20, numToSend: 6 } as const
  const { progress } = await send(kuard, order)
  assert.deepEqual([progress.answered, progress.failed], [6, 0])
  assert.ok(connections > 3)
  // What may have been done is not done again.
  const posted = await send(kuard, { ...order, method: 'POST', body: 'once' })
  assert.deepEqual([posted.progress.answered, posted.progress.failed], [3, 3])
  assert.equal(posted.failures[0]?.kind, 'reset')
})

test('a body without an end is read to a bound, and counts as its status says', async (context) => {
  const server = await startHttpServer(context, (request, response) => {
    const more = () => {
      while (response.write(Buffer.alloc(1 << 16)));
    }
    request.socket.on('error', () => undefined)
    response.on('drain', more)
    more()
  })
  const { progress } = await send(kuard, { url: server.url, numToSend: 2 })
  assert.deepEqual([progress.answered, progress.failed], [2, 0])
  await eventually('the connections to be closed', async () => (await connectionsOf(server)) === 0)
})
