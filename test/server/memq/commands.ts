/** What is done to a store and to its model, one thing after the other. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { QueueStore } from '../../../server/features/memq/store.ts'
import { eventually } from '../../support/eventually.ts'
import { addFlow, assertAgree, memoryOf, type Model, type ModelQueue } from './model.ts'
import { assertRefused, hadRoom, wasRefused } from './refusals.ts'
import type { StandingClock } from './stores.ts'

/** How long leases are, in seconds. */
const leaseSeconds = 3600

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

/** Names of queues; one of them has most of what is done. */
export const names = fc.constantFrom('a', 'a', 'a', 'b')
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
export const commandsFor = (clock: StandingClock | undefined) =>
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
