/** MemQ's bookkeeping, whatever is done in whatever order: a store is held against a model of it. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { Clock } from '../../server/features/memq/clock.ts'
import { Line, type Item } from '../../server/features/memq/line.ts'
import { MemoryStore } from '../../server/features/memq/memory-store.ts'
import { redisAddress } from '../../server/features/memq/redis/address.ts'
import { RedisConnection } from '../../server/features/memq/redis/connection.ts'
import { RedisStore } from '../../server/features/memq/redis/store.ts'
import {
  RefusedError,
  type QueueStore,
  type Refusal,
  type Remembered,
} from '../../server/features/memq/store.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis, startRedisCluster, type Redis } from '../support/redis.ts'

/** So small that a run fills it now and then. */
const maxBytes = 10_000

/** So few that a run forgets some of them. */
const limits: Remembered = { seconds: 1800, count: 3 }

/** How long leases are, in seconds. */
const leaseSeconds = 3600

/** A clock that stands still until it is told. */
class StandingClock implements Clock {
  #time = 0
  readonly #due = new Map<object, { at: number; readonly run: () => void }>()

  now = () => this.#time

  after = (milliseconds: number, run: () => void) => {
    const alarm = {
      refresh: () => this.#due.set(alarm, { at: this.#time + milliseconds, run }),
      close: () => this.#due.delete(alarm),
    }
    alarm.refresh()
    return alarm
  }

  pass(milliseconds: number): void {
    this.#time += milliseconds
    for (const [alarm, { at, run }] of this.#due) {
      if (at > this.#time) continue
      this.#due.delete(alarm)
      run()
    }
  }
}

/** What a queue should be. Bodies count up, so that their order is the order in which they were enqueued. */
interface ModelQueue {
  /** Another for one that is made anew under the name. */
  readonly serial: number
  waiting: number[]
  readonly leases: Map<string, { readonly body: number; ends: number }>
  enqueued: number
  dequeued: number
  drained: number
}

/** What a store remembers for those who try again. */
interface Trace {
  readonly serial: number
  readonly at: number
}

interface Sent extends Trace {
  readonly key: string
  readonly queue: string
  readonly body: string
  readonly id: string
}

interface Model {
  /** In milliseconds. */
  time: number
  made: number
  /** In the order in which they were sent. */
  readonly sent: Sent[]
  /** By their leases, in the order in which they were acked. */
  readonly acked: Map<string, Trace>
  /** What has gone through queues that were deleted. */
  readonly past: { enqueued: number; dequeued: number; drained: number }
  readonly queues: Map<string, ModelQueue>
  /** Every lease there ever was, with its queue's name. */
  readonly leases: { readonly id: string; readonly queue: string }[]
  bodies: number
}

type Command = fc.AsyncCommand<Model, QueueStore>
/** What a command does to a queue that there is. */
type Act = (name: string, queue: ModelQueue, model: Model, store: QueueStore) => Promise<void>

function command(words: string, run: (model: Model, store: QueueStore) => Promise<void>): Command {
  return {
    toString: () => words,
    check: () => true,
    async run(model, store) {
      await run(model, store)
      await assertAgree(model, store)
    },
  }
}

/** A command about a queue; when there is none, the store has to say so. */
const onQueue = (action: string, name: string, act: Act): Command =>
  command(`${action} ${name}`, async (model, store) => {
    const queue = model.queues.get(name)
    await (queue
      ? act(name, queue, model, store)
      : assertRefused('queue unknown', async () => store.dequeue(name)))
  })

/** A command about any lease there ever was, or none. */
const onLease = (
  action: 'ack' | 'nack' | 'renew',
  pick: number,
  settle: (queue: ModelQueue, body: number, lease: string, model: Model) => void,
): Command =>
  command(`${action} ${pick}`, async (model, store) => {
    const lease = model.leases[pick % (model.leases.length + 1)] ?? { id: 'never was', queue: 'a' }
    const queue = model.queues.get(lease.queue)
    const body = queue?.leases.get(lease.id)?.body
    const run = async () => store[action](lease.queue, lease.id)
    if (!queue) return assertRefused('queue unknown', run)
    if (body !== undefined) {
      await run()
      settle(queue, body, lease.id, model)
      return
    }
    const traces = [...model.acked.values()]
    const memory = action === 'ack' ? memoryOf(model, queue, traces, model.acked.get(lease.id)) : 'none'
    if (memory === 'sure') await run()
    else if (memory === 'none') await assertRefused('lease gone', run)
    else await wasRefused(run)
  })

/** Whether a store still remembers something; beyond its limit it may. */
function memoryOf(
  { time }: Model,
  queue: ModelQueue,
  all: readonly Trace[],
  trace: Trace | undefined,
): 'sure' | 'perhaps' | 'none' {
  if (trace?.serial !== queue.serial || time - trace.at >= limits.seconds * 1000) return 'none'
  return all.slice(-limits.count).includes(trace) ? 'sure' : 'perhaps'
}

async function assertRefused(refusal: Refusal, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error) => error instanceof RefusedError && error.refusal === refusal)
}

