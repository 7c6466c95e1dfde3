/** HTTP/2 beside HTTP/1, for those who choose it over TLS, and for those who know of it without (h2c); over the built server, but for what takes minutes there. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Http2Sessions } from '../../server/listeners/http2.ts'
import { atEnd, wholeLifetime } from '../support/at-end.ts'
import { command } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { ways } from '../support/http2.ts'
import { startTlsKuard, type TlsKuard } from '../support/tls.ts'

const lifetime = wholeLifetime()
let shared: Promise<TlsKuard> | undefined
const sharedKuard = () =>
  (shared ??= startTlsKuard(lifetime, ['--body-limit=100000', '--header-limit=16384']))

async function openSession(context: TestContext, url: string): Promise<ClientHttp2Session> {
  const session = connect(url, { rejectUnauthorized: false })
  session.on('error', () => undefined)
  atEnd(context, () => {
    session.destroy()
  })
  await once(session, 'connect')
  return session
}

async function answerOf(stream: ClientHttp2Stream) {
  const [headers] = (await once(stream, 'response')) as [Record<string, string | number | undefined>]
  return { headers, status: Number(headers[':status']), text: await text(stream) }
}

/** Sends a request, whole. */
function ask(
  session: ClientHttp2Session,
  method: string,
  path: string,
  { body, headers = {} }: { body?: string; headers?: OutgoingHttpHeaders } = {},
) {
  const hasBody = body !== undefined
  const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: !hasBody })
  stream.on('error', () => undefined)
  if (hasBody) stream.end(body)
  return answerOf(stream)
}

