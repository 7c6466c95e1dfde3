/** Chains of kuards, each of which asks its upstreams: what is asked, what is told of it, and where it ends. */
import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test, type TestContext } from 'node:test'
import type { ChainAnswer, ChainCall } from '../../server/features/chain/wire.ts'
import { wholeLifetime, type Lifetime } from '../support/at-end.ts'
import { callsIn, chainOf } from '../support/chain.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { runKuard, startKuard, type Kuard } from '../support/kuard.ts'
import { startHttpServer, startSocketServer } from '../support/odd-server.ts'
import { startOtlpReceiver, tracedTo, type ReceivedSpan } from '../support/otlp.ts'
import { prefixes } from '../support/prefixes.ts'
import { startPod } from '../support/service.ts'

const lifetime = wholeLifetime()
const backend = await startPod(lifetime, 'backend', [], 'purple')

/** Starts one that asks these. */
const startWith = (context: Lifetime, upstreams: readonly string[], ...args: string[]): Promise<Kuard> =>
  startKuard(context, [...upstreams.map((url) => `--upstream=${url}`), ...args])

/** What becomes of the call of one upstream. */
async function callOf(context: TestContext, upstream: string): Promise<ChainCall> {
  const { calls } = await chainOf(await startWith(context, [upstream]))
  const [call] = calls
  assert.ok(call && calls.length === 1)
  return call
}

test('a pod without upstreams answers for itself', async () => {
  for (const prefix of prefixes) {
    const answer = await backend.get(`${prefix}/chain`)
    assert.equal(answer.headers['content-type'], 'application/json')
  }
  const { milliseconds, time, ...rest } = await chainOf(backend)
  assert.ok(milliseconds >= 0 && Math.abs(Date.parse(time) - Date.now()) < 60_000)
  assert.deepEqual(rest, {
    pod: 'backend',
    version: '1.0.0-purple',
    colour: 'purple',
    namespace: null,
    node: null,
    traceId: null,
    stopped: null,
    failed: 0,
    calls: [],
  })
})

test('the answer is the tree of calls, each with when it began after the answer around it and how long it took', async (context) => {
  const middle = await startPod(context, 'middle', [`--upstream=${backend.url},${backend.url}`], 'green')
  const front = await startKuard(context, [`--upstream=${middle.url}`], { env: { MY_NODE_NAME: 'node-1' } })
  const tree = await chainOf(front)
  assert.deepEqual([tree.node, tree.failed], ['node-1', 0])
  assert.deepEqual(
    callsIn(tree).map(({ depth, call: { url, status, error, answer } }) => [
      depth,
      url,
      status,
      error,
      answer?.pod,
      answer?.colour,
    ]),
    [
      [1, `${middle.url}/chain`, 200, null, 'middle', 'green'],
      [2, `${backend.url}/chain`, 200, null, 'backend', 'purple'],
      [2, `${backend.url}/chain`, 200, null, 'backend', 'purple'],
    ],
  )
  assertWithin(tree)
})

/** A call ends before the answer that it lies in, and takes longer than the answer that it got. */
function assertWithin({ milliseconds, calls }: ChainAnswer): void {
  for (const call of calls) {
    assert.ok(call.at >= 0 && call.at + call.milliseconds <= milliseconds)
    if (!call.answer) continue
    assert.ok(call.answer.milliseconds <= call.milliseconds)
    assertWithin(call.answer)
  }
}

test('upstreams are asked side by side, and a fault of one is seen in the tree', async (context) => {
  const slow = await startKuard(context, ['--fault-delay-ms=400'])
  const failing = await startKuard(context, ['--fault-error-share=1'])
  const middle = await startWith(context, [slow.url, failing.url, slow.url])
  const tree = await chainOf(await startWith(context, [middle.url]))
  assert.equal(tree.failed, 1)
  const [one, failed, other] = tree.calls[0]?.answer?.calls ?? []
  for (const call of [one, other]) {
    assert.ok(call?.answer && call.milliseconds >= 399 && call.answer.milliseconds >= 399)
    assert.equal(call.fault, 'delay=400ms')
  }
  assert.ok((other?.at ?? 0) < 399, 'the third was asked before the first had answered')
  assert.deepEqual([failed?.status, failed?.fault, failed?.answer], [503, 'error=503', null])
  assert.match(failed?.error ?? '', /^it answered 503 Service Unavailable: \S.*$/)
})