/** Tells whether it was done, rather than refused for want of room. */
async function hadRoom(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (error instanceof RefusedError && error.refusal === 'full') return false
    throw error
  }
}

async function assertAgree(model: Model, store: QueueStore): Promise<void> {
  const [stats, totals] = await Promise.all([store.stats(), store.totals()])
  for (const { enqueued, depth, leased, dequeued, drained } of stats)
    assert.equal(enqueued, depth + leased + dequeued + drained)
  const { queues, waiting, leased, ...flow } = totals
  assert.equal(queues, stats.length)
  assert.equal(flow.enqueued, waiting + leased + flow.dequeued + flow.drained)
  const all = { ...model.past }
  for (const queue of model.queues.values()) addFlow(all, queue)
  assert.deepEqual(flow, all)
  assert.deepEqual(
    stats,
    [...model.queues.keys()].sort().map((name) => {
      const queue = model.queues.get(name)
      assert.ok(queue)
      const { enqueued, dequeued, drained, waiting, leases } = queue
      return { name, depth: waiting.length, enqueued, dequeued, drained, leased: leases.size }
    }),
  )
}

type Flow = Model['past']

function addFlow(sum: Flow, { enqueued, dequeued, drained }: Flow): void {
  sum.enqueued += enqueued
  sum.dequeued += dequeued
  sum.drained += drained
}

const create = (name: string): Command =>
  command(`create ${name}`, async (model, store) => {
    const run = async () => store.create(name)
    if (model.queues.has(name)) return assertRefused('queue exists', run)
    if (await hadRoom(run))
      model.queues.set(name, {
        serial: model.made++,
        waiting: [],
        leases: new Map(),
        enqueued: 0,
        dequeued: 0,
        drained: 0,
      })
  })

const remove: Act = async (name, queue, model, store) => {
  await store.delete(name)
  addFlow(model.past, { ...queue, drained: queue.drained + queue.waiting.length + queue.leases.size })
  model.queues.delete(name)
}

const drain: Act = async (name, queue, _model, store) => {
  await store.drain(name)
  queue.drained += queue.waiting.length
  queue.waiting = []
}

const enqueue: Act = async (name, queue, model, store) => {
  const body = model.bodies++
  if (!(await hadRoom(async () => store.enqueue(name, String(body))))) return
  queue.enqueued += 1
  queue.waiting.push(body)
}

const enqueueKeyed: Act = async (name, queue, model, store) => {
  await send(name, queue, model, store, `key-${model.bodies}`)
}

/** Puts in a message that is sent for the first time, or whose first time is forgotten. */
async function send(
  name: string,
  queue: ModelQueue,
  model: Model,
  store: QueueStore,
  key: string,
): Promise<void> {
  const number = model.bodies++
  const body = String(number)
  let id = ''
  const run = async () => ({ id } = await store.enqueue(name, body, key))
  if (!(await hadRoom(run))) return
  queue.enqueued += 1
  queue.waiting.push(number)
  model.sent.push({ key, queue: name, body, id, serial: queue.serial, at: model.time })
}

