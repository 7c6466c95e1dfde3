/** Where Reach says that it ended: names, connections, limits, and what is never asked. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard } from '../support/kuard.ts'
import { loopback, serveDns, startDnsmasq } from '../support/name-servers.ts'
import { startHttpServer, startSocketServer } from '../support/odd-server.ts'
import { reach, stepsOf } from '../support/reach.ts'
import { etcFiles, whyNoResolvConf } from '../support/resolv-conf.ts'

const lifetime = wholeLifetime()
const kuard = await startKuard(lifetime)
const needsRoot = { skip: whyNoResolvConf() }

test('a port that nothing listens on refuses, and what that means is said', async () => {
  const port = await freePort()
  const report = await reach(kuard, `127.0.0.1:${port}`)
  assert.deepEqual([report.reached, report.end], [false, 'refused'])
  assert.equal(report.words, `127.0.0.1:${port}: refused.`)
  assert.match(report.hints.join(), new RegExp(`Nothing listens on port ${port}`))
  assert.deepEqual(stepsOf(report), ['connect failed'])
})

test('a reset, silence, a slow head, an endless body and a flood of headers all end in time', async (context) => {
  const resetting = await startSocketServer(context, (socket) => socket.resetAndDestroy())
  assert.equal((await reach(kuard, resetting.url)).end, 'cut off')
  const silent = await startSocketServer(context, () => undefined)
  const nothing = await reach(kuard, silent.url, 600)
  assert.deepEqual([nothing.end, stepsOf(nothing).at(-1)], ['timed out', 'first byte given up'])
  const slow = await startSocketServer(context, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('x: y\r\n'), 50)
    socket.on('close', () => {
      clearInterval(timer)
    })
  })
  assert.equal((await reach(kuard, slow.url, 600)).end, 'timed out')
  const endless = await startHttpServer(context, (_request, response) => {
    const timer = setInterval(() => response.write('tick\n'), 50)
    response.on('close', () => {
      clearInterval(timer)
    })
  })
  const stream = await reach(kuard, endless.url)
  assert.deepEqual([stream.end, stream.answer?.bodyIsCut], ['reached', true])
  const stalling = await startHttpServer(context, (_request, response) => {
    response.writeHead(200, { 'content-length': 5000 }).write('begun')
  })
  const stalled = await reach(kuard, stalling.url, 600)
  assert.deepEqual([stalled.end, stalled.answer?.body], ['timed out', 'begun'])
  assert.match(stalled.hints.join(), /MTU/)
  const flood = await startSocketServer(context, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${'x: '.padEnd(1000, 'y')}\r\n`.repeat(100))
  })
  const flooded = await reach(kuard, flood.url)
  assert.deepEqual([flooded.end, flooded.answer], ['odd answer', null])
})

const refused = [
  '169.254.169.254',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'https://169.254.169.254./',
  'redis://2852039166:80',
  '100.100.100.200:80',
  '[::ffff:169.254.169.254]:80',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[fd00:ec2::254]/',
  '[fd00:ec2::254%lo]:80',
  '[fd00:0ec2:0:0:0:0:0:0254]:80',
  'dns://169.254.169.254/web.test',
]
for (const target of refused) {
  test(`a metadata service is not asked: ${target}`, async () => {
    const report = await reach(kuard, target, 1000)
    assert.deepEqual([report.reached, report.end], [false, 'not allowed'], report.words)
    assert.ok(report.steps.every(({ kind }) => kind !== 'connect'))
    assert.match(report.words, /--reach-metadata/)
  })
}

test('with --reach-metadata it is asked', async (context) => {
  const { end } = await reach(await startKuard(context, ['--reach-metadata']), '169.254.169.254:80', 300)
  assert.notEqual(end, 'not allowed')
})

test('targets that can’t be read are refused with the reason', async () => {
  for (const target of [
    '',
    'a b',
    'ftp://x',
    'http://user:secret@kuard/',
    'kuard:0',
    'kuard:65536',
    'grpc://kuard',
    'dns://10.0.0.1',
    '[::1',
    `${'x'.repeat(64)}.test`,
    'a..b',
  ]) {
    const answer = await kuard.post('/reach/api', JSON.stringify({ target }))
    assert.equal(answer.status, 400, target)
    assert.ok(!answer.text.includes('secret'))
  }
})

/** A server whose name server knows a Service of its own namespace and one of another, as in a pod. */
async function startInCluster(context: Parameters<typeof startDnsmasq>[0], hosts = '127.0.0.1 localhost\n') {
  const { address } = await startDnsmasq(
    context,
    [
      '--host-record=kuard.default.svc.cluster.local,127.0.0.1',
      '--host-record=rebind.test,169.254.169.254',
      '--host-record=both.test,127.0.0.1,::1',
      '--txt-record=text.default.svc.cluster.local,x',
      '--local=/cluster.local/other/',
    ],
    53,
  )
  const search = 'search default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n'
  const etc = await etcFiles(context, { 'resolv.conf': `nameserver ${address}\n${search}`, hosts })
  return startKuard(context, [], { under: etc.under })
}

