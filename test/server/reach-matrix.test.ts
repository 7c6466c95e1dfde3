/** The targets that are tried each second, for as long as somebody looks. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ReachMatrix } from '../../server/features/reach/wire.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { startSocketServer } from '../support/odd-server.ts'

const put = async (kuard: Kuard, targets: readonly string[]): Promise<void> => {
  const { status, text } = await kuard.put('/reach/targets', { targets })
  assert.equal(status, 200, text)
}

const look = (context: TestContext, kuard: Kuard) =>
  readEvents(context, kuard.port, '/events?topics=reach;rate=10')

const ends = ({ targets }: ReachMatrix) => targets.map(({ latest }) => latest?.end)

test('a lamp follows its target: refused, then reached, and since when', async (context) => {
  const kuard = await startKuard(context)
  const port = await freePort()
  await put(kuard, [`127.0.0.1:${port}`])
  const reader = await look(context, kuard)
  const refused = await reader.latest('reach', ReachMatrix, (matrix) => ends(matrix)[0] === 'refused')

  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  const { targets } = await reader.latest('reach', ReachMatrix, (matrix) => ends(matrix)[0] === 'reached')
  const [lamp] = targets
  assert.equal(lamp?.latest?.words, `127.0.0.1:${port} takes connections.`)
  assert.equal(lamp.since, lamp.history.find(({ end }) => end === 'reached')?.time)
  assert.deepEqual([...new Set(lamp.history.map(({ end }) => end))], ['refused', 'reached'])
  assert.notEqual(lamp.since, refused.targets[0]?.since)
})

test('nothing is tried before somebody looks, and nothing after the last has left', async (context) => {
  const kuard = await startKuard(context)
  let tried = 0
  const { port } = await startSocketServer(context, (socket) => {
    tried += 1
    socket.end()
  })
  await put(kuard, [`127.0.0.1:${port}`])
  const answer = await kuard.get('/reach/targets')
  assert.equal(answer.json(ReachMatrix).targets[0]?.latest, null)
  assert.equal(tried, 0)

  const [one, other] = [await look(context, kuard), await look(context, kuard)]
  await eventually('a second try', () => tried >= 2)
  one.socket.destroy()
  const before = tried
  await eventually('tries for who is still there', () => tried > before + 1)
  other.socket.destroy()
  await eventually('an end of the tries', async () => {
    const last = tried
    // Longer than from one to the next.
    await sleep(2500)
    return tried === last
  })
})

test('targets are shared, keep their history when others come, and a bad one changes nothing', async (context) => {
  const kuard = await startKuard(context)
  const [first, second] = [`127.0.0.1:${kuard.port}`, `http://127.0.0.1:${kuard.port}/missing`]
  await put(kuard, [first])
  const reader = await look(context, kuard)
  await reader.latest('reach', ReachMatrix, ({ targets }) => (targets[0]?.history.length ?? 0) >= 2)
  await put(kuard, [second, first])
  const { targets } = await reader.latest('reach', ReachMatrix, (matrix) => ends(matrix)[1] === 'bad status')
  assert.deepEqual(
    targets.map(({ target }) => target),
    [first, second],
  )
  assert.ok((targets[0]?.history.length ?? 0) >= 2)

  const bad = await kuard.put('/reach/targets', { targets: [first, 'gopher://x'] })
  assert.deepEqual([bad.status, bad.text.startsWith('gopher://x: there is no gopher:')], [400, true])
  const many = Array.from({ length: 21 }, (_, index) => `127.0.0.1:${index + 1}`)
  assert.equal((await kuard.put('/reach/targets', { targets: many })).status, 400)
  assert.equal((await kuard.put('/reach/targets', { targets: [first, first] })).status, 400)
  assert.equal((await kuard.get('/reach/targets')).json(ReachMatrix).targets.length, 2)
})

test('a target that is silent is tried once at a time, and the others each second', async (context) => {
  const kuard = await startKuard(context)
  let taken = 0
  const { url } = await startSocketServer(context, () => (taken += 1))
  await put(kuard, [url, kuard.url])
  const reader = await look(context, kuard)
  const of = ({ targets }: ReachMatrix, name: string) => targets.find(({ target }) => target === name)
  const matrix = await reader.latest('reach', ReachMatrix, (one) => of(one, url)?.latest?.end === 'timed out')
  assert.equal(of(matrix, kuard.url)?.latest?.end, 'reached')
  assert.ok((of(matrix, kuard.url)?.history.length ?? 0) >= 2, 'the other one is tried meanwhile')
  // That one has ended, and perhaps the next has begun.
  assert.ok(taken <= 2, `${taken} tries in the time of one`)
})

test('what is under way to a target that is taken away is given up at once', async (context) => {
  const kuard = await startKuard(context)
  const closed = new Set<unknown>()
  const open = new Set<unknown>()
  const { port } = await startSocketServer(context, (socket) => {
    open.add(socket)
    socket.resume().on('close', () => closed.add(socket))
  })
  await look(context, kuard)
  await put(kuard, [`redis://127.0.0.1:${port}`])
  await eventually('a connection', () => open.size > 0)
  const start = performance.now()
  await put(kuard, [])
  await eventually('its end', () => closed.size > 0)
  assert.ok(performance.now() - start < 2500)
})
