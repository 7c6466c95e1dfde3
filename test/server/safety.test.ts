/** What broken clients and slow ones can't do, and what nobody can with `--read-only`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { ProbeStatus } from '../../server/features/probe/wire.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { RawConnection, sendRaw } from '../support/socket.ts'

const host = 'Host: localhost\r\n'
const healthy = `GET /healthy HTTP/1.1\r\n${host}\r\n`

/** A PUT of a probe's order, as bytes. */
const put = (headers: string, body: string) => `PUT /healthy/api HTTP/1.1\r\n${host}${headers}\r\n${body}`

/** The probe that `put` would change. */
const failNext = async (kuard: Kuard) => (await kuard.get('/healthy/api')).json(ProbeStatus).failNext

test('--read-only refuses each change', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  for (const [method, path] of [
    ['PUT', '/healthy/api'],
    ['PUT', '/ready/api'],
    ['PUT', '/keygen'],
    ['POST', '/mem/api/alloc?size=1'],
    ['POST', '/mem/api/clear'],
    ['PUT', '/memq/server/queues/q'],
    ['DELETE', '/memq/server/queues/q'],
    ['POST', '/memq/server/queues/q/drain'],
    ['POST', '/memq/server/queues/q/enqueue'],
  ] as const) {
    for (const prefix of ['', '/c']) {
      const answer = await kuard.ask(method, prefix + path, { body: '{}' })
      assert.deepEqual([answer.status, answer.text], [403, 'this server is read-only (--read-only)\n'], path)
    }
  }
})

test('--read-only lets probes, lookups and consumers of MemQ through, and tells the unknown as ever', async (context) => {
  const kuard = await startKuard(context, ['--read-only', '--liveness-fail-next=1'])
  assert.equal((await kuard.get('/healthy')).text, 'fail, 0 left')
  assert.equal((await kuard.get('/healthy')).text, 'ok')
  for (const action of ['dequeue', 'ack?lease=x', 'nack?lease=x', 'renew?lease=x']) {
    const answer = await kuard.post(`/memq/server/queues/q/${action}`)
    assert.notEqual(answer.status, 403, action)
  }
  assert.equal((await kuard.post('/dns/api', '{"type":"ZZ","name":"x"}')).text, 'Unknown DNS type: ZZ\n')
  assert.equal((await kuard.post('/nothing')).status, 404)
  assert.equal((await kuard.post('/healthy')).status, 405)
})