/** Sends a message again, or another under its key. */
const sendAgain = (pick: number, isOther: boolean): Command =>
  command(`send ${pick} again${isOther ? ' with another body' : ''}`, async (model, store) => {
    const sent = model.sent.at(pick % (model.sent.length + 1))
    if (!sent) return
    const { queue: name, key, body, id } = sent
    const queue = model.queues.get(name)
    const again = async () => store.enqueue(name, isOther ? `not ${body}` : body, key)
    if (!queue) return assertRefused('queue unknown', again)
    const memory = memoryOf(model, queue, model.sent, sent)
    // Either answer would do.
    if (memory === 'perhaps') return
    if (memory === 'none') {
      model.sent.splice(model.sent.indexOf(sent), 1)
      return send(name, queue, model, store, key)
    }
    if (isOther) return assertRefused('key reused', again)
    assert.equal((await again()).id, id)
  })

/** Has time pass for a store that lets it. @param seconds how much */
const wait = (clock: StandingClock, seconds: number): Command =>
  command(`wait ${seconds} s`, (model) => {
    model.time += seconds * 1000
    clock.pass(seconds * 1000)
    for (const queue of model.queues.values())
      for (const [lease, { body, ends }] of queue.leases) if (ends <= model.time) giveBack(queue, body, lease)
    return Promise.resolve()
  })

/** Takes the next message and holds it against the model's. */
async function takeNext(
  name: string,
  queue: ModelQueue,
  store: QueueStore,
  seconds?: number,
): Promise<{ body: number; lease: string | undefined } | undefined> {
  const delivery = await store.dequeue(name, seconds)
  const body = queue.waiting.shift()
  if (delivery.kind === 'empty') {
    assert.equal(body, undefined)
    assert.equal(delivery.leased, queue.leases.size)
    return undefined
  }
  assert.equal(delivery.body, String(body))
  return { body: Number(delivery.body), lease: delivery.lease }
}

const dequeue: Act = async (name, queue, _model, store) => {
  const taken = await takeNext(name, queue, store)
  assert.equal(taken?.lease, undefined)
  if (taken) queue.dequeued += 1
}

const lease: Act = async (name, queue, model, store) => {
  const taken = await takeNext(name, queue, store, leaseSeconds)
  if (!taken) return
  assert.ok(taken.lease)
  queue.leases.set(taken.lease, { body: taken.body, ends: model.time + leaseSeconds * 1000 })
  model.leases.push({ id: taken.lease, queue: name })
}

const leaseAndForget: Act = async (name, queue, model, store) => {
  const taken = await takeNext(name, queue, store, 0.001)
  if (!taken?.lease) return
  model.leases.push({ id: taken.lease, queue: name })
  await eventually('the lease to expire', async () => (await store.totals()).leased === leased(model))
  putBack(queue, taken.body)
}

/** What a lease leaves behind when its time is over and its queue is gone would show in the room at the end. */
const leaseAndDelete: Act = async (name, queue, model, store) => {
  const taken = await takeNext(name, queue, store, 0.001)
  if (taken?.lease !== undefined) queue.leases.set(taken.lease, { body: taken.body, ends: 0 })
  await remove(name, queue, model, store)
  await sleep(5)
}

const leased = ({ queues }: Model): number =>
  [...queues.values()].reduce((sum, { leases }) => sum + leases.size, 0)

function finish(queue: ModelQueue, _body: number, lease: string, model: Model): void {
  queue.leases.delete(lease)
  queue.dequeued += 1
  model.acked.set(lease, { serial: queue.serial, at: model.time })
}

function prolong(queue: ModelQueue, body: number, lease: string, model: Model): void {
  queue.leases.set(lease, { body, ends: model.time + leaseSeconds * 1000 })
}

function giveBack(queue: ModelQueue, body: number, lease: string): void {
  queue.leases.delete(lease)
  putBack(queue, body)
}

function putBack(queue: ModelQueue, body: number): void {
  queue.waiting.push(body)
  queue.waiting.sort((a, b) => a - b)
}

/** How many messages a queue of the store takes. */
async function roomOf(store: QueueStore): Promise<number> {
  await store.create('room')
  let count = 0
  while (await hadRoom(async () => store.enqueue('room', ''))) count += 1
  return count
}

