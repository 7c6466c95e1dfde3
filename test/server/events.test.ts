/** The event stream, over HTTP. */
import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Type } from 'typebox'
import { WatchEvent } from '../../server/features/files/wire.ts'
import { ProbeStatus } from '../../server/features/probe/wire.ts'
import { frameOf } from '../../server/live/frame.ts'
import { EventHub } from '../../server/live/hub.ts'
import { Changes } from '../../server/state/topic.ts'
import { StreamIdentity } from '../../server/live/wire.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'
import { startTlsKuard } from '../support/tls.ts'

/** How many streams the server has open, as its metrics say. */
async function openStreams(kuard: Kuard): Promise<number> {
  const { text } = await kuard.get('/metrics')
  return Number(/^event_streams (\d+)$/m.exec(text)?.[1])
}

test('a stream opens with who answers and the state of each topic, under every prefix', async (context) => {
  const kuard = await startKuard(context, ['--liveness-fail-next=3'])
  for (const prefix of prefixes) {
    const reader = await readEvents(context, kuard.port, `${prefix}/events`)
    const { statusCode, headers } = reader.response
    assert.deepEqual([statusCode, headers['content-type']], [200, 'text/event-stream'])
    assert.deepEqual([headers['cache-control'], headers['x-accel-buffering']], ['no-cache', 'no'])
    assert.ok(headers['x-served-by'])
    const liveness = await reader.latest('liveness', ProbeStatus, () => true)
    assert.equal(liveness.failNext, 3)
    await reader.latest('readiness', ProbeStatus, ({ failNext }) => failNext === 0)
    const topics = ['identity', 'liveness', 'readiness', 'memory', 'keygen', 'memq']
    await eventually('every topic', () => topics.every((topic) => reader.names.includes(topic)))
    assert.equal(reader.names[0], 'identity')
    const [identity] = reader.states('identity', StreamIdentity)
    assert.equal(identity?.hostname, headers['x-served-by'])
    assert.ok(identity.features.includes('events') && identity.features.includes('liveness'))
    assert.ok(Math.abs(Date.parse(identity.time) - Date.now()) < 5_000)
  }
})

test('a change reaches every stream', async (context) => {
  const kuard = await startKuard(context)
  const readers = await Promise.all([1, 2, 3].map(() => readEvents(context, kuard.port)))
  await kuard.put('/ready/api', { failNext: 7 })
  for (const reader of readers)
    await reader.latest('readiness', ProbeStatus, ({ failNext }) => failNext === 7)
})

test('a topic has at most ten events a second, and the latest state always comes', async (context) => {
  const kuard = await startKuard(context)
  const reader = await readEvents(context, kuard.port)
  const began = performance.now()
  let failNext = 0
  while (performance.now() - began < 2_000 || failNext <= 40) {
    failNext += 1
    await kuard.put('/healthy/api', { failNext })
  }
  await reader.latest('liveness', ProbeStatus, (status) => status.failNext === failNext)
  const seconds = (performance.now() - began) / 1000
  const events = reader.states('liveness', ProbeStatus).length
  assert.ok(events <= Math.ceil(seconds * 10) + 2, `${events} events in ${seconds} seconds`)
})

test('a feature that is switched off has no topic, and is not among those that are on', async (context) => {
  const kuard = await startKuard(context, ['--disable=liveness'])
  const reader = await readEvents(context, kuard.port)
  await reader.latest('readiness', ProbeStatus, () => true)
  assert.ok(!reader.names.includes('liveness'))
  assert.ok(!reader.states('identity', StreamIdentity)[0]?.features.includes('liveness'))
})

test('without the events feature there is no stream', async (context) => {
  const kuard = await startKuard(context, ['--disable=events'])
  assert.equal((await kuard.get('/events')).status, 404)
})

test('HEAD answers the headers of a stream and ends', async (context) => {
  const kuard = await startKuard(context)
  const answer = await kuard.ask('HEAD', '/events')
  assert.deepEqual(
    [answer.status, answer.headers['content-type'], answer.text],
    [200, 'text/event-stream', ''],
  )
  assert.equal(await openStreams(kuard), 0)
})

test('a heartbeat shows that a quiet stream is alive', async (context) => {
  const kuard = await startKuard(context)
  const reader = await readEvents(context, kuard.port)
  await eventually('a heartbeat', () => reader.names.includes('heartbeat'))
})

test('streams whose clients have left are forgotten, and do not count as slow requests', async (context) => {
  const kuard = await startKuard(context)
  const readers = await Promise.all(Array.from({ length: 20 }, () => readEvents(context, kuard.port)))
  assert.equal(await openStreams(kuard), 20)
  for (const reader of readers) reader.socket.resetAndDestroy()
  await eventually('no stream to be open', async () => (await openStreams(kuard)) === 0)
  assert.doesNotMatch((await kuard.get('/metrics')).text, /request_duration_seconds\w*{[^}]*"\/events"/)
})

test('a thousand streams leave the probes quick, and one too many is refused', async (context) => {
  const kuard = await startKuard(context)
  await openSockets(context, kuard, 1000)
  const times: number[] = []
  for (let probe = 0; probe < 200; probe += 1) {
    const asked = performance.now()
    assert.equal((await kuard.get('/healthy')).status, 200)
    times.push(performance.now() - asked)
  }
  times.sort((one, other) => one - other)
  const [median = Infinity, slowest = Infinity] = [times[100], times.at(-1)]
  context.diagnostic(`a probe took ${median.toFixed(1)} ms, the slowest ${slowest.toFixed(1)} ms`)
  assert.ok(median < 100, `the probes took ${median} ms`)
  assert.ok(slowest < 1_000, `the slowest probe took ${slowest} ms`)

  await openSockets(context, kuard, 4096 - 1000)
  const refused = await kuard.get('/events')
  assert.deepEqual([refused.status, refused.text], [503, 'there are 4096 event streams already\n'])
})