for (const { over, urlOf, connectTo, connected, curlArgs } of ways) {
  test(`the same answers are given over HTTP/2 by ${over}, one connection for all of them`, async (context) => {
    const tlsKuard = await sharedKuard()
    const { kuard } = tlsKuard
    const url = urlOf(tlsKuard)
    const session = await openSession(context, url)
    assert.equal(session.alpnProtocol, over === 'TLS' ? 'h2' : 'h2c')
    const queue = `/memq/server/queues/by-${over}`
    const statuses: [method: string, path: string, status: number, body?: string][] = [
      ['GET', '/a/healthy', 200],
      ['HEAD', '/healthy', 200],
      ['GET', '/', 200],
      ['GET', '/nothing', 404],
      ['POST', '/healthy', 405],
      ['GET', '//healthy', 301],
      ['PUT', queue, 200],
      ['PUT', `${queue}-empty`, 200, ''],
      ['POST', `${queue}/enqueue`, 200, 'work'],
      ['POST', `${queue}/enqueue`, 413, 'x'.repeat(100_001)],
      ['PUT', '/healthy/api', 400, 'nonsense'],
    ]
    for (const [method, path, status, body] of statuses) {
      const answer = await ask(session, method, path, body === undefined ? {} : { body })
      assert.equal(answer.status, status, `${method} ${path} ${answer.text}`)
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    }
    const { text: work } = await ask(session, 'POST', `${queue}/dequeue`)
    assert.equal((JSON.parse(work) as { body: string }).body, 'work')
    await kuard.logged(/127\.0\.0\.1:\d+ GET \/a\/healthy 200/)
    assert.equal(kuard.errors, '')
  })

  test(`the host is that of :authority, for the guard and in Request Details, by ${over}`, async (context) => {
    const url = urlOf(await sharedKuard())
    const session = await openSession(context, url)
    const asked = (headers: OutgoingHttpHeaders) => ask(session, 'GET', '/request/api', { headers })
    assert.equal((await asked({ ':authority': 'evil.example' })).status, 403)
    assert.equal((await asked({ ':authority': 'evil.example', host: 'localhost' })).status, 403)
    const { status, text: json } = await asked({ ':authority': 'localhost:1', accept: '*/*' })
    assert.equal(status, 200)
    const { protocol, encrypted, dump } = JSON.parse(json) as Record<string, unknown>
    assert.deepEqual([protocol, encrypted], ['HTTP/2.0', over === 'TLS'])
    assert.equal(dump, 'GET /request/api HTTP/2.0\r\nhost: localhost:1\r\naccept: */*\r\n\r\n')
  })

  test(`a page of another site changes nothing over HTTP/2 either, by ${over}`, async (context) => {
    const url = urlOf(await sharedKuard())
    const session = await openSession(context, url)
    const put = (headers: OutgoingHttpHeaders) =>
      ask(session, 'PUT', '/healthy/api', { body: '{"failNext":0}', headers })
    assert.equal((await put({ 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await put({ origin: 'https://evil.example' })).status, 403)
    assert.equal((await put({ origin: url })).status, 200)
  })

  test(`curl speaks HTTP/2 by ${over}, and reads why its upload is refused`, async () => {
    const tlsKuard = await sharedKuard()
    const url = urlOf(tlsKuard)
    const curl = (args: readonly string[], input = '') =>
      command(
        'curl',
        ['-sk', ...curlArgs, '-w', ' %{http_version} %{http_code}', '--max-time', '30', ...args],
        { input },
      )
    assert.equal((await curl([`${url}/healthy`])).output, 'ok 2 200')
    const refused = await curl(
      ['-T-', '-XPOST', `${url}/memq/server/queues/by-${over}/enqueue`],
      'x'.repeat(5_000_000),
    )
    assert.equal(refused.output, 'the body is larger than this server takes (--body-limit)\n 2 413')
    assert.equal(tlsKuard.kuard.errors, '')
  })

  test(`CONNECT is refused, and its stream is over though its client would go on, by ${over}`, async (context) => {
    const url = urlOf(await sharedKuard())
    const session = await openSession(context, url)
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'other.test:80' })
    const closed = once(stream, 'close')
    assert.equal((await answerOf(stream)).status, 501)
    await closed
  })

  test(`hundreds of requests at once are answered on one connection, by ${over}`, async (context) => {
    const url = urlOf(await sharedKuard())
    const session = await openSession(context, url)
    const answers = await Promise.all(Array.from({ length: 240 }, () => ask(session, 'GET', '/mem/api')))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  })

  test(`an event stream tells of changes, and other requests are answered beside it, by ${over}`, async (context) => {
    const url = urlOf(await sharedKuard())
    const session = await openSession(context, url)
    const events = session.request({ ':path': '/events?topics=readiness' })
    let told = ''
    events.setEncoding('utf8').on('data', (chunk: string) => (told += chunk))
    await eventually('the topic', () => told.includes('event: readiness'))
    await ask(session, 'PUT', '/ready/api', { body: '{"failNext":7}' })
    await eventually('the change', () => told.includes('"failNext":7'))
    await ask(session, 'PUT', '/ready/api', { body: '{"failNext":0}' })
    events.close()
  })

  test(`half a body is never taken for a whole one, by ${over}`, async (context) => {
    const tlsKuard = await sharedKuard()
    const { kuard } = tlsKuard
    const url = urlOf(tlsKuard)
    const session = await openSession(context, url)
    const path = '/memq/server/queues/halves'
    await ask(session, 'PUT', path)
    const { port } = new URL(url)
    const socket = connectTo(Number(port))
    await once(socket, connected)
    const cut = connect(url, { createConnection: () => socket })
    cut.on('error', () => undefined)
    const stream = cut.request({ ':method': 'POST', ':path': `${path}/enqueue` })
    stream.on('error', () => undefined)
    await new Promise((resolve) => stream.write('half', resolve))
    await ask(cut, 'GET', '/healthy')
    socket.destroy()
    await kuard.logged(/POST \/memq\/server\/queues\/halves\/enqueue/)
    assert.equal((await kuard.post(`${path}/dequeue`)).status, 204)
  })

  test(`headers over --header-limit end their request and no other, by ${over}`, async (context) => {
    const url = urlOf(await sharedKuard())
    const session = await openSession(context, url)
    // The limit holds from when the client has acknowledged it.
    await ask(session, 'GET', '/healthy')
    const long = session.request({ ':path': '/healthy', 'x-long': 'x'.repeat(17_000) })
    const [error] = (await once(long, 'error')) as [Error]
    assert.match(error.message, /ENHANCE_YOUR_CALM/)
    assert.equal((await ask(session, 'GET', '/healthy')).status, 200)
  })

  test(`on SIGTERM no request of a client that follows GOAWAY fails, and sessions hold nothing up, by ${over}`, async (context) => {
    const started = await startTlsKuard(context, ['--shutdown-delay=1', '--shutdown-timeout=20'])
    const { kuard } = started
    const url = urlOf(started)
    await openSession(context, url)
    const streaming = await openSession(context, url)
    const events = streaming.request({ ':path': '/events?topics=liveness' })
    const told = text(events)
    let [session, left] = [await openSession(context, url), 0]
    let isListening = true
    const isOver = () => !isListening
    const work = async () => {
      let answered = 0
      while (isListening) {
        if (session.closed || session.destroyed) {
          left += 1
          const next = connect(url, { rejectUnauthorized: false })
          next.on('error', () => (isListening = false))
          session = next
        }
        const stream = session.request({ ':path': '/healthy' })
        const refused = new Promise((resolve) => stream.once('error', resolve))
        const answer = await Promise.race([answerOf(stream).catch(() => undefined), refused])
        // What was sent to a port that is closed, or named by no GOAWAY, is safe to send elsewhere.
        if (isOver() || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) continue
        assert.equal((answer as { status?: number } | undefined)?.status, 200, String(answer))
        answered += 1
      }
      return answered
    }
    const working = Promise.all(Array.from({ length: 8 }, work))
    await ask(session, 'GET', '/healthy')
    const ending = kuard.terminate()
    assert.deepEqual(await ending, { code: 0, signal: null })
    isListening = false
    session.destroy()
    assert.ok((await working).every((answered) => answered > 0))
    assert.ok(left > 0, 'no client was sent elsewhere')
    assert.match(await told, /event: liveness/)
    assert.doesNotMatch(kuard.output, /Not everything/)
    assert.equal(kuard.errors, '')
  })
}