const names = fc.constantFrom('a', 'a', 'a', 'b')
/** How often something is done at a time. */
const counts = fc.integer({ min: 1, max: 8 })
const picks = fc.nat({ max: 60 })

const once = (action: string, act: Act): fc.Arbitrary<Command> =>
  names.map((name) => onQueue(action, name, act))

const several = (action: string, act: Act): fc.Arbitrary<Command> =>
  fc.tuple(counts, names).map(([count, name]) =>
    onQueue(`${action} ${count} of`, name, async (...context) => {
      for (let done = 0; done < count; done += 1) await act(...context)
    }),
  )

/** What a run is made of. @param clock for a store that takes its time from it */
const commandsFor = (clock: StandingClock | undefined) =>
  fc.commands(
    [
      names.map(create),
      names.map(create),
      once('delete', remove),
      ...(clock
        ? [fc.constantFrom(1, 1700, 1800, 3600).map((seconds) => wait(clock, seconds))]
        : [once('lease and delete', leaseAndDelete), once('lease and forget', leaseAndForget)]),
      once('drain', drain),
      several('enqueue', enqueue),
      several('enqueue with a key', enqueueKeyed),
      ...Array.from({ length: 3 }, () => fc.tuple(picks, fc.boolean()).map((args) => sendAgain(...args))),
      several('dequeue', dequeue),
      several('lease', lease),
      several('lease', lease),
      ...Array.from({ length: 3 }, () => picks.map((pick) => onLease('ack', pick, finish))),
      ...Array.from({ length: 6 }, () => picks.map((pick) => onLease('nack', pick, giveBack))),
      picks.map((pick) => onLease('renew', pick, prolong)),
    ],
    { maxCommands: 80, size: 'max' },
  )

/** What a property needs of a store: an empty one each time, and one more that shares its queues. */
interface Subject {
  readonly empty: () => Promise<readonly [QueueStore, QueueStore]>
  /** What is left to it, or of it, when every queue is deleted: always as much. */
  readonly room: (store: QueueStore) => Promise<number>
  readonly clock?: StandingClock
  /** How often to try: as often as is quick. */
  readonly runs: number
}

const subjects: Record<string, (context: TestContext) => Promise<Subject>> = {
  memory: () => {
    const clock = new StandingClock()
    const empty = () => {
      const store = new MemoryStore(maxBytes, limits, clock)
      return Promise.resolve([store, store] as const)
    }
    return Promise.resolve({ empty, room: roomOf, clock, runs: 150 })
  },
  'memory by the real clock': () => {
    const empty = () => {
      const store = new MemoryStore(maxBytes, limits)
      return Promise.resolve([store, store] as const)
    }
    return Promise.resolve({ empty, room: roomOf, runs: 50 })
  },
  Redis: async (context) => {
    const redis = await startRedis(context)
    return inRedis(context, redis.url, [redis])
  },
  'Redis Cluster': async (context) => {
    const { url, nodes } = await startRedisCluster(context)
    return inRedis(context, url, nodes)
  },
}

/** @returns a store of one replica */
function openStore(context: TestContext, url: string): RedisStore {
  const silent = { info: () => undefined, warn: () => undefined }
  const store = new RedisStore(new RedisConnection(redisAddress(url, '', undefined), silent), limits)
  store.start()
  atEnd(context, () => {
    store.close()
  })
  return store
}

function inRedis(context: TestContext, url: string, nodes: readonly Redis[]): Subject {
  const replicas = [openStore(context, url), openStore(context, url)] as const
  const empty = async () => {
    await Promise.all(nodes.map((node) => node.cli('FLUSHALL')))
    return replicas
  }
  const keys = async (): Promise<number> => {
    const all = (await Promise.all(nodes.map((node) => node.cli('KEYS', '*')))).join('\n').split('\n')
    return all.filter((key) => key !== '' && !key.endsWith(':totals')).length
  }
  return { empty, room: keys, runs: Math.ceil(40 / nodes.length) }
}

const emptyModel = (): Model => ({
  time: 0,
  made: 0,
  sent: [],
  acked: new Map(),
  past: { enqueued: 0, dequeued: 0, drained: 0 },
  queues: new Map(),
  leases: [],
  bodies: 0,
})

