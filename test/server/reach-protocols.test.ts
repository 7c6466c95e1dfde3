/** What Reach says of servers that speak something, real ones where there are some. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { TRUNCATED_RESPONSE } from 'dns-packet'
import type { ReachReport } from '../../server/features/reach/wire.ts'
import { wholeLifetime } from '../support/at-end.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard } from '../support/kuard.ts'
import { addressReply, framed, loopback, reply, serveDns, startDnsmasq } from '../support/name-servers.ts'
import { startHttpServer, startSocketServer } from '../support/odd-server.ts'
import { reach, stepsOf } from '../support/reach.ts'
import { startRedis } from '../support/redis.ts'

const lifetime = wholeLifetime()
const grpcPort = await freePort()
const kuard = await startKuard(lifetime, [`--grpc-address=127.0.0.1:${grpcPort}`])

const told = ({ end, reached, answer }: ReachReport) => [reached, end, answer?.statusWords]

test('HTTP: the status, the headers and the first 4 KiB of the body', async (context) => {
  const { port } = await startHttpServer(context, (_request, response) => {
    response.setHeader('x-one', 'two').end('é'.repeat(5000))
  })
  const report = await reach(kuard, `http://127.0.0.1:${port}/path?query`)
  assert.deepEqual(told(report), [true, 'reached', '200 OK'])
  assert.equal(report.words, `127.0.0.1:${port} answers 200 OK.`)
  assert.deepEqual(stepsOf(report), ['connect done', 'request done', 'first byte done', 'body done'])
  assert.equal(report.steps[1]?.of, 'GET /path?query HTTP/1.1')
  assert.equal(report.answer?.headers.find(({ name }) => name === 'x-one')?.value, 'two')
  assert.deepEqual([report.answer.body, report.answer.bodyIsCut], ['é'.repeat(2048), true])
  const ats = report.steps.map(({ at }) => at)
  assert.deepEqual(
    ats,
    ats.toSorted((one, other) => one - other),
  )
})

test('a redirect is told and not followed', async (context) => {
  let asked = 0
  const { port } = await startHttpServer(context, (_request, response) => {
    asked += 1
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  const report = await reach(kuard, `http://127.0.0.1:${port}/`)
  assert.deepEqual(told(report), [true, 'reached', '302 Found'])
  assert.equal(report.answer?.location, '/elsewhere')
  assert.match(report.hints.join(), /\/elsewhere, which was not followed/)
  assert.equal(asked, 1)
})

for (const [status, hint] of [
  [404, /nothing under this path/],
  [503, /whose backend doesn’t/],
  [401, /wants to know who asks/],
] as const) {
  test(`status ${status} is a bad one, and the way there works`, async (context) => {
    const { port } = await startHttpServer(context, (_request, response) => response.writeHead(status).end())
    const report = await reach(kuard, `http://127.0.0.1:${port}/`)
    assert.deepEqual([report.reached, report.end, report.answer?.status], [false, 'bad status', status])
    assert.match(report.hints.join(), hint)
  })
}

test('HTTP that switches to another protocol, or closes before it has answered, is told at once', async (context) => {
  const cases = [
    ['HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'odd answer'],
    ['HTTP/1.1 100 Continue\r\n\r\n', 'cut off'],
  ] as const
  for (const [said, end] of cases) {
    const { url } = await startSocketServer(context, (socket) => socket.once('data', () => socket.end(said)))
    const report = await reach(kuard, url, 20_000)
    assert.equal(report.end, end, report.words)
  }
})

test('gRPC: kuard’s own health service, by service, and one that it doesn’t have', async () => {
  const all = await reach(kuard, `grpc://127.0.0.1:${grpcPort}`)
  assert.deepEqual(told(all), [true, 'reached', 'SERVING'])
  await kuard.put('/ready/api', { failNext: 1 })
  const failing = await reach(kuard, `grpc://127.0.0.1:${grpcPort}/readiness`)
  assert.deepEqual(told(failing), [false, 'bad status', 'NOT_SERVING'])
  const none = await reach(kuard, `grpc://127.0.0.1:${grpcPort}/none`)
  assert.deepEqual(told(none), [false, 'bad status', 'NOT_FOUND: there is no service "none"'])
  assert.equal(none.answer?.status, 5)
})

test('Redis: a PONG, and one that wants a password', async (context) => {
  const [open, closed] = [await startRedis(context), await startRedis(context, ['--requirepass', 'x'])]
  assert.deepEqual(told(await reach(kuard, `redis://127.0.0.1:${open.port}`)), [
    true,
    'reached',
    'Redis: PONG',
  ])
  const wants = await reach(kuard, `redis://127.0.0.1:${closed.port}`)
  assert.deepEqual(told(wants), [true, 'reached', 'Redis: wants a password'])
})

/** Greets, and answers each message with what comes next. */
const answering = (context: TestContext, ...answers: readonly Buffer[]) =>
  startSocketServer(context, (socket: Socket) => {
    const left = [...answers]
    socket.on('data', () => socket.write(left.shift() ?? ''))
  })

const error = (code: string, words: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${words}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeUInt32BE(4 + fields.length, 1)
  return Buffer.concat([head, fields])
}