test('HTTP/1.1 stays what is spoken to those who choose nothing, or ask to upgrade a request', async () => {
  const { kuard, url } = await sharedKuard()
  const curl = async (...args: readonly string[]) =>
    (await command('curl', ['-sk', '-w', ' %{http_version} %{http_code}', '--max-time', '30', ...args]))
      .output
  assert.equal(await curl(`${kuard.url}/healthy`), 'ok 1.1 200')
  assert.equal(await curl('--http2', `${kuard.url}/healthy`), 'ok 1.1 200')
  assert.equal(await curl('--http1.1', `${url}/healthy`), 'ok 1.1 200')
  assert.equal(await curl('--no-alpn', `${url}/healthy`), 'ok 1.1 200')
})

/** Sessions with little patience, whose answers never end unless the request does with an error. */
async function impatient(context: TestContext): Promise<ClientHttp2Session> {
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    request.once('error', (error) => {
      response.writeHead((error as Error & { statusCode?: number }).statusCode ?? 500).end(error.message)
    })
    if (request.url === '/endless') response.write(Buffer.alloc(1 << 20))
    request.resume()
  }
  const times = { keepAliveTimeout: 500, requestTimeout: 1_000 }
  const sessions = new Http2Sessions(handler, { headerLimit: 16_384, idleTimeout: 60 }, times, 2_000)
  const server = createServer((socket) => {
    sessions.take(socket)
  }).listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  return openSession(context, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('a body that stalls is answered 408, and its stream is over', async (context) => {
  const session = await impatient(context)
  const stream = session.request({ ':method': 'POST' })
  stream.write('half')
  const { status, text: words } = await answerOf(stream)
  assert.deepEqual([status, words], [408, 'the request took too long to arrive'])
  await eventually('the stream to be over', () => stream.destroyed)
  assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR)
})

test('an answer that its client does not take is given up, and then the session, idle', async (context) => {
  const session = await impatient(context)
  const stream = session.request({ ':path': '/endless' })
  stream.on('error', () => undefined)
  await eventually('the stream to be over', () => stream.destroyed)
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL)
  await eventually('the session to be over', () => session.destroyed)
})