/** Opens streams and reads on, whatever comes; resolves when all have been answered. */
async function openSockets(context: TestContext, kuard: Kuard, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  context.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (let opened = 0; opened < count; opened += 1) {
    const socket = connect(kuard.port, '127.0.0.1').on('error', () => undefined)
    sockets.push(socket)
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.resume()
  }
  return sockets
}

test('a client that stops reading holds nothing up, and reads the latest state when it goes on', async (context) => {
  const changes = new Changes()
  let count = 0
  const topic = {
    snapshot: () => ({ count, filling: 'x'.repeat(4 << 20) }),
    subscribe: changes.subscribe,
  }
  const topics = { single: new Map([['topic', topic]]), families: new Map<string, never>() }
  const hub = new EventHub(topics, () => undefined, 1e9)
  const responses: ServerResponse[] = []
  const server = createServer((_request, response) => {
    responses.push(response)
    hub.open({
      wanted: [{ topic: 'topic', rate: 10 }],
      hello: frameOf('hello', {}),
      begin: () => response,
    })
  })
  context.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Every TCP listener has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const [slow, quick] = [await readEvents(context, port), await readEvents(context, port)]
  const Count = Type.Object({ count: Type.Integer() })
  slow.response.pause()

  for (count = 1; count <= 20; count += 1) {
    const expected = count
    changes.announce()
    await quick.latest('topic', Count, (state) => state.count === expected)
  }
  count = 20
  const waiting = Math.max(...responses.map(({ writableLength }) => writableLength))
  assert.ok(waiting < 3 * (4 << 20), `${waiting} bytes wait for the client`)
  slow.response.resume()
  await slow.latest('topic', Count, (state) => state.count === 20)
  assert.ok(slow.states('topic', Count).length < 15)
  quick.socket.destroy()
  slow.socket.destroy()
  await eventually('both to be forgotten', () => hub.size === 0)
})

test('streams tell of the shutdown, last as long as requests are served, and then end', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=1'])
  const reader = await readEvents(context, kuard.port)
  const stuck = await readEvents(context, kuard.port)
  stuck.response.pause()
  await reader.latest('readiness', ProbeStatus, () => true)
  const terminated = performance.now()
  const ending = kuard.terminate()
  await reader.latest('readiness', ProbeStatus, ({ shuttingDown }) => shuttingDown === true)
  await reader.ended
  assert.ok(performance.now() - terminated >= 990)
  assert.ok(reader.response.complete, 'the stream was cut')
  assert.deepEqual(await ending, { code: 0, signal: null })
  assert.ok(performance.now() - terminated < 10_000)
})

test('a stream over HTTPS is as one over HTTP, and ends like it', async (context) => {
  const { kuard, tlsPort } = await startTlsKuard(context)
  const reader = await readEvents(context, tlsPort, '/events', 'https')
  await kuard.put('/ready/api', { failNext: 7 })
  await reader.latest('readiness', ProbeStatus, ({ failNext }) => failNext === 7)
  assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
  await reader.ended
  assert.ok(reader.response.complete, 'the stream was cut')
})

test('a watched file tells of the swap by which Kubernetes updates a ConfigMap', async (context) => {
  const folder = temporaryFolder(context)
  const publish = async (version: string) => {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'colour'), version)
    await symlink(version, join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
  }
  await publish('..1')
  await symlink('..data/colour', join(folder, 'colour'))

  const kuard = await startKuard(context)
  const path = join(folder, 'colour')
  const reader = await readEvents(context, kuard.port, `/b/events?watch=${encodeURIComponent(path)}`)
  const first = await reader.latest('watch', WatchEvent, () => true)
  assert.deepEqual([first.path, first.state.exists], [path, true])
  await publish('..2')
  await reader.latest('watch', WatchEvent, ({ state }) => state.target === join(folder, '..2/colour'))
  await rm(join(folder, '..data'))
  await reader.latest('watch', WatchEvent, ({ state }) => !state.exists)
})

test('all streams together watch 1024 paths and not one more, however many a stream asks for', async (context) => {
  const kuard = await startKuard(context)
  const folder = temporaryFolder(context)
  let asked = 0
  const watch = (count: number) => {
    const paths = Array.from({ length: count }, () => `watch=${folder}/${(asked += 1)}`)
    return readEvents(context, kuard.port, `/events?${paths.join('&')}`)
  }
  await watch(15)
  for (let stream = 0; stream < 63; stream += 1) await watch(16)
  const tooMany = await watch(16)
  assert.equal(tooMany.response.statusCode, 503)
  const again = await readEvents(context, kuard.port, `/events?watch=${folder}/1&watch=${folder}/2`)
  const last = await watch(1)
  const more = await watch(1)
  const statuses = [again, last, more].map(({ response }) => response.statusCode)
  assert.deepEqual(statuses, [200, 200, 503])
})

test('what can not be watched is refused in plain words', async (context) => {
  const kuard = await startKuard(context, ['--disable=files'])
  const many = Array.from({ length: 17 }, (_, index) => `watch=/${index}`).join('&')
  for (const query of [many, 'watch=', 'watch=/etc']) {
    const answer = await kuard.get(`/events?${query}`)
    assert.equal(answer.status, 400)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.match(answer.text, /watch/)
  }
})