test('PostgreSQL: wants a password, refuses the user, or takes nobody yet', async (context) => {
  const scram = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 10])
  const cases = [
    [scram, true, 'PostgreSQL: wants a password'],
    [error('28000', 'no such role'), true, 'PostgreSQL: no such role'],
    [
      error('57P03', 'the database system is starting up'),
      false,
      'PostgreSQL: the database system is starting up',
    ],
  ] as const
  for (const [answer, reached, words] of cases) {
    const { port } = await answering(context, Buffer.from('N'), answer)
    const report = await reach(kuard, `postgres://127.0.0.1:${port}/db`)
    assert.deepEqual(told(report), [reached, reached ? 'reached' : 'bad status', words])
  }
})

/** As MySQL frames what it says. */
const packet = (carried: string): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUIntLE(Buffer.byteLength(carried, 'latin1'), 0, 3)
  return Buffer.concat([head, Buffer.from(carried, 'latin1')])
}

test('MySQL greets with its version, or with an error', async (context) => {
  const greeting = (first: string) =>
    startSocketServer(context, (socket) => {
      socket.write(packet(first))
      socket.on('data', () => socket.write(packet('\xff\x15\x04#28000Access denied')))
    })
  const works = await greeting('\x0a8.4.3\0more')
  const report = await reach(kuard, `mysql://127.0.0.1:${works.port}`)
  assert.deepEqual(told(report), [true, 'reached', 'MySQL 8.4.3: wants a password'])
  const odd = await greeting('\xff')
  assert.match((await reach(kuard, `mysql://127.0.0.1:${odd.port}`)).words, /it is no MySQL/)
  const full = await greeting('\xff\x10\x04Too many connections')
  const words = told(await reach(kuard, `mysql://127.0.0.1:${full.port}`))
  assert.deepEqual(words, [false, 'bad status', 'MySQL: error 1040, Too many connections'])
})

test('SMTP greets with 220, or doesn’t take mail', async (context) => {
  for (const [line, end] of [
    ['220 mail.test ESMTP', 'reached'],
    ['554 no service', 'bad status'],
    ['SSH-2.0-x', 'odd answer'],
  ] as const) {
    const { port } = await startSocketServer(context, (socket) => socket.write(`${line}\r\n`))
    assert.equal((await reach(kuard, `smtp://127.0.0.1:${port}`)).end, end)
  }
})

test('DNS over UDP: a real name server’s records, no such name, no address, forged replies passed over, and what is cut short asked for over TCP', async (context) => {
  const { address, port } = await startDnsmasq(context, [
    '--host-record=web.test,10.1.2.3',
    '--txt-record=text.test,x',
  ])
  const found = await reach(kuard, `dns://${address}:${port}/web.test`)
  assert.deepEqual(told(found), [true, 'reached', 'NOERROR: 10.1.2.3'])
  assert.equal((await reach(kuard, `dns://${address}:${port}/none.test`)).end, 'no such name')
  assert.equal((await reach(kuard, `dns://${address}:${port}/text.test.`)).end, 'no address')

  const forging = await serveDns(context, {
    udp: (query) => [
      Buffer.from('x'),
      addressReply({ ...query, id: (query.id + 1) % 65536 }, '6.6.6.6'),
      addressReply(query),
    ],
  })
  const honest = await reach(kuard, `dns://${forging.address}:${forging.port}/web.test`)
  assert.equal(honest.answer?.statusWords, 'NOERROR: 10.1.2.3')
  const cut = await serveDns(context, {
    udp: (query) => [reply(query, { flags: TRUNCATED_RESPONSE })],
    tcp: (query) => [framed(addressReply(query))],
  })
  const whole = await reach(kuard, `dns://${cut.address}:${cut.port}/web.test`)
  assert.equal(whole.answer?.statusWords, 'NOERROR: 10.1.2.3')
  const broken = await serveDns(context, { udp: (query) => [addressReply(query).subarray(0, -3)] })
  assert.equal((await reach(kuard, `dns://${broken.address}:${broken.port}/web.test`)).end, 'odd answer')
  const failing = await serveDns(context, { udp: (query) => [reply(query, { rcode: 2 })] })
  const failed = await reach(kuard, `dns://${failing.address}:${failing.port}/web.test`)
  assert.deepEqual(told(failed), [false, 'bad status', 'SERVFAIL'])
})

test('a closed UDP port refuses, and a silent one is asked again until time is up', async (context) => {
  assert.equal((await reach(kuard, `dns://${loopback()}:5399/web.test`)).end, 'refused')
  const silent = await serveDns(context, { udp: () => [] })
  const report = await reach(kuard, `dns://${silent.address}:${silent.port}/web.test`, 1500)
  assert.equal(report.end, 'timed out')
  assert.equal(silent.asked.length, 2)
})

for (const target of ['redis', 'postgres', 'mysql', 'smtp', 'grpc', 'http', 'tls'] as const) {
  test(`${target}: a server that speaks another protocol`, async (context) => {
    const { port } = await startSocketServer(context, (socket) => {
      socket.write('\0\x01hello, this is nothing that anybody knows\r\n'.repeat(10))
    })
    const { end, reached, words } = await reach(kuard, `${target}://127.0.0.1:${port}`, 2000)
    assert.equal(reached, false)
    assert.ok(['odd answer', 'tls', 'timed out'].includes(end), `${end}: ${words}`)
    assert.ok(words.includes(`127.0.0.1:${port}`), words)
  })
}