test('a body over --body-limit is refused in words, and one of just that size is taken', async (context) => {
  const kuard = await startKuard(context, ['--body-limit=100'])
  await kuard.ask('PUT', '/memq/server/queues/q')
  const path = '/memq/server/queues/q/enqueue'
  assert.equal((await kuard.post(path, 'x'.repeat(100))).status, 200)
  const long = await kuard.post(path, 'x'.repeat(101))
  assert.deepEqual(
    [long.status, long.text],
    [413, 'the body is larger than this server takes (--body-limit)\n'],
  )
  const chunked = `POST ${path} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`
  const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`
  const fits = await sendRaw(context, kuard.port, `${chunked}${chunk(60)}${chunk(40)}0\r\n\r\n`)
  assert.equal(fits.status, 200)
  const tooLong = await sendRaw(context, kuard.port, `${chunked}${chunk(60)}${chunk(41)}`)
  assert.equal(tooLong.status, 413)
})

test('a client that is still sending gets to read why it is refused', async (context) => {
  const kuard = await startKuard(context, ['--body-limit=1000'])
  const part = 'x'.repeat(64 << 10)
  for (const [what, head, status] of [
    ['too long by its length', put(`Content-Length: ${1 << 30}\r\n`, ''), 413],
    ['too long by its chunks', put('Transfer-Encoding: chunked\r\n', '40000000\r\n'), 413],
    ['of another site', put(`Sec-Fetch-Site: cross-site\r\nContent-Length: ${1 << 30}\r\n`, ''), 403],
    [
      'not to be kept open',
      put(`Connection: close\r\nOrigin: null\r\nContent-Length: ${1 << 30}\r\n`, ''),
      403,
    ],
    ['no HTTP', 'nonsense\r\n\r\n', 400],
  ] as const) {
    const connection = new RawConnection(context, kuard.port)
    connection.socket.pause()
    connection.send(head)
    for (let sent = 0; sent < 40; sent += 1) {
      connection.send(part)
      await new Promise(setImmediate)
    }
    connection.socket.resume()
    await connection.receives(new RegExp(`^HTTP/1.1 ${status} .*\\r\\n\\r\\n.+\\n$`, 's'))
    assert.equal(connection.error, undefined, what)
    connection.socket.destroy()
  }
  assert.equal((await kuard.get('/healthy')).status, 200)
})

test('slow headers are answered 408, and who goes on sending after a refusal is given up', async (context) => {
  const kuard = await startKuard(context, ['--log-level=debug', '--body-limit=10'])
  const slow = new RawConnection(context, kuard.port)
  slow.send('GET /healthy HTTP/1.1\r\nHost: local')
  const refused = new RawConnection(context, kuard.port)
  refused.send(put('Content-Length: 1000000\r\n', ''))
  await refused.receives(/^HTTP\/1.1 413/)
  const sending = setInterval(() => {
    for (const connection of [slow, refused]) connection.send('x')
  }, 100)
  context.after(() => {
    clearInterval(sending)
  })
  await refused.closed
  await slow.receives(/^HTTP\/1.1 408 Request Timeout\r\n.*the request took too long to arrive\n$/s)
  assert.match(slow.received, new RegExp(`^x-served-by: ${hostname()}\r$`, 'im'))
  await kuard.logged(/DEBUG .*answered 408/)
})

test('what is no HTTP is answered 400 in words, named and logged', async (context) => {
  const kuard = await startKuard(context, ['--log-level=debug'])
  for (const text of [
    'nonsense\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01',
    `FOO /healthy HTTP/1.1\r\n${host}\r\n`,
    `GET /healthy HTTP/9.9\r\n${host}\r\n`,
    `PRI * HTTP/2.0\r\n${host}\r\nSM\r\n\r\n`,
    `GET healthy HTTP/1.1\r\n${host}\r\n`,
    `GET /healthy HTTP/1.1\n${host}\n`,
    `GET /healthy HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`,
    `GET /healthy HTTP/1.1\r\n${host}X y: a\r\n\r\n`,
    `GET /healthy HTTP/1.1\r\n${host}X: \0\r\n\r\n`,
  ]) {
    const answer = await sendRaw(context, kuard.port, text)
    assert.deepEqual([answer.status, answer.body], [400, 'this is not a valid HTTP request\n'], text)
    assert.match(answer.headers, new RegExp(`^x-served-by: ${hostname()}\r$`, 'im'))
  }
  await kuard.logged(/DEBUG 127.0.0.1:\d+ sent what can't be read \(.*\), answered 400/)
})

test('requests that two servers could take for different ones are refused', async (context) => {
  const kuard = await startKuard(context)
  const smuggled = `GET /healthy/smuggled HTTP/1.1\r\n${host}\r\n`
  for (const [headers, body] of [
    ['Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', '0\r\n\r\n'],
    ['Content-Length: 2\r\nContent-Length: 3\r\n', '{} '],
    ['Content-Length: 2\r\nContent-Length: 2\r\n', '{}'],
    ['Content-Length: 2, 2\r\n', '{}'],
    ['Content-Length: +2\r\n', '{}'],
    ['Content-Length: -2\r\n', '{}'],
    ['Content-Length: 0x2\r\n', '{}'],
    ['Content-Length : 2\r\n', '{}'],
    ['Transfer-Encoding: gzip\r\n', '{}'],
    ['Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'],
    ['Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
    ['Transfer-Encoding: chunked\r\n', 'zz\r\n'],
    ['Transfer-Encoding: chunked\r\n', '2\n{}\n0\n\n'],
    ['Transfer-Encoding: chunked\r\n', '2\r\n{}x\r\n0\r\n\r\n'],
  ] as const) {
    const connection = new RawConnection(context, kuard.port)
    connection.send(put(headers, body) + smuggled)
    connection.socket.end()
    const received = await connection.closed
    assert.match(received, /^HTTP\/1.1 400 /, headers + body)
    assert.equal(received.match(/HTTP\/1.1/g)?.length, 1, headers + body)
  }
  assert.ok(!kuard.output.includes('smuggled'))
})

test('broken JSON is refused in words', async (context) => {
  const kuard = await startKuard(context)
  for (const body of [
    '{',
    '[',
    '"',
    'nul',
    '{}{}',
    '\0',
    '\ufeff{',
    '{"failNext":1e999}',
    '['.repeat(100_000),
  ]) {
    const answer = await kuard.ask('PUT', '/healthy/api', { body })
    assert.equal(answer.status, 400, body.slice(0, 20))
    assert.match(answer.text, /^(the body|failNext) /)
  }
})

test('what is too long in a path or in the headers has its own answer', async (context) => {
  const kuard = await startKuard(context, ['--header-limit=16384'])
  const queue = await kuard.ask('PUT', `/memq/server/queues/${'q'.repeat(1025)}`)
  assert.deepEqual([queue.status, queue.text], [414, 'a part of the path is longer than this server takes\n'])
  const long = 'x'.repeat(20_000)
  for (const head of [
    `GET /healthy HTTP/1.1\r\n${host}X: ${long}\r\n\r\n`,
    `GET /${long} HTTP/1.1\r\n${host}\r\n`,
    `GET /healthy HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(4_000)}\r\n`,
  ]) {
    const answer = await sendRaw(context, kuard.port, head)
    assert.deepEqual(
      [answer.status, answer.body],
      [431, 'the headers are larger than this server takes (--header-limit)\n'],
    )
  }
})

test('headers of 900,000 bytes are taken, as the original takes them, and an idle connection outlasts a load balancer', async (context) => {
  const kuard = await startKuard(context)
  const head = `GET /healthy HTTP/1.1\r\n${host}${`X: ${'x'.repeat(90_000)}\r\n`.repeat(10)}\r\n`
  const answer = await sendRaw(context, kuard.port, head)
  assert.equal(answer.status, 200)
  assert.match(answer.headers, /^keep-alive: timeout=620\r?$/im)
})

test('a connection ends after --idle-timeout', async (context) => {
  const kuard = await startKuard(context, ['--idle-timeout=1'])
  const connection = new RawConnection(context, kuard.port)
  const ended = once(connection.socket, 'end')
  connection.send(healthy)
  await ended
  assert.match(connection.received, /^HTTP\/1.1 200 .*ok$/s)
})

test('many clients that never end their headers take no more memory than is set aside for that', async (context) => {
  const kuard = await startKuard(context)
  await kuard.get('/healthy')
  const resident = () =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${kuard.child.pid ?? 0}/status`, 'utf8'))?.[1]) /
    1024
  const before = resident()
  const connections = Array.from({ length: 400 }, () => new RawConnection(context, kuard.port))
  const part = `X: ${'x'.repeat(50_000)}\r\n`
  const sent = connections.map(
    ({ socket }) =>
      new Promise((resolve) => {
        socket.write(`GET /healthy HTTP/1.1\r\n${host}${part.repeat(18)}`, resolve)
        socket.once('close', resolve)
      }),
  )
  await Promise.all(sent)
  await kuard.get('/healthy')
  const taken = resident() - before
  context.diagnostic(`${taken.toFixed(0)} MiB for 400 connections of 900 kB each`)
  assert.ok(taken < 250, `${taken} MiB`)
  assert.ok(connections.some(({ received }) => received.startsWith('HTTP/1.1 431')))
})

