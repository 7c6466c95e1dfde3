/** What a client of the event stream asks for: which topics, how often, large ones as changes, once; and what it is told when a state can't be read. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Type } from 'typebox'
import { WatchEvent } from '../../server/features/files/wire.ts'
import { MemqState, QueueStats } from '../../server/features/memq/wire.ts'
import { ProbeStatus } from '../../server/features/probe/wire.ts'
import { frameOf } from '../../server/live/frame.ts'
import { EventHub } from '../../server/live/hub.ts'
import { ChangesEvent, FailureEvent } from '../../server/live/wire.ts'
import { Changes, type Topic } from '../../server/state/topic.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents, type EventReader } from '../support/event-stream.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

/** The last event's kind, so that all before it has come as well. */
const heartbeat = (reader: EventReader) => eventually('a heartbeat', () => reader.names.includes('heartbeat'))

const namesIn = (reader: EventReader) =>
  [...new Set(reader.names)].filter((name) => name !== 'heartbeat').sort()

test('a stream tells of the topics that it was asked for, and of nothing else', async (context) => {
  const kuard = await startKuard(context)
  const asked = [
    ['/events?topics=liveness,memq', ['identity', 'liveness', 'memq']],
    ['/events?topics=', ['identity']],
    ['/events?topics=&watch=/etc', ['identity', 'watch']],
    ['/events?topics=readiness,watch;rate=1;of=%252Fetc', ['identity', 'readiness', 'watch']],
    ['/events?topics=readiness,soon&lenient=true', ['identity', 'readiness']],
  ] as const
  const readers = await Promise.all(asked.map(([path]) => readEvents(context, kuard.port, path)))
  await kuard.get('/healthy')
  for (const [index, [path, names]] of asked.entries()) {
    const reader = readers[index]
    assert.ok(reader)
    await heartbeat(reader)
    assert.deepEqual(namesIn(reader), names, path)
  }
  const [watch] = readers[3]?.states('watch', WatchEvent) ?? []
  assert.deepEqual([watch?.path, watch?.state.kind], ['/etc', 'directory'])
})

test('what can not be told is refused, with what there is', async (context) => {
  const kuard = await startKuard(context, ['--disable=memory'])
  const refusals = [
    [
      'topics=liveness,soon',
      /there is no "soon"; there are liveness, readiness, keygen, memq, container, reach, cluster, .*, watch;of=\.\.\./,
    ],
    ['topics=memory', /there is no "memory"/],
    ['topics=watch', /watch needs ;of=/],
    ['topics=memq;of=x', /memq takes no ;of=/],
    ['topics=memq;rate=0', /a rate is a whole number of events a second from 1 to 10/],
    ['topics=memq;rate=11', /rate/],
    ['topics=memq;pace=1', /rate=N or of=TEXT, not pace=1/],
    ['topics=watch;of=%25zz', /percent-encoded/],
    ['topics=watch;of=etc', /slash/],
    ['topics=memq&lenient=perhaps', /lenient/],
    ['topics=memq&topics=keygen', /topics/],
    [`topics=${'memq,'.repeat(100)}`, /64/],
  ] as const
  for (const [query, words] of refusals) {
    const { status, text } = await kuard.get(`/events?${query}`)
    assert.equal(status, 400, query)
    assert.match(text, words)
  }
})

test('a topic comes as often as it was asked for, and at once to who asks anew', async (context) => {
  const kuard = await startKuard(context)
  const slow = await readEvents(context, kuard.port, '/events?topics=liveness;rate=1')
  await slow.latest('liveness', ProbeStatus, () => true)
  const began = performance.now()
  let failNext = 0
  while (performance.now() - began < 2_000) {
    failNext += 1
    await kuard.put('/healthy/api', { failNext })
  }
  const asked = performance.now()
  const late = await readEvents(context, kuard.port, '/events?topics=liveness;rate=1')
  await late.latest('liveness', ProbeStatus, (status) => status.failNext === failNext)
  const [first] = late.events.filter(({ name }) => name === 'liveness')
  assert.ok(first && first.time - asked < 800, 'a newcomer waits for the others’ turn')
  await slow.latest('liveness', ProbeStatus, (status) => status.failNext === failNext)
  const seconds = (performance.now() - began) / 1000
  const events = slow.states('liveness', ProbeStatus).length
  assert.ok(events <= Math.ceil(seconds) + 2, `${events} events in ${seconds} seconds`)
})

