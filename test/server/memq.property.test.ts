/** MemQ's bookkeeping, whatever is done in whatever order: a store is held against a model of it. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { Line, type Item } from '../../server/features/memq/line.ts'
import { MemoryStore } from '../../server/features/memq/memory-store.ts'
import { redisAddress } from '../../server/features/memq/redis/address.ts'
import { RedisConnection } from '../../server/features/memq/redis/connection.ts'
import { RedisStore } from '../../server/features/memq/redis/store.ts'
import { RefusedError, type QueueStore, type Refusal } from '../../server/features/memq/store.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis, startRedisCluster, type Redis } from '../support/redis.ts'

/** So small that a run fills it now and then. */
const maxBytes = 10_000

/** What a queue should be. Bodies count up, so that their order is the order in which they were enqueued. */
interface ModelQueue {
  waiting: number[]
  readonly leases: Map<string, number>
  enqueued: number
  dequeued: number
  drained: number
}

interface Model {
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
  settle: (queue: ModelQueue, body: number, lease: string) => void,
): Command =>
  command(`${action} ${pick}`, async (model, store) => {
    const lease = model.leases[pick % (model.leases.length + 1)] ?? { id: 'never was', queue: 'a' }
    const queue = model.queues.get(lease.queue)
    const body = queue?.leases.get(lease.id)
    const run = async () => store[action](lease.queue, lease.id)
    if (!queue) return assertRefused('queue unknown', run)
    if (body === undefined) return assertRefused('lease gone', run)
    await run()
    settle(queue, body, lease.id)
  })

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
  const stats = await store.stats()
  for (const { enqueued, depth, leased, dequeued, drained } of stats)
    assert.equal(enqueued, depth + leased + dequeued + drained)
  const { queues, waiting, leased, enqueued, dequeued, drained } = await store.totals()
  assert.equal(queues, stats.length)
  assert.equal(enqueued, waiting + leased + dequeued + drained)
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

const create = (name: string): Command =>
  command(`create ${name}`, async (model, store) => {
    const run = async () => store.create(name)
    if (model.queues.has(name)) return assertRefused('queue exists', run)
    if (await hadRoom(run))
      model.queues.set(name, { waiting: [], leases: new Map(), enqueued: 0, dequeued: 0, drained: 0 })
  })

const remove: Act = async (name, _queue, model, store) => {
  await store.delete(name)
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
  const taken = await takeNext(name, queue, store, 3600)
  if (!taken) return
  assert.ok(taken.lease)
  queue.leases.set(taken.lease, taken.body)
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
  await takeNext(name, queue, store, 0.001)
  await remove(name, queue, model, store)
  await sleep(5)
}

const leased = ({ queues }: Model): number =>
  [...queues.values()].reduce((sum, { leases }) => sum + leases.size, 0)

function finish(queue: ModelQueue, _body: number, lease: string): void {
  queue.leases.delete(lease)
  queue.dequeued += 1
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

const commands = fc.commands(
  [
    names.map(create),
    names.map(create),
    once('delete', remove),
    once('lease and delete', leaseAndDelete),
    once('drain', drain),
    several('enqueue', enqueue),
    several('enqueue', enqueue),
    several('dequeue', dequeue),
    several('lease', lease),
    several('lease', lease),
    once('lease and forget', leaseAndForget),
    picks.map((pick) => onLease('ack', pick, finish)),
    ...Array.from({ length: 6 }, () => picks.map((pick) => onLease('nack', pick, giveBack))),
    picks.map((pick) => onLease('renew', pick, () => undefined)),
  ],
  { maxCommands: 80, size: 'max' },
)

/** What a property needs of a store: an empty one each time. */
interface Subject {
  readonly empty: () => Promise<QueueStore>
  /** What is left to it, or of it, when every queue is deleted: always as much. */
  readonly room: (store: QueueStore) => Promise<number>
  /** How often to try: as often as is quick. */
  readonly runs: number
}

const subjects: Record<string, (context: TestContext) => Promise<Subject>> = {
  memory: () =>
    Promise.resolve({ empty: () => Promise.resolve(new MemoryStore(maxBytes)), room: roomOf, runs: 150 }),
  Redis: async (context) => {
    const redis = await startRedis(context)
    return inRedis(context, redis.url, [redis])
  },
  'Redis Cluster': async (context) => {
    const { url, nodes } = await startRedisCluster(context)
    return inRedis(context, url, nodes)
  },
}

function inRedis(context: TestContext, url: string, nodes: readonly Redis[]): Subject {
  const silent = { info: () => undefined, warn: () => undefined }
  const store = new RedisStore(new RedisConnection(redisAddress(url, '', undefined), silent))
  store.start()
  atEnd(context, () => {
    store.close()
  })
  const empty = async (): Promise<QueueStore> => {
    await Promise.all(nodes.map((node) => node.cli('FLUSHALL')))
    return store
  }
  const keys = async (): Promise<number> => {
    const all = (await Promise.all(nodes.map((node) => node.cli('KEYS', '*')))).join('\n').split('\n')
    return all.filter((key) => key !== '' && key !== 'memq:past').length
  }
  return { empty, room: keys, runs: 150 / nodes.length }
}

for (const [name, makeSubject] of Object.entries(subjects)) {
  test(`the ${name} store keeps its sums and its order, and gives all room back`, async (context) => {
    const { empty, room, runs } = await makeSubject(context)
    const atFirst = await room(await empty())
    await fc.assert(
      fc.asyncProperty(commands, async (run) => {
        const store = await empty()
        const setup = () => ({ model: { queues: new Map(), leases: [], bodies: 0 }, real: store })
        await fc.asyncModelRun(setup, run)
        for (const { name } of await store.stats()) await store.delete(name)
        assert.equal(await room(store), atFirst)
      }),
      { numRuns: runs },
    )
  })
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
