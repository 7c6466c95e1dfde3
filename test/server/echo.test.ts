/** What answers as it is told, over HTTP. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import fc from 'fast-check'
import { secondsIn } from '../../server/http/pauses.ts'
import { drawStatus } from '../../server/features/echo/statuses.ts'
import { DelayAnswer, HeadersAnswer, StatusAnswer } from '../../server/features/echo/wire.ts'
import { atEnd, wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { hasty } from '../support/hasty.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'
import { RawConnection } from '../support/socket.ts'
import { startTlsKuard } from '../support/tls.ts'

const lifetime = wholeLifetime()
let shared: Promise<Kuard> | undefined
const sharedKuard = () => (shared ??= startKuard(lifetime))

const anyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

test('/status answers by the status that is asked for, by any method, under every prefix', async () => {
  const kuard = await sharedKuard()
  for (const [index, method] of anyMethod.entries()) {
    const status = [200, 201, 404, 503, 599][index] ?? 0
    for (const prefix of prefixes) {
      const answer = await kuard.ask(method, `${prefix}/status/${status}`)
      assert.equal(answer.status, status)
      assert.deepEqual(answer.json(StatusAnswer), { status })
    }
  }
  assert.equal((await kuard.ask('HEAD', '/status/418')).status, 418)
})

test('/status has no body where HTTP has none, and says what a status has to say', async () => {
  const kuard = await sharedKuard()
  for (const status of [204, 205, 304]) {
    const answer = await kuard.get(`/status/${status}`)
    assert.deepEqual([answer.status, answer.text], [status, ''])
  }
  for (const status of [301, 302, 303, 307, 308]) {
    const { headers } = await kuard.get(`/a/status/${status}`)
    const target = new URL(headers.location ?? '', `${kuard.url}/a/status/${status}`)
    assert.equal(target.pathname, '/a/status/200')
  }
  assert.match((await kuard.get('/status/401')).headers['www-authenticate'] ?? '', /^Basic realm=/)
  assert.match((await kuard.get('/status/407')).headers['proxy-authenticate'] ?? '', /^Basic realm=/)
})

test('/status draws one of several statuses, by their weights', async () => {
  const kuard = await sharedKuard()
  const drawn = new Set<number>()
  await eventually('both to be drawn', async () => {
    drawn.add((await kuard.get('/status/200,503:2,404:0')).status)
    return drawn.size === 2
  })
  assert.deepEqual([...drawn].sort(), [200, 503])
  const counts = { 200: 0, 503: 0 }
  for (let draw = 0; draw < 10_000; draw += 1) counts[drawStatus('200:0.9,503:0.1') as 200 | 503] += 1
  assert.ok(counts[503] > 800 && counts[503] < 1200, `${counts[503]} of 10,000`)
})

test('/status refuses what is no status in a line, and answers by none that was not asked for', async () => {
  const kuard = await sharedKuard()
  for (const codes of [
    '99',
    '100',
    '199',
    '600',
    '999',
    '-1',
    '2e2',
    '200.5',
    'abc',
    '200,',
    '200:x',
    '200:-1',
  ])
    assert.match(
      (await kuard.get(`/status/${codes}`)).text,
      /^there is no status "[^"]+", but 200 to 599, or 200:0\.9,503:0\.1\n$/,
    )
  assert.equal((await kuard.get('/status/200:0')).status, 400, 'nothing has a weight')
  const weight = fc.option(fc.float({ min: 0, max: 9, noNaN: true }).map((number) => number.toFixed(3)))
  const choice = fc.tuple(fc.oneof(fc.integer({ min: -10, max: 1200 }), fc.string()), weight)
  fc.assert(
    fc.property(fc.array(choice, { minLength: 1 }), (choices) => {
      const codes = choices.map(([code, of]) => (of === null ? `${code}` : `${code}:${of}`)).join()
      const status = drawStatus(codes)
      assert.ok(status === undefined || (codes.includes(String(status)) && status >= 200 && status <= 599))
    }),
  )
})

test('/delay answers after the time that is asked for, by any method', async () => {
  const kuard = await sharedKuard()
  for (const method of anyMethod) {
    const asked = performance.now()
    const answer = await kuard.ask(method, '/b/delay/0.1')
    assert.deepEqual([answer.status, answer.json(DelayAnswer)], [200, { delay: 0.1 }])
    assert.ok(performance.now() - asked >= 99)
  }
})

test('a time is seconds, or has a unit; what is none, or too long, is refused in a line', async () => {
  const times: [text: string, seconds: number | undefined][] = [
    ['0', 0],
    ['2', 2],
    ['0.25', 0.25],
    ['250ms', 0.25],
    ['3s', 3],
    ['1.5m', 90],
    ['600', 600],
    ['10m', 600],
  ]
  for (const [time, seconds] of times) assert.equal(secondsIn(time), seconds, time)
  const kuard = await sharedKuard()
  for (const time of [
    '-1',
    '601',
    '11m',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '.5',
    '5.',
    '1h',
    '9'.repeat(400),
  ]) {
    for (const path of ['delay', 'chunked']) {
      const answer = await kuard.get(`/${path}/${time}`)
      assert.equal(answer.status, 400)
      assert.match(answer.text, /^"[^"]+" is no time up to 600 s, such as 2, 0\.5, 200ms, 2s or 1m\n$/)
    }
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), (time) => {
      const seconds = secondsIn(time)
      assert.ok(seconds === undefined || (seconds >= 0 && seconds <= 600))
    }),
  )
})

test('a client that leaves ends its delay', async (context) => {
  const kuard = await startKuard(context)
  const connection = new RawConnection(context, kuard.port)
  connection.socket.write('GET /delay/600 HTTP/1.1\r\nHost: localhost\r\n\r\n', () => {
    connection.socket.destroy()
  })
  await kuard.logged(/GET \/delay\/600 499/)
})

test('a delay that the shutdown leaves time for is waited for, and a longer one is ended', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-timeout=20'])
  const [short, long, begun] = [kuard.get('/delay/2'), kuard.get('/delay/500'), kuard.get('/chunked/500')]
  const cut = assert.rejects(begun)
  await kuard.get('/healthy')
  const asked = performance.now()
  assert.equal((await kuard.terminate()).code, 0)
  assert.ok(performance.now() - asked < 15_000)
  const answers = await Promise.all([short, long])
  assert.deepEqual(
    answers.map(({ status, text }) => [status, text]),
    [
      [200, '{"delay":2}\n'],
      [503, 'this server is shutting down\n'],
    ],
  )
  await cut
})

test('/headers tells the headers that were sent, each by its usual name', async () => {
  const kuard = await sharedKuard()
  for (const method of ['GET', 'POST']) {
    const sent = { host: 'localhost', 'x-one': 'a', 'CONTENT-TYPE': 'a/b', ['__proto__']: 'c' }
    const { headers } = (await kuard.ask(method, '/c/headers', { headers: sent })).json(HeadersAnswer)
    assert.equal(headers.Host, 'localhost')
    assert.equal(headers['X-One'], 'a')
    assert.equal(headers['Content-Type'], 'a/b')
    assert.deepEqual(Object.keys(headers), Object.keys(headers).sort())
  }
})

test('/headers joins what was sent twice', async (context) => {
  const connection = new RawConnection(context, (await sharedKuard()).port)
  connection.send('GET /headers HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nx-a: 2\r\n\r\n')
  await connection.receives(/"X-A":"1,2"/)
})

test('/echo gives the very bytes back, with the type that they were sent with, by any method', async () => {
  const kuard = await sharedKuard()
  const body = Buffer.from(Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff))
  for (const method of anyMethod.slice(1)) {
    const answer = await kuard.ask(method, '/a/echo', { body, headers: { 'content-type': 'image/x-odd' } })
    assert.deepEqual([answer.status, answer.headers['content-type']], [202, 'image/x-odd'])
    assert.deepEqual(answer.bytes, body)
  }
  const answer = await kuard.get('/echo')
  assert.deepEqual([answer.status, answer.text], [202, ''])
})

test('/echo takes no more than --body-limit, and runs nothing in a browser', async (context) => {
  const kuard = await startKuard(context, ['--body-limit=1000'])
  const headers = { 'content-type': 'text/html' }
  const shown = await kuard.ask('POST', '/echo', { body: '<script>alert(1)</script>', headers })
  assert.equal(shown.headers['content-security-policy'], 'sandbox')
  assert.equal(shown.headers['x-content-type-options'], 'nosniff')
  assert.equal((await kuard.post('/echo', 'x'.repeat(1001))).status, 413)
  const foreign = await kuard.ask('POST', '/echo', { body: 'x', headers: { origin: 'http://evil.test' } })
  assert.equal(foreign.status, 403)
})

test('/chunked sends its head at once, and its body after the time', async (context) => {
  const connection = new RawConnection(context, (await sharedKuard()).port)
  connection.send('GET /a/chunked/600 HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [head] = await connection.receives(/^HTTP\/1.1 200 [^]*?\r\n\r\n/)
  assert.match(head, /^transfer-encoding: chunked/im)
  assert.match(head, /^x-served-by: /im)
  const answer = await (await sharedKuard()).get('/chunked/0.1')
  assert.deepEqual(answer.json(DelayAnswer), { delay: 0.1 })
})

test('/chunked without a time takes one by chance, from 10 to 29 seconds', async (context) => {
  const kuard = await startKuard(context, [], hasty(5_000, 1_000))
  const { delay } = (await kuard.get('/chunked')).json(DelayAnswer)
  assert.ok(Number.isInteger(delay) && delay >= 10 && delay < 30)
})

test('a server that is read-only answers them all the same, and nothing but --disable=echo leaves them out', async (context) => {
  const readOnly = await startKuard(context, ['--read-only'])
  for (const path of ['/status/201', '/delay/0', '/echo', '/headers'])
    assert.ok((await readOnly.post(path)).status < 300, path)
  const without = await startKuard(context, ['--disable=echo'])
  for (const path of ['/status/200', '/delay/0', '/echo', '/headers', '/chunked/0', '/ws/echo'])
    assert.equal((await without.get(path)).status, 404, path)
})

test('requests of each method count under their own', async (context) => {
  const kuard = await startKuard(context)
  for (const method of ['GET', 'PUT', 'PUT']) await kuard.ask(method, '/status/202')
  const { text } = await kuard.get('/metrics')
  const counted = (method: string) =>
    new RegExp(
      `^request_duration_seconds_count\\{method="${method}",route="/status/:codes",status_code="202"\\} (\\d+)`,
      'm',
    ).exec(text)?.[1]
  assert.deepEqual([counted('GET'), counted('PUT'), counted('POST')], ['1', '2', undefined])
})

test('over HTTP/2 they answer alike, but for the WebSocket, which is refused', async (context) => {
  const { url } = await startTlsKuard(context)
  const session = connect(url, { rejectUnauthorized: false })
  atEnd(context, () => {
    session.destroy()
  })
  const ask = async (path: string, body?: string) => {
    const method = body === undefined ? 'GET' : 'POST'
    const stream = session.request({ ':path': path, ':method': method, 'content-type': 'a/b' })
    stream.end(body)
    const [{ ':status': status, 'content-type': type }] = (await once(stream, 'response')) as [
      Record<string, unknown>,
    ]
    return { status, type, text: await text(stream) }
  }
  assert.deepEqual(await ask('/echo', 'body'), { status: 202, type: 'a/b', text: 'body' })
  assert.deepEqual(await ask('/chunked/0.1'), {
    status: 200,
    type: 'application/json',
    text: '{"delay":0.1}\n',
  })
  assert.equal((await ask('/delay/0.1')).text, '{"delay":0.1}\n')
  assert.deepEqual([(await ask('/status/204')).status, (await ask('/status/503')).status], [204, 503])
  assert.match((await ask('/headers')).text, /"Content-Type":"a\/b","Host":"127\.0\.0\.1:\d+"/)
  const refused = await ask('/ws/echo')
  assert.equal(refused.status, 426)
})