test('a stream that is asked for once ends when all has been told', async (context) => {
  const kuard = await startKuard(context)
  for (const [query, names] of [
    ['topics=liveness,memq&watch=/etc', ['identity', 'liveness', 'memq', 'watch']],
    ['topics=', ['identity']],
  ] as const) {
    const reader = await readEvents(context, kuard.port, `/events?${query}&once=true`)
    await reader.ended
    assert.ok(reader.response.complete)
    assert.deepEqual(namesIn(reader), names)
  }
})

/** As a page does: the state that was told whole, with the changes since. */
function queuesIn(reader: EventReader): Map<string, QueueStats> {
  const queues = new Map<string, QueueStats>()
  for (const { name, data } of reader.events) {
    if (name === 'memq') {
      queues.clear()
      for (const queue of (data as MemqState).queues) queues.set(queue.name, queue)
    } else if (name === 'changes') {
      const { set, removed } = data as ChangesEvent
      for (const gone of removed) queues.delete(gone)
      for (const queue of set as QueueStats[]) queues.set(queue.name, queue)
    }
  }
  return queues
}

const queueName = (index: number) => `queue-${String(index).padStart(5, '0')}`

async function createQueues(kuard: Kuard, count: number): Promise<void> {
  for (let from = 0; from < count; from += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        kuard.ask('PUT', `/memq/server/queues/${queueName(from + index)}`),
      ),
    )
}

test('thousands of queues are told whole once, and then what is different', async (context) => {
  const count = 3_000
  const kuard = await startKuard(context, ['--memq-max-bytes=100000000'])
  await createQueues(kuard, count)
  const reader = await readEvents(context, kuard.port, '/events?topics=memq')
  const { queues } = await reader.latest('memq', MemqState, () => true)
  assert.equal(queues.length, count)
  const before = reader.socket.bytesRead

  for (let index = 0; index < 30; index += 1) {
    await kuard.post(`/memq/server/queues/${queueName(index * 7)}/enqueue`, 'work')
    if (index % 10 === 0) await kuard.ask('DELETE', `/memq/server/queues/${queueName(2_000 + index)}`)
  }
  await kuard.ask('PUT', '/memq/server/queues/a-new-one')
  await eventually('the new queue', () => queuesIn(reader).has('a-new-one'))
  const bytes = reader.socket.bytesRead - before
  assert.ok(bytes < 20_000, `34 changes took ${bytes} bytes`)
  assert.equal(reader.states('memq', MemqState).length, 1)
  for (const { field, key, topic } of reader.states('changes', ChangesEvent))
    assert.deepEqual([topic, field, key], ['memq', 'queues', 'name'])

  // What the changes come to is what a newcomer is told whole, and its list is sorted.
  const other = await readEvents(context, kuard.port, '/events?topics=memq')
  const state = await other.latest('memq', MemqState, () => true)
  assert.deepEqual(
    state.queues,
    [...queuesIn(reader).values()].sort((one, two) => (one.name < two.name ? -1 : 1)),
  )
})

interface Shown {
  readonly port: number
  readonly reports: string[]
}