test('a body is read whatever its Content-Type is', async (context) => {
  const kuard = await startKuard(context)
  for (const type of [
    '',
    ' ',
    ';',
    '/',
    'x',
    'text/',
    'a/b/c',
    '"',
    'application/json; charset=nonsense',
    '\xff',
  ]) {
    const answer = await sendRaw(
      context,
      kuard.port,
      put(`Content-Type: ${type}\r\nContent-Length: 2\r\n`, '{}'),
    )
    assert.equal(answer.status, 200, type)
  }
  const twice = put('Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 2\r\n', '{}')
  assert.equal((await sendRaw(context, kuard.port, twice)).status, 200)
})

test('expectations and offers of another protocol do no harm', async (context) => {
  const kuard = await startKuard(context, ['--body-limit=10'])
  for (const [headers, body, status] of [
    ['Expect: 100-continue\r\nContent-Length: 2\r\n', '{}', 200],
    ['Expect: 100-continue\r\nContent-Length: 11\r\n', '', 413],
    ['Expect: wonders\r\nContent-Length: 2\r\n', '{}', 200],
    ['Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 2\r\n', '{}', 200],
    ['Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n', '{}', 200],
  ] as const) {
    assert.equal((await sendRaw(context, kuard.port, put(headers, body))).status, status, headers)
  }
  const tunnel = await sendRaw(
    context,
    kuard.port,
    'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n',
  )
  assert.deepEqual([tunnel.status, tunnel.body], [501, 'this server is no proxy\n'])
})

test('requests sent one behind the other are answered in their order', async (context) => {
  const kuard = await startKuard(context)
  const connection = new RawConnection(context, kuard.port)
  const requests = ['/healthy', '/nothing', '/env/api', '/%zz', '/fs/proc/self/status', '/ready']
  connection.send(requests.map((path) => `GET ${path} HTTP/1.1\r\n${host}\r\n`).join(''))
  await eventually(
    'every answer',
    () => connection.received.match(/HTTP\/1\.1 /g)?.length === requests.length,
  )
  const statuses = [...connection.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  assert.deepEqual(statuses, [200, 404, 200, 400, 200, 200])
})

test('a client that closes its own side after its request is answered', async (context) => {
  const kuard = await startKuard(context)
  const connection = new RawConnection(context, kuard.port)
  connection.socket.end(healthy)
  assert.match(await connection.closed, /^HTTP\/1.1 200 .*ok$/s)
})

test('a client that vanishes is logged as such, and hurts nobody', async (context) => {
  const kuard = await startKuard(context)
  const connections = Array.from({ length: 20 }, () => new RawConnection(context, kuard.port))
  for (const [index, { socket }] of connections.entries()) {
    socket.write(put('Content-Length: 10\r\n', '{'), () => {
      if (index % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    })
  }
  await eventually('every request to be logged', () => {
    const logged = kuard.lines.filter((line) => /PUT \/healthy\/api (499|400) /.test(line))
    return logged.length === connections.length
  })
  assert.equal((await kuard.get('/healthy')).status, 200)
  assert.equal(await failNext(kuard), 0)
})