test('a Service’s short name: the full name, its address, and the answer', needsRoot, async (context) => {
  const inCluster = await startInCluster(context)
  const report = await reach(inCluster, `http://kuard:${inCluster.port}/healthy`)
  assert.equal(report.end, 'reached', report.words)
  assert.deepEqual(report.names[0], {
    name: 'kuard.default.svc.cluster.local.',
    type: 'A',
    status: 'NOERROR',
    server: report.names[0]?.server ?? null,
  })
  assert.deepEqual(report.addresses, [
    { address: '127.0.0.1', from: 'dns', end: 'reached', words: 'connected' },
  ])
})

test('no such name: each name tried, and where else it may be', needsRoot, async (context) => {
  const inCluster = await startInCluster(context)
  const missing = await reach(inCluster, 'http://queue/')
  assert.equal(missing.end, 'no such name')
  assert.deepEqual(missing.names.map(({ name, status }) => `${name} ${status}`).slice(0, 2), [
    'queue.default.svc.cluster.local. NXDOMAIN',
    'queue.svc.cluster.local. NXDOMAIN',
  ])
  assert.match(missing.hints.join(), /no Service queue in the namespace default.*queue\.NAMESPACE/)
  const other = await reach(inCluster, 'queue.other:80')
  assert.match(other.hints.join(), /no Service queue in a namespace other/)
  assert.equal((await reach(inCluster, 'text')).end, 'no address')
  // Where the cluster's DNS can't ask on, as in one without a way out, it fails at the name alone.
  const without = await reach(inCluster, 'queue.away:80')
  assert.equal(without.end, 'no name server')
  assert.match(without.hints.join(), /no Service queue in a namespace away/)
})

test(
  'a name that stands for a metadata service is not asked, by DNS or by /etc/hosts',
  needsRoot,
  async (context) => {
    const inCluster = await startInCluster(context, '169.254.169.254 harmless\n')
    for (const target of ['http://rebind.test./', 'http://harmless/']) {
      const report = await reach(inCluster, target)
      assert.equal(report.end, 'not allowed', report.words)
      assert.ok(report.steps.every(({ kind }) => kind !== 'connect'))
    }
  },
)

test('every address of a name is tried, and one that refuses is no end', needsRoot, async (context) => {
  const inCluster = await startInCluster(context)
  const report = await reach(inCluster, `both.test.:${inCluster.port}`)
  assert.equal(report.end, 'reached')
  assert.deepEqual(
    report.addresses.map(({ address, end }) => [address, end === 'reached']),
    [
      ['127.0.0.1', true],
      ['::1', false],
    ],
  )
})

test('name servers that are silent end in time, as no name server', needsRoot, async (context) => {
  const { address } = await serveDns(context, { udp: () => [] }, { address: loopback(), port: 53 })
  const etc = await etcFiles(context, { 'resolv.conf': `nameserver ${address}\n` })
  const own = await startKuard(context, [], { under: etc.under })
  const report = await reach(own, 'http://kuard/', 800)
  assert.equal(report.end, 'no name server')
  assert.ok(report.milliseconds < 5000)
  assert.match(report.hints.join(), /port 53/)
})

test('a client that leaves ends what it asked for', async (context) => {
  let open = 0
  const { url } = await startSocketServer(context, (socket) => {
    open += 1
    socket.resume().on('close', () => (open -= 1))
  })
  const asked = request({
    port: kuard.port,
    host: '127.0.0.1',
    path: '/reach/api',
    method: 'POST',
    agent: false,
  })
  asked.on('error', () => undefined).end(JSON.stringify({ target: url, timeoutMs: 30_000 }))
  await eventually('the connection', () => open === 1)
  asked.destroy()
  await eventually('its end', () => open === 0)
})

test('with --read-only nothing is tried', async (context) => {
  const readOnly = await startKuard(context, ['--read-only'])
  assert.equal((await readOnly.post('/reach/api', JSON.stringify({ target: readOnly.url }))).status, 403)
  assert.equal((await readOnly.put('/reach/targets', { targets: [] })).status, 403)
})