/** Serves a topic by a hub of its own. @param pace in bytes a second */
async function show(context: TestContext, topic: Topic, pace?: number): Promise<Shown> {
  const reports: string[] = []
  const topics = { single: new Map([['things', topic]]), families: new Map<string, never>() }
  const hub = new EventHub(topics, (name, error) => reports.push(`${name}: ${String(error)}`), pace)
  const server = createServer(({ url }, response) => {
    const once = url === '/once'
    const wanted = [{ topic: 'things', rate: 10 }]
    hub.open({ wanted, once, hello: frameOf('identity', {}), begin: () => response })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    hub.close()
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, reports }
}

const Things = Type.Object({ count: Type.Integer(), things: Type.Array(Type.Object({ id: Type.String() })) })

const Counted = Type.Object({ things: Type.Array(Type.Object({ count: Type.Integer() })) })

test('a stream brings a bounded number of bytes a second, and the latest state always comes', async (context) => {
  const changes = new Changes()
  let count = 0
  const topic = {
    snapshot: () => ({ count, things: [], filling: 'x'.repeat(100_000) }),
    subscribe: changes.subscribe,
  }
  const { port } = await show(context, topic, 1_000_000)
  const reader = await readEvents(context, port)
  // What may come at once is used up first.
  const changing = setInterval(() => {
    count += 1
    changes.announce()
  }, 20)
  context.after(() => {
    clearInterval(changing)
  })
  await eventually('the first of it', () => reader.socket.bytesRead > 4 << 20)
  const [before, began] = [reader.socket.bytesRead, performance.now()]
  await eventually('more of it', () => performance.now() - began > 3_000)
  const perSecond = ((reader.socket.bytesRead - before) * 1000) / (performance.now() - began)
  assert.ok(perSecond < 1_300_000, `${perSecond} bytes a second`)
  clearInterval(changing)
  const last = count
  changes.announce()
  await reader.latest('things', Things, (state) => state.count === last)
})

test('who has missed more changes than the whole state would take gets that, and nothing is lost', async (context) => {
  const changes = new Changes()
  const things = new Map(Array.from({ length: 200 }, (_, id) => [String(id), 0]))
  const entryOf = (id: string) => ({ id, count: things.get(id), filling: 'x'.repeat(20_000) })
  const topic: Topic = {
    snapshot: () => ({ count: things.size, things: [...things.keys()].sort().map(entryOf) }),
    subscribe: changes.subscribe,
    entries: { field: 'things', key: 'id', read: (id) => (things.has(id) ? entryOf(id) : undefined) },
  }
  const { port } = await show(context, topic, 1e9)
  const [slow, quick] = [await readEvents(context, port), await readEvents(context, port)]
  await slow.latest('things', Things, () => true)
  slow.response.pause()
  const countOf = (reader: EventReader, id: string): number => {
    const told = reader.events.flatMap(({ name, data }) =>
      name === 'things'
        ? (data as { things: unknown[] }).things
        : name === 'changes'
          ? (data as ChangesEvent).set
          : [],
    )
    return (told as { id: string; count: number }[]).findLast((thing) => thing.id === id)?.count ?? -1
  }
  for (let count = 1; count <= 12; count += 1) {
    for (const id of things.keys()) {
      things.set(id, count)
      changes.announce(id)
    }
    await eventually('the quick one to have it', () => countOf(quick, '199') === count)
  }
  slow.response.resume()
  await eventually('the slow one to have it', () => countOf(slow, '199') === 12)
  for (const id of things.keys()) assert.equal(countOf(slow, id), 12)
  assert.ok(
    slow.events.length < quick.events.length,
    `${slow.events.length} and ${quick.events.length} events`,
  )
})

test('of a state from elsewhere only the entries that have changed are read, after a look at it', async (context) => {
  const changes = new Changes()
  const there = new Map(['one', 'two'].map((id) => [id, 0]))
  let [here, isAway, snapshots] = [there, false, 0]
  const entryOf = (id: string) => ({ id, count: here.get(id) })
  const topic: Topic = {
    snapshot: () => {
      snapshots += 1
      return { count: isAway ? -1 : 0, things: [...here.keys()].map(entryOf) }
    },
    subscribe: changes.subscribe,
    entries: {
      field: 'things',
      key: 'id',
      read: entryOf,
      refresh: () => {
        if (isAway) return Promise.reject(new Error('away'))
        here = new Map(there)
        return Promise.resolve()
      },
    },
  }
  const { port } = await show(context, topic)
  const reader = await readEvents(context, port)
  await reader.latest('things', Things, () => true)
  const before = snapshots
  there.set('two', 5)
  changes.announce('two')
  await reader.latest('things', Counted, ({ things }) => things[1]?.count === 5)
  assert.equal(snapshots, before)
  isAway = true
  changes.announce('two')
  await reader.latest('things', Things, ({ count }) => count === -1)
})

test('a state that can not be read is told to everyone, newcomers too, and comes as soon as it can', async (context) => {
  const changes = new Changes()
  let [broken, count] = [false, 1]
  const topic: Topic = {
    snapshot: () => {
      if (broken) throw new Error('the disk is gone')
      return { count, things: [{ id: 'one' }] }
    },
    subscribe: changes.subscribe,
  }
  const { port, reports } = await show(context, topic)
  const reader = await readEvents(context, port)
  await reader.latest('things', Things, () => true)
  broken = true
  changes.announce()
  const words = { topic: 'things', message: 'the state of things can’t be read: the disk is gone' }
  const newcomer = await readEvents(context, port)
  const hurried = await readEvents(context, port, '/once')
  for (const told of [reader, newcomer, hurried])
    assert.deepEqual(await told.latest('failure', FailureEvent, () => true), words)
  await hurried.ended
  assert.deepEqual(reports, ['things: Error: the disk is gone'])
  broken = false
  count = 2
  for (const told of [reader, newcomer]) {
    await told.latest('things', Things, (state) => state.count === 2)
    assert.equal(told.names.at(-1), 'things')
  }
})