for (const [name, makeSubject] of Object.entries(subjects)) {
  test(`the ${name} store keeps its sums and its order, knows who tries again, and gives all room back`, async (context) => {
    const { empty, room, clock, runs } = await makeSubject(context)
    const atFirst = await room((await empty())[0])
    await fc.assert(
      fc.asyncProperty(commandsFor(clock), async (run) => {
        const [store] = await empty()
        await fc.asyncModelRun(() => ({ model: emptyModel(), real: store }), run)
        for (const { name } of await store.stats()) await store.delete(name)
        assert.equal(await room(store), atFirst)
      }),
      { numRuns: runs },
    )
  })

  test(`the ${name} store's counters never fall, and no queue is hidden, while queues are made and deleted from all sides`, async (context) => {
    const { empty, runs } = await makeSubject(context)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(steps, { maxLength: 30 }), { minLength: 2, maxLength: 4 }),
        async (lines) => {
          const replicas = await empty()
          let working = true
          const watching = Promise.all(replicas.map((store) => watchCounters(store, () => working)))
          await Promise.all(lines.map((line, index) => work(line, replicas[index % 2] ?? replicas[0])))
          working = false
          await watching
          const [one, other] = replicas
          const stats = await one.stats()
          assert.deepEqual(await other.stats(), stats)
          for (const name of ['a', 'b']) {
            const isThere = !(await wasRefused(async () => one.drain(name)))
            assert.equal(
              stats.some((queue) => queue.name === name),
              isThere,
            )
          }
        },
      ),
      { numRuns: Math.ceil(runs / 3) },
    )
  })
}

/** What someone does to queues that others make and delete meanwhile. */
const steps = fc.tuple(fc.constantFrom('create', 'delete', 'enqueue', 'enqueue', 'dequeue', 'drain'), names)

async function work(line: readonly (readonly [string, string])[], store: QueueStore): Promise<void> {
  for (const [step, name] of line) {
    await wasRefused(async () => {
      if (step === 'create') await store.create(name)
      else if (step === 'delete') await store.delete(name)
      else if (step === 'enqueue') await store.enqueue(name, '')
      else if (step === 'dequeue') await store.dequeue(name)
      else await store.drain(name)
    })
    await turn()
  }
}

async function watchCounters(store: QueueStore, isOn: () => boolean): Promise<void> {
  let before: Flow = { enqueued: 0, dequeued: 0, drained: 0 }
  while (isOn()) {
    const now = await store.totals()
    for (const flow of ['enqueued', 'dequeued', 'drained'] as const)
      assert.ok(now[flow] >= before[flow], `${flow} fell from ${before[flow]} to ${now[flow]}`)
    before = now
    await turn()
  }
}

async function wasRefused(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return false
  } catch (error) {
    if (error instanceof RefusedError) return true
    throw error
  }
}

test('a line always gives its oldest item, however many came back in whatever order', () => {
  const steps = fc.array(fc.oneof(fc.constantFrom('push', 'shift', 'shift'), fc.nat()), {
    maxLength: 300,
    size: 'max',
  })
  fc.assert(
    fc.property(steps, (run) => {
      const line = new Line()
      const taken: Item[] = []
      const waiting = new Set<number>()
      let sequence = 0
      const push = () => {
        const item = { id: '', body: '', creationTimestamp: '', sequence, bytes: 0, next: undefined }
        line.push(item)
        waiting.add(sequence++)
      }
      for (let count = 0; count < 50; count += 1) push()
      for (const step of run) {
        if (step === 'push') push()
        else if (step === 'shift') {
          const item = line.shift()
          assert.equal(item?.sequence, waiting.size > 0 ? Math.min(...waiting) : undefined)
          if (item) {
            waiting.delete(item.sequence)
            taken.push(item)
          }
        } else {
          const [item] = taken.splice(step % (taken.length + 1), 1)
          if (!item) continue
          line.giveBack(item)
          waiting.add(item.sequence)
        }
        assert.equal(line.length, waiting.size)
      }
    }),
  )
})
