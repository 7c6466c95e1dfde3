/** Requests at a rate, from flags and over HTTP: what is sent, what is told of it, and how it ends. */
import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TrafficSeconds, TrafficStatus, type TrafficConfig } from '../../server/features/traffic/wire.ts'
import { Latencies } from '../../server/features/traffic/latencies.ts'
import { wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { runKuard, startKuard } from '../support/kuard.ts'
import { loopback } from '../support/name-servers.ts'
import { startHttpServer, startSocketServer } from '../support/odd-server.ts'
import { prefixes } from '../support/prefixes.ts'
import { order, send, startWithHosts, trafficOf } from '../support/traffic.ts'

const lifetime = wholeLifetime()
const kuard = await startKuard(lifetime)
const target = await startKuard(lifetime)

const idle: TrafficConfig = {
  enable: false,
  url: '',
  rate: 10,
  timeToRun: 0,
  numToSend: 0,
  connections: 'new',
  concurrency: 16,
  method: 'GET',
  headers: {},
  body: '',
  timeoutMs: 5000,
  count: '',
  log: 'seconds',
  exitOnComplete: false,
  maxFailures: 0,
}

test('nothing is sent unless it was asked for', async (context) => {
  const { config, progress, history } = await trafficOf(await startKuard(context))
  assert.deepEqual(config, idle)
  assert.deepEqual([progress.running, progress.sent, progress.startedAt], [false, 0, null])
  assert.deepEqual(history, [])
})

test('flags start it, and each answer is counted for the pod and the version that gave it', async (context) => {
  const url = `${target.url}/healthy`
  const args = ['--traffic-enable', `--traffic-url=${url}`, '--traffic-rate=100', '--traffic-num-to-send=30']
  const sending = await startKuard(context, args)
  await sending.logged(/\(Traffic 0\) Complete: 30 sent, 30 answered, 0 failed/)
  const { config, progress, answerers, latency, histogram, last, history, failures } =
    await trafficOf(sending)
  assert.deepEqual(config, { ...idle, enable: true, url, rate: 100, numToSend: 30 })
  assert.deepEqual(
    [progress.running, progress.sent, progress.answered, progress.failed, progress.inFlight, progress.of],
    [false, 30, 30, 0, 0, 30],
  )
  const { headers } = await target.get('/healthy')
  const [who] = answerers
  assert.deepEqual(
    [answerers.length, who?.name, who?.version, who?.answered, who?.failed],
    [1, headers['x-served-by'], headers['x-served-version'], 30, 0],
  )
  assert.deepEqual(last, { versions: [headers['x-served-version']], marks: 'a'.repeat(30) })
  assert.ok(latency && latency.p50 <= latency.p90 && latency.p90 <= latency.p99 && latency.p99 <= latency.max)
  assert.equal(
    histogram.reduce((sum, { count }) => sum + count, 0),
    30,
  )
  assert.deepEqual(failures, [])
  assert.equal(
    history[0]?.line,
    `(Traffic 0) Sending 100 requests a second, each on a new connection: GET ${url}`,
  )
  assert.ok(history.every(({ line }) => sending.output.includes(line)))
})

test('Traffic answers under every prefix, and what an order leaves out is as the flags’ defaults have it', async () => {
  for (const prefix of prefixes) {
    const orders = { url: 'http://kuard/', rate: 0.5, headers: { Accept: 'text/plain' } }
    const answer = (await kuard.put(`${prefix}/traffic`, orders)).json(TrafficStatus)
    assert.deepEqual(answer.config, { ...idle, ...orders })
    assert.deepEqual((await kuard.get(`${prefix}/traffic`)).json(TrafficStatus), answer)
  }
})

test('orders that can’t be followed are refused with the reason, and leave what runs alone', async () => {
  const before = await trafficOf(kuard)
  const url = 'http://kuard/'
  const refusals = [
    [{ enable: true }, /^url must be a URL such as http:\/\/kuard\//],
    [{ url: 'ftp://kuard/' }, /^url must begin with http:\/\/ or https:\/\//],
    [{ url: 'http://me:secret@kuard/' }, /^url must not hold a user name or password/],
    [{ url: 'http://169.254.169.254/' }, /^url can't be used: .* metadata service/],
    [{ url, count: 'weather' }, /^count must be body, header:NAME or json:FIELD/],
    [{ url, method: 'CONNECT' }, /^method must be/],
    [{ url, method: 'get' }, /^method /],
    [{ url, headers: { 'a b': 'x' } }, /^headers must not hold "a b"/],
    [{ url, headers: { Connection: 'close' } }, /^headers must not hold Connection/],
    [{ url, rate: 2001 }, /^rate /],
    [{ url, concurrency: 257 }, /^concurrency /],
    [{ url, timeTorun: 10 }, /^timeTorun is not known here/],
  ] as const
  for (const [orders, reason] of refusals) {
    const answer = await kuard.put('/traffic', orders)
    assert.equal(answer.status, 400, answer.text)
    assert.match(answer.text, reason)
  }
  assert.deepEqual(await trafficOf(kuard), before)
})

test('flags that can’t be followed end the start with the reason', async (context) => {
  const refusals = [
    [['--traffic-enable'], /--traffic-url must be a URL such as http:\/\/kuard\//],
    [['--traffic-url=kuard'], /--traffic-url must be a URL/],
    [['--traffic-header=Upgrade: h2c'], /--traffic-header must not hold Upgrade/],
    [['--traffic-count=all'], /--traffic-count must be/],
    [['--traffic-rate=0'], /traffic-rate/],
  ] as const
  for (const [args, reason] of refusals) {
    const { code, errors } = await runKuard(context, args)
    assert.notEqual(code, 0)
    assert.match(errors, reason)
  }
})

test('a server that is read-only sends nothing on somebody’s word', async (context) => {
  const readOnly = await startKuard(context, ['--read-only'])
  const answer = await readOnly.put('/traffic', { enable: true, url: target.url })
  assert.equal(answer.status, 403)
  assert.equal((await trafficOf(readOnly)).progress.running, false)
})

test('the rate is kept however slowly answers come, and the time limit ends it', async (context) => {
  const slow = await startHttpServer(context, (_request, response) => {
    setTimeout(() => response.end('ok'), 100)
  })
  const orders = { url: slow.url, rate: 200, timeToRun: 2, concurrency: 256 }
  const { progress } = await send(kuard, orders)
  assert.deepEqual([progress.sent, progress.answered, progress.of], [400, 400, null])
  const took = Date.parse(progress.endedAt ?? '') - Date.parse(progress.startedAt ?? '')
  assert.ok(took >= 1990, `${took} ms`)
})

test('no more requests are on their way than may be, each on a connection of its own or on kept ones', async (context) => {
  let [now, most, connections] = [0, 0, 0]
  const server = await startHttpServer(context, (_request, response) => {
    most = Math.max(most, ++now)
    setTimeout(() => {
      now -= 1
      response.end()
    }, 20)
  })
  server.server.on('connection', () => (connections += 1))
  const orders = { url: server.url, rate: 1000, numToSend: 40, concurrency: 4 }
  const each = await send(kuard, orders)
  assert.deepEqual([each.progress.answered, most, connections], [40, 4, 40])
  connections = 0
  const kept = await send(kuard, { ...orders, connections: 'kept' })
  assert.deepEqual([kept.progress.answered, most], [40, 4])
  assert.ok(connections <= 4, `${connections} connections`)
})

test('method, path, headers and body arrive as ordered', async (context) => {
  const asked: [IncomingMessage, string][] = []
  const server = await startHttpServer(context, (request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      asked.push([request, body])
      response.end()
    })
  })
  for (const connections of ['new', 'kept'] as const) {
    const { progress } = await send(kuard, {
      url: `${server.url}a/b?c=d#e`,
      method: 'POST',
      headers: { Host: 'shop.example', 'X-Lesson': '12' },
      body: '{"größe":1}',
      connections,
      numToSend: 1,
    })
    assert.equal(progress.answered, 1)
    const [request, body] = asked.pop() ?? assert.fail('nothing was asked')
    assert.deepEqual([request.method, request.url, body], ['POST', '/a/b?c=d', '{"größe":1}'])
    const { host, connection, 'x-lesson': lesson, 'content-length': length } = request.headers
    assert.deepEqual([host, lesson, length], ['shop.example', '12', '13'])
    assert.equal(connection, connections === 'new' ? 'close' : 'keep-alive')
  }
})

test('what the answers say is counted: a line, a header or a field', async (context) => {
  let turn = 0
  const server = await startHttpServer(context, (_request, response) => {
    const colour = turn++ % 3 === 0 ? 'green' : 'blue'
    response.setHeader('X-Colour', colour)
    response.end(JSON.stringify({ pod: { colour, ports: [8080] } }) + '\nand more')
  })
  const countOf = async (count: string, url = server.url) =>
    (await send(kuard, { url, count, rate: 1000, numToSend: 3 })).counted
  const colours = [
    { value: 'blue', count: 2 },
    { value: 'green', count: 1 },
  ]
  assert.deepEqual(await countOf('header:x-colour'), colours)
  assert.deepEqual((await countOf('body'))[0], {
    value: '{"pod":{"colour":"blue","ports":[8080]}}',
    count: 2,
  })
  assert.deepEqual(await countOf('header:x-none'), [{ value: '(no x-none)', count: 3 }])
  assert.deepEqual(await countOf('json:pod.colour'), [{ value: '(no JSON)', count: 3 }])
  const json = await startHttpServer(context, (_request, response) => {
    response.end(JSON.stringify({ pod: { colour: 'blue', ports: [8080] } }))
  })
  assert.deepEqual(await countOf('json:pod.colour', json.url), [{ value: 'blue', count: 3 }])
  assert.deepEqual(await countOf('json:pod.ports.0', json.url), [{ value: '8080', count: 3 }])
  assert.deepEqual(await countOf('json:pod.__proto__', json.url), [{ value: '(no pod.__proto__)', count: 3 }])
  assert.deepEqual((await send(kuard, { url: json.url, numToSend: 1 })).counted, [])
})

test('two versions are told apart, with the failures of each, and what is without end is cut', async (context) => {
  let turn = 0
  const server = await startHttpServer(context, (_request, response) => {
    const pod = turn++
    const version = ['blue', 'green'][pod % 2] ?? ''
    response.writeHead(pod === 3 ? 503 : 200, { 'x-served-by': `web-${pod}`, 'x-served-version': version })
    response.end(`answer ${pod}`)
  })
  // Patiently, since one after the other they may take their time.
  const orders = { url: server.url, concurrency: 1, rate: 1000, timeoutMs: 60_000 }
  const { last, answerers } = await send(kuard, { ...orders, numToSend: 4 })
  assert.deepEqual(last, { versions: ['blue', 'green'], marks: 'abaB' })
  const failing = answerers.find(({ name }) => name === 'web-3')
  assert.deepEqual([failing?.version, failing?.answered, failing?.failed], ['green', 0, 1])

  const many = await send(kuard, { ...orders, numToSend: 1500, rate: 2000, count: 'body' })
  assert.equal(many.answerers.length, 101)
  assert.deepEqual([many.answerers[0]?.name, many.answerers[0]?.answered], ['others', 1400])
  assert.equal(many.counted.length, 21)
  assert.deepEqual(many.counted.at(-1), { value: 'others', count: 1480 })
  assert.equal(many.last.marks.length, 400)
})

test('versions beyond the letters are others', async (context) => {
  let turn = 0
  const server = await startHttpServer(context, (_request, response) => {
    response.writeHead(200, { 'x-served-version': `v${turn++}` }).end()
  })
  const { last } = await send(kuard, { url: server.url, concurrency: 1, rate: 1000, numToSend: 40 })
  assert.equal(last.versions.length, 26)
  assert.deepEqual([last.versions[24], last.versions[25]], ['v24', 'others'])
  assert.equal(last.marks, `abcdefghijklmnopqrstuvwxy${'z'.repeat(15)}`)
})

test('a server that stalls shows in the latencies of all that were due meanwhile', async (context) => {
  let stalledUntil = Infinity
  const server = await startHttpServer(context, (_request, response) => {
    if (stalledUntil === Infinity) stalledUntil = performance.now() + 1000
    setTimeout(() => response.end(), Math.max(1, stalledUntil - performance.now()))
  })
  // One at a time, so that a client that measures from when it sends would see one slow answer of 200.
  const { latency, progress } = await send(kuard, {
    url: server.url,
    connections: 'kept',
    concurrency: 1,
    rate: 100,
    numToSend: 200,
  })
  assert.deepEqual([progress.answered, progress.failed], [200, 0])
  assert.ok(latency && latency.p99 > 900 && latency.p50 > 5, JSON.stringify(latency))
})

test('a sender that stood still itself says nothing bad of the server', async (context) => {
  const { url } = await startHttpServer(context, (_request, response) => response.end())
  const sender = await startKuard(context)
  await order(sender, { enable: true, url, rate: 40, numToSend: 300, concurrency: 4, timeoutMs: 3_000 })
  await eventually('some answers', async () => (await trafficOf(sender)).progress.answered > 20)
  sender.child.kill('SIGSTOP')
  await sleep(4_500)
  sender.child.kill('SIGCONT')
  const { progress, failures } = await eventually('all to be sent', async () => {
    const status = await trafficOf(sender)
    return !status.progress.running && status
  })
  assert.deepEqual([progress.answered, failures], [300, []])
})

test('new orders end what runs at once, and what was on its way is no failure', async (context) => {
  let closed = 0
  const silent = await startSocketServer(context, (socket) => {
    socket.resume().on('close', () => (closed += 1))
  })
  await order(kuard, { enable: true, url: silent.url, rate: 100 })
  await eventually('some to be on their way', async () => (await trafficOf(kuard)).progress.inFlight >= 5)
  const answer = await order(kuard, { enable: true, url: `${target.url}/healthy`, numToSend: 1 })
  assert.match(answer.history.at(-2)?.line ?? '', /^\(Traffic \d+\) Stopped: \d+ sent, 0 answered, 0 failed$/)
  assert.equal(answer.progress.of, 1)
  await eventually('the connections to be closed', () => closed >= 5)
  const status = await eventually('the other to be sent', async () => {
    const now = await trafficOf(kuard)
    return !now.progress.running && now
  })
  assert.deepEqual([status.progress.answered, status.progress.failed], [1, 0])

  await order(kuard, { enable: true, url: silent.url, rate: 100 })
  const stopped = await order(kuard, { url: silent.url })
  assert.deepEqual([stopped.progress.running, stopped.progress.inFlight], [false, 0])
  assert.notEqual(stopped.progress.endedAt, null)
})

test('the exit code says whether few enough failed, and 143 that it was not finished', async (context) => {
  const flags = (url: string) => ['--traffic-enable', `--traffic-url=${url}`, '--traffic-exit-on-complete']
  const run = async (mostFailures: number) => {
    let turn = 0
    const server = await startHttpServer(context, (_request, response) => {
      response.writeHead(turn++ % 5 === 0 ? 500 : 200).end()
    })
    const some = ['--traffic-rate=100', '--traffic-num-to-send=10', `--traffic-max-failures=${mostFailures}`]
    return (await runKuard(context, ['--address=127.0.0.1:0', ...flags(server.url), ...some])).code
  }
  // Two of ten fail.
  assert.deepEqual([await run(0), await run(1), await run(2)], [1, 1, 0])
  const endless = await startKuard(context, flags(target.url))
  await endless.logged(/\(Traffic 0\) Sending/)
  assert.equal((await endless.terminate()).code, 143)
  assert.match(endless.output, /\(Traffic 0\) Stopped: /)
})

test('browsers are told how far it is, and of each second when it is over', async (context) => {
  const sending = await startKuard(context)
  const reader = await readEvents(context, sending.port, '/events?topics=traffic,traffic.seconds;rate=10')
  const nothing = await reader.latest('traffic.seconds', TrafficSeconds, () => true)
  assert.deepEqual(nothing.seconds, [])
  const { headers } = await target.get('/healthy')
  const version = String(headers['x-served-version'])
  await send(sending, { url: `${target.url}/healthy`, rate: 50, timeToRun: 2 })
  await reader.latest('traffic', TrafficStatus, ({ progress }) => progress.endedAt !== null)
  const isWhole = ({ seconds }: TrafficSeconds) =>
    seconds.reduce((sum, { versions }) => sum + (versions[version] ?? 0), 0) === 100
  const { seconds } = await reader.latest('traffic.seconds', TrafficSeconds, isWhole)
  assert.equal(
    seconds.reduce((sum, { sent }) => sum + sent, 0),
    100,
  )
  assert.ok(seconds.every(({ latency, failures }) => latency && Object.keys(failures).length === 0))
  const states = reader.states('traffic', TrafficStatus)
  assert.ok(states.some(({ progress }) => progress.running && progress.answered > 0))

  await send(sending, { url: `${target.url}/nowhere`, rate: 50, numToSend: 5 })
  const later = await reader.latest(
    'traffic.seconds',
    TrafficSeconds,
    (state) => state.seconds.length > seconds.length,
  )
  assert.deepEqual(later.seconds.slice(0, seconds.length), seconds)
  assert.deepEqual(later.seconds.at(-1)?.failures, { '4xx': 5 })
})

test('metrics count what came of the requests of all runs, under few names', async (context) => {
  const sending = await startKuard(context)
  const metrics = async () => (await sending.get('/metrics')).text.split('\n')
  assert.ok((await metrics()).includes('traffic_request_duration_seconds_count 0'))
  await send(sending, { url: `${target.url}/healthy`, rate: 1000, numToSend: 20 })
  await send(sending, { url: `${target.url}/nowhere`, rate: 1000, numToSend: 10 })
  await send(sending, { url: `${target.url}/healthy`, rate: 1000, numToSend: 5 })
  const lines = await metrics()
  assert.ok(lines.includes('traffic_requests_total{outcome="answered"} 25'))
  assert.ok(lines.includes('traffic_requests_total{outcome="4xx"} 10'))
  assert.ok(lines.includes('traffic_request_duration_seconds_count 35'))
  assert.ok(lines.includes('traffic_request_duration_seconds_bucket{le="+Inf"} 35'))
  assert.ok(lines.includes('traffic_request_duration_seconds_bucket{le="100"} 35'))
})

test('the log has a line for each second, or for each failure, ten a second at most', async (context) => {
  const sending = await startKuard(context)
  const url = `${target.url}/nowhere`
  await send(sending, { url, rate: 100, timeToRun: 1 })
  await sending.logged(
    /\(Traffic 0\) 100 sent, \d+ answered, \d+ failed \(\d+ 4xx\); p50 [\d.]+ ms, p99 [\d.]+ ms\n/,
  )
  await send(sending, { url, rate: 100, numToSend: 25, log: 'failures' })
  await sending.logged(/\(Traffic 1\) Failed after [\d.]+ ms: 404 Not Found from \S+\n/)
  await sending.logged(/\(Traffic 1\) Complete: .*\n/)
  const said = sending.lines.filter((line) => line.includes('(Traffic 1) '))
  assert.equal(said.filter((line) => line.includes('Failed after')).length, 10)
  assert.match(said.at(-2) ?? '', /and 15 more failed$/)
  assert.match(said.at(-1) ?? '', /Complete: 25 sent, 0 answered, 25 failed$/)
})

test('the seconds of a run tell of all its requests, also where it ends just as one of them is over', async (context) => {
  const sending = await startKuard(context)
  for (let run = 0; run < 4; run += 1) {
    // The last is due half a millisecond before the second is over.
    const orders = { url: `${target.url}/healthy`, rate: 2000, timeToRun: 1, connections: 'kept' } as const
    const { history } = await send(sending, orders)
    const told = history.flatMap(({ line }) => {
      const [, of, sent] = /^\(Traffic (\d+)\) (\d+) sent, /.exec(line) ?? []
      return Number(of) === run ? [Number(sent)] : []
    })
    assert.equal(
      told.reduce((sum, sent) => sum + sent, 0),
      2000,
      history.map(({ line }) => line).join('\n'),
    )
  }
})

test('new connections take the addresses of a name in turn, and those that are added within a second', async (context) => {
  const addresses = [loopback(), loopback(), loopback()]
  const line = (address: string) => `${address} service\n`
  const { kuard: sending, add } = await startWithHosts(context, addresses.map(line).join(''))
  const answer: RequestListener = (_request, response) => {
    response.end()
  }
  const server = await startHttpServer(context, answer, '0.0.0.0')
  const orders = { url: `http://service:${server.port}/`, rate: 200, numToSend: 30 }
  const { answerers } = await send(sending, orders)
  const answered = Object.fromEntries(answerers.map((one) => [one.name, one.answered]))
  assert.deepEqual(answered, Object.fromEntries(addresses.map((address) => [address, 10])))

  const added = loopback()
  await order(sending, { ...orders, enable: true, numToSend: 0 })
  add(line(added))
  await eventually('the new address to be asked', async () =>
    (await trafficOf(sending)).answerers.some(({ name }) => name === added),
  )
  const { failed } = (await order(sending, {})).progress
  assert.equal(failed, 0)
})

test('a name that has addresses of two families is asked by the other where the first refuses', async (context) => {
  const { kuard: sending } = await startWithHosts(context, '::1 both\n127.0.0.1 both\n')
  const server = await startHttpServer(context, (_request, response) => {
    response.end()
  })
  for (const connections of ['new', 'kept'] as const) {
    const orders = { url: `http://both:${server.port}/`, rate: 200, numToSend: 10, connections }
    const { progress, answerers } = await send(sending, orders)
    assert.deepEqual([progress.answered, answerers[0]?.name], [10, '127.0.0.1'])
  }
})

test('quantiles are within one per cent of the truth', () => {
  const latencies = new Latencies()
  const all = Array.from({ length: 10_000 }, (_, index) => 0.02 * 1.0013 ** index)
  for (const one of all) latencies.record(one)
  const { p50, p90, p99, max } = latencies.latency() ?? assert.fail('none')
  for (const [told, share] of [
    [p50, 0.5],
    [p90, 0.9],
    [p99, 0.99],
  ] as const) {
    const truth = all[Math.ceil(share * all.length) - 1] ?? 0
    assert.ok(Math.abs(told / truth - 1) < 0.01, `${told} for ${truth}`)
  }
  assert.ok(Math.abs(max / (all.at(-1) ?? 0) - 1) < 0.001)
})