test('what carries a trace is handed on as it came, and the tree says which trace it is', async (context) => {
  const seen: IncomingHttpHeaders[] = []
  const odd = await startHttpServer(context, ({ headers }, response) => {
    seen.push(headers)
    response.end()
  })
  const front = await startWith(context, [(await startWith(context, [odd.url])).url])
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const handed = {
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    tracestate: 'one=1,two=2',
    baggage: 'user=alice',
    'x-request-id': 'request-1',
  }
  const tree = await chainOf(front, { ...handed, cookie: 'secret=1' })
  assert.deepEqual([tree.traceId, tree.calls[0]?.answer?.traceId], [traceId, traceId])
  const { traceId: ofNone } = await chainOf(front, { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` })
  assert.equal(ofNone, null)
  seen.pop()
  await chainOf(front)
  const [first, second] = seen
  for (const [name, value] of Object.entries(handed)) {
    assert.equal(first?.[name], value)
    assert.equal(second?.[name], undefined)
  }
  assert.equal(first?.cookie, undefined, 'nothing else is')
  assert.equal(first?.['kuard-hops'], '2')
})

test('with tracing each call is a span of its caller, and the answering pod’s is a part of that', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const middle = await startKuard(context, [], { env: tracedTo(receiver) })
  const nobody = await freePort()
  const upstreams = `--upstream=${middle.url},http://127.0.0.1:${nobody}`
  const front = await startKuard(context, [upstreams], { env: tracedTo(receiver) })
  const tree = await chainOf(front)
  const isServer = ({ kind, name }: ReceivedSpan) => kind === 2 && name === 'GET /chain'
  const root = await receiver.span('of the front', (span) => isServer(span) && span.parentSpanId === '')
  const called = await receiver.span(
    'of the call',
    ({ kind, attributes }) => kind === 3 && attributes['url.full'] === `${middle.url}/chain`,
  )
  const answered = await receiver.span('of the middle', (span) => isServer(span) && span.parentSpanId !== '')
  const failed = await receiver.span('that failed', ({ kind, status }) => kind === 3 && status === 2)
  assert.deepEqual([called.parentSpanId, answered.parentSpanId], [root.spanId, called.spanId])
  assert.equal(failed.attributes['error.type'], 'ECONNREFUSED')
  assert.deepEqual([tree.traceId, tree.calls[0]?.answer?.traceId], [root.traceId, root.traceId])
})

test('a URL with a path is asked as it is, and what is no kuard’s chain is a call without an answer of its own', async (context) => {
  const paths: (string | undefined)[] = []
  const odd = await startHttpServer(context, ({ url }, response) => {
    paths.push(url)
    const json = () => response.setHeader('content-type', 'application/json')
    if (url === '/moved') response.writeHead(302, { location: backend.url }).end()
    else if (url === '/json') json().end('{"pod":"nobody"}')
    else if (url === '/broken') json().end('{')
    else response.end('four')
  })
  const origin = odd.url.replace(/\/$/, '')
  const urls = [origin, odd.url, `${origin}/json`, `${origin}/broken?x=1`, `${origin}/moved`, `${origin}?y`]
  const { calls, failed } = await chainOf(await startWith(context, urls))
  assert.deepEqual(paths.sort(), ['/', '/?y', '/broken?x=1', '/chain', '/json', '/moved'])
  assert.deepEqual(
    calls.map(({ status, bytes, error, answer }) => [status, bytes, error, answer]),
    [
      [200, 4, null, null],
      [200, 4, null, null],
      [200, 16, null, null],
      [200, 4, null, null],
      [302, 0, null, null],
      [200, 4, null, null],
    ],
  )
  assert.equal(failed, 0)
})

test('an upstream that can’t be asked says why, and the rest of the tree is there', async (context) => {
  const cutting = await startSocketServer(context, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'))
  })
  const speechless = await startSocketServer(context, (socket) => socket.write('SSH-2.0-x\r\n'))
  const nobody = `http://127.0.0.1:${await freePort()}`
  const urls = [nobody, cutting.url, speechless.url, 'http://nobody.invalid', backend.url]
  const { calls, failed } = await chainOf(await startWith(context, urls))
  assert.deepEqual(
    calls.map(({ status, error }) => [status, error]).filter((_call, index) => index !== 3),
    [
      [null, 'connection refused'],
      [null, 'the connection was closed before the answer was complete'],
      [null, 'it does not speak HTTP'],
      [200, null],
    ],
  )
  assert.match(calls[3]?.error ?? '', /^the host name /)
  assert.equal(failed, 4)
})

test('a pod that is deeper in a chain waits less, so that its caller hears what it waited for', async (context) => {
  const silent = await startSocketServer(context, () => undefined)
  const middle = await startWith(context, [silent.url])
  const front = await startWith(context, [middle.url])
  const tree = await chainOf(front, { 'kuard-hops': '6' })
  const [call] = tree.calls
  assert.deepEqual([call?.status, call?.error, tree.failed], [200, null, 1])
  assert.equal(call?.answer?.calls[0]?.error, 'no answer within 3s')
})

test('a loop ends after eight calls, and says so', async (context) => {
  const ports = [await freePort(), await freePort()] as const
  const start = (own: number, other: number) =>
    startWith(context, [`http://127.0.0.1:${other}`], `--address=127.0.0.1:${own}`)
  const [one] = await Promise.all([start(...ports), start(ports[1], ports[0])])
  const calls = callsIn(await chainOf(one))
  assert.equal(calls.length, 8)
  assert.deepEqual(calls.at(-1)?.depth, 8)
  assert.deepEqual(
    calls.map(({ call }) => call.answer?.stopped).filter((words) => words !== null),
    ['it is 8 calls deep here, as in a loop of upstreams: nobody further was asked'],
  )
})

test('a loop that doubles with each step ends after 256 calls in all', async (context) => {
  const port = await freePort()
  const self = `http://127.0.0.1:${port}`
  const kuard = await startWith(context, [self, self, self, self], `--address=127.0.0.1:${port}`)
  const tree = await chainOf(kuard, { 'kuard-calls': '999' })
  const calls = callsIn(tree)
  assert.ok(calls.length > 150 && calls.length <= 256, `there were ${calls.length}`)
  assert.equal(tree.failed, 0)
  const last = calls.find(({ call }) => call.answer?.calls.length === 2)
  assert.equal(
    last?.call.answer?.stopped,
    '2 of 4 upstreams were asked: one request leads to no more than 256 calls',
  )
})

test('when the client leaves, so do the calls on its behalf', async (context) => {
  let [taken, left] = [0, 0]
  const silent = await startSocketServer(context, (socket) => {
    taken += 1
    socket.on('data', () => undefined).on('close', () => (left += 1))
  })
  const front = await startWith(context, [(await startWith(context, [silent.url, silent.url])).url])
  const client = new AbortController()
  const asked = fetch(`${front.url}/chain`, { signal: client.signal })
  await eventually('both to be asked', () => taken === 2)
  client.abort()
  await assert.rejects(asked)
  await eventually('both to be left', () => left === 2)
  await front.logged(/GET \/chain 499/)
  assert.doesNotMatch(front.output, /failed/)
})

test('of a huge answer no more is read than 1 MiB, and all upstreams share that', async (context) => {
  let sent = 0
  const endless = await startHttpServer(context, (_request, response) => {
    const more = () => {
      while (response.write('x'.repeat(65_536))) sent += 65_536
    }
    response.on('drain', more)
    more()
  })
  for (const count of [1, 4]) {
    const { calls } = await chainOf(await startWith(context, Array<string>(count).fill(endless.url)))
    for (const { bytes, bodyIsCut, error } of calls)
      assert.deepEqual([bytes, bodyIsCut, error], [2 ** 20 / count, true, null])
  }
  assert.ok(sent < 50_000_000)
})

test('a chain that no kuard can have made is not passed on', async (context) => {
  const call = await callOf(context, backend.url)
  const tree = await chainOf(backend)
  let deep = tree
  for (let level = 0; level < 1000; level += 1) deep = { ...tree, calls: [{ ...call, answer: deep }] }
  const odd = await startHttpServer(context, ({ url }, response) => {
    const answer = url === '/deep' ? deep : { ...tree, failed: -1 }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  for (const path of ['deep', 'negative'])
    assert.equal((await callOf(context, `${odd.url}${path}`)).answer, null, path)
})

test('connections are kept from one request to the next', async (context) => {
  let connections = 0
  const { url, server } = await startHttpServer(context, (_request, response) => {
    response.end()
  })
  server.on('connection', () => (connections += 1))
  const kuard = await startWith(context, [url])
  for (let asked = 0; asked < 5; asked += 1) await chainOf(kuard)
  assert.equal(connections, 1)
})

test('a chain changes nothing, so --read-only leaves it, and --disable=chain takes it away', async (context) => {
  const readOnly = await startWith(context, [backend.url], '--read-only')
  assert.equal((await chainOf(readOnly)).calls[0]?.answer?.pod, 'backend')
  const disabled = await startWith(context, [backend.url], '--disable=chain')
  assert.equal((await disabled.get('/chain')).status, 404)
})

test('an upstream that can’t be one is named', async (context) => {
  const bad = [
    ['backend:8080', 'backend:8080 must begin with http:// or https://'],
    ['backend', 'backend must be a URL such as http://backend:8080'],
    ['http://user:word@backend', 'must not hold a user name or password'],
    ['http://backend/chain#top', 'http://backend/chain#top must be a URL without #'],
    ['http://169.254.169.254/', 'metadata service, which is never asked'],
    [Array<string>(17).fill('http://backend').join(','), 'there may be 16 at most'],
  ] as const
  for (const [url, words] of bad) {
    const { code, output } = await runKuard(context, [`--upstream=${url}`])
    assert.equal(code, 2, url)
    assert.ok(output.includes(words), output)
    assert.match(output, /--upstream/)
    assert.doesNotMatch(output, /word@/)
  }
})
