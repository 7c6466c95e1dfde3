/** Holds what a store says against the model. */
import assert from 'node:assert/strict'
import type { QueueStore } from '../../../server/features/memq/store.ts'
import type {
  DeliveredMessage,
  LifeEvent,
  PeekedMessage,
  QueueStats,
} from '../../../server/features/memq/wire.ts'
import { eventually } from '../../support/eventually.ts'
import { assertRefused } from './refusals.ts'
import { addFlow, type Due, type Model, type ModelMessage, type ModelQueue } from './model.ts'
import type { StandingClock } from './stores.ts'

/** A store and what is known of it. */
export interface Real {
  readonly store: QueueStore
  /** Where it has its time from that; without, what it does by itself comes in its own time. */
  readonly clock: StandingClock | undefined
}

/** What a command does. */
export type Run = (model: Model, real: Real) => Promise<void>

/** What a command does to a queue that there is. */
export type Act = (queue: ModelQueue, model: Model, real: Real) => Promise<void>

/** Holds a store's figures and its answers to those who wait against the model's, and against each other. */
export async function assertAgree(model: Model, real: Real): Promise<void> {
  await assertAnswered(model, real)
  const check = async () => {
    const [stats, totals] = await Promise.all([real.store.stats(), real.store.totals()])
    assertSums(stats)
    const { queues, waiting, leased, delayed, ...flow } = totals
    const held = waiting + leased + delayed
    assert.equal(flow.enqueued, held + flow.dequeued + flow.drained + flow.dead)
    const all = { ...model.past }
    for (const queue of model.queues.values()) addFlow(all, queue)
    assert.deepEqual(stats, statsOf(model))
    assert.deepEqual(flow, all)
    assert.equal(queues, stats.length)
    assert.equal(
      held,
      stats.reduce((sum, queue) => sum + queue.depth + queue.leased + queue.delayed, 0),
    )
  }
  await inItsTime(real, check)
}

/** Dead letters of a store that several servers share arrive a little later. */
async function inItsTime({ clock }: Real, check: () => Promise<void>): Promise<void> {
  if (clock) return check()
  let last: unknown
  const isSo = () =>
    check().then(
      () => true,
      (error: unknown) => {
        last = error
      },
    )
  await eventually('the figures to agree', isSo, 10_000, 2).catch((error: unknown) => {
    throw last ?? error
  })
}

function assertSums(stats: readonly QueueStats[]): void {
  for (const { name, enqueued, depth, leased, delayed, dequeued, drained, dead } of stats)
    assert.equal(enqueued, depth + leased + delayed + dequeued + drained + dead, name)
}

function statsOf({ queues }: Model): QueueStats[] {
  return [...queues.keys()].sort().map((name) => {
    const queue = queues.get(name)
    assert.ok(queue)
    const { enqueued, dequeued, drained, dead, waiting, leases, delayed, settings } = queue
    const oldest = waiting[0]?.creationTimestamp
    return {
      name,
      depth: waiting.length,
      enqueued,
      dequeued,
      drained,
      leased: leases.size,
      delayed: delayed.length,
      dead,
      ...(oldest !== undefined && { oldest }),
      ...(Object.keys(settings).length > 0 && { settings }),
    }
  })
}

/** Waits for the answers that are due, and holds them against the model's. */
export async function assertAnswered(model: Model, real: Real): Promise<void> {
  const due = model.due.splice(0)
  for (const { waiter } of due)
    await eventually(
      'one who waits to be answered',
      () => waiter.answer !== undefined || waiter.error !== undefined,
      10_000,
      1,
    )
  for (const { queue, waiter, expected } of due) {
    const { answer, error } = waiter
    if (expected === 'queue unknown')
      await assertRefused(expected, () => Promise.reject(error ?? new Error('no refusal')))
    else assert.ifError(error)
    if (expected === 'empty') assertEmpty(queue, answer)
  }
  for (const queue of new Set(due.map((each) => each.queue)))
    assertServed(
      model,
      queue,
      due.filter((each) => each.queue === queue),
      real,
    )
}

/** An answer of nothing says what may still come. */
export function assertEmpty({ leases, delayed }: ModelQueue, answer: unknown): void {
  assert.deepEqual(answer, { kind: 'empty', leased: leases.size, delayed: delayed.length })
}

/** Those who were served at a time have what was there, each as much as is due to it; in a shared store not always in their order. */
function assertServed(model: Model, queue: ModelQueue, due: readonly Due[], { clock }: Real): void {
  const left = due.flatMap(({ expected }) => (Array.isArray(expected) ? expected : []))
  for (const { waiter, expected } of due) {
    if (!Array.isArray(expected)) continue
    assert.ok(Array.isArray(waiter.answer))
    assert.equal(waiter.answer.length, expected.length)
    for (const delivery of waiter.answer) {
      const at = clock ? 0 : left.findIndex(({ body }) => body === delivery.body)
      const [message] = left.splice(at, 1)
      handOut(model, queue, message, delivery, waiter.taking.leaseSeconds)
    }
  }
}

/** Holds a message that the store handed out against the model's, which is the worker's or finished from now on. */
export function handOut(
  model: Model,
  queue: ModelQueue,
  message: ModelMessage | undefined,
  delivery: DeliveredMessage,
  leaseSeconds: number | undefined,
): void {
  assert.ok(message, `${delivery.body} was there twice, or never`)
  message.deliveries += 1
  const { body, creationTimestamp, deliveries, trace } = message
  const { kind, lease, life, ...told } = delivery
  assert.equal(kind, 'message')
  if (leaseSeconds === undefined) {
    assert.equal(lease, undefined)
    queue.dequeued += 1
  } else {
    assert.ok(lease !== undefined)
    assertId(lease, message.place)
    message.events.push('delivered')
    queue.leases.set(lease, { message, ends: model.time + leaseSeconds * 1000, seconds: leaseSeconds })
    model.leases.push({ id: lease, queue: queue.name })
  }
  assertDeath(message, told.dead)
  assertId(told.id, message.place, message.id)
  message.id = told.id
  assert.deepEqual(
    { ...told, dead: undefined },
    { id: told.id, body, creationTimestamp, deliveries, dead: undefined, ...trace },
  )
  if (message.dead) assertLife(message, life)
  else assert.equal(life, undefined)
}

/** A name begins with the place, and stays as it was told. */
function assertId(id: string, place: number, known?: string): void {
  assert.match(id, /^[0-9a-f]{32}$/)
  assert.equal(Number.parseInt(id.slice(0, 12), 16), place)
  if (known !== undefined) assert.equal(id, known)
}

function assertDeath({ dead }: ModelMessage, told: DeliveredMessage['dead']): void {
  assert.equal(told !== undefined, dead !== undefined)
  if (!dead) return
  assert.ok(told)
  const { at, id, ...rest } = told
  assert.ok(Date.parse(at) > 0)
  if (dead.id !== undefined) assert.equal(id, dead.id)
  assert.deepEqual(rest, { queue: dead.queue, deliveries: dead.deliveries, reason: dead.reason })
}

/** How many events are kept after the enqueueing. */
const kept = 20

function assertLife(
  { creationTimestamp, events }: ModelMessage,
  life: readonly LifeEvent[] | undefined,
): void {
  assert.ok(life)
  assert.deepEqual(
    life.map(({ event }) => event),
    ['enqueued', ...events.slice(-kept)],
  )
  assert.equal(life[0]?.at, creationTimestamp)
  const times = life.map(({ at }) => Date.parse(at))
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
}

/**
 * Looks at a queue page by page, and holds it against the model's.
 * @param after a place; what is not behind it is left out
 */
export async function assertPeek(
  { time }: Model,
  { store, clock }: Real,
  queue: ModelQueue,
  count: number,
  after: number,
): Promise<void> {
  const began = clock && clock.wall() - time
  const entries = entriesOf(queue).filter(({ message }) => message.place > after)
  let last = after === 0 ? undefined : `${after.toString(16).padStart(12, '0')}${'0'.repeat(20)}`
  for (let at = 0; ; at += count) {
    const { kind, messages, next } = await store.peek(queue.name, count, last)
    assert.equal(kind, 'peek')
    const expected = entries.slice(at, at + count)
    assert.equal(messages.length, expected.length)
    messages.forEach((told, index) => {
      const entry = expected[index]
      assert.ok(entry)
      assertPeeked(entry, told, began)
    })
    assert.equal(next, entries.length > at + count ? messages.at(-1)?.id : undefined)
    if (next === undefined) return
    last = next
  }
}

interface Entry {
  readonly message: ModelMessage
  readonly state: PeekedMessage['state']
  readonly until?: number
}

const entriesOf = ({ waiting, leases, delayed }: ModelQueue): Entry[] =>
  [
    ...waiting.map((message): Entry => ({ message, state: 'waiting' })),
    ...[...leases.values()].map(({ message, ends }): Entry => ({ message, state: 'leased', until: ends })),
    ...delayed.map(({ message, due }): Entry => ({ message, state: 'delayed', until: due })),
  ].sort((a, b) => a.message.place - b.message.place)

function assertPeeked(
  { message, state, until }: Entry,
  told: PeekedMessage,
  began: number | undefined,
): void {
  const { body, creationTimestamp, deliveries, trace } = message
  const { id, life, dead, start, until: toldUntil, ...rest } = told
  assertId(id, message.place, message.id)
  message.id = id
  assert.deepEqual(rest, { creationTimestamp, deliveries, state, bytes: Buffer.byteLength(body), ...trace })
  assertDeath(message, dead)
  assertLife(message, life)
  assert.ok(body.startsWith(start))
  assert.ok(start.length >= Math.min(body.length, 1023) && start.length <= 1024)
  if (until === undefined) assert.equal(toldUntil, undefined)
  else if (began !== undefined) assert.equal(toldUntil, new Date(began + until).toISOString())
  else assert.ok(Date.parse(toldUntil ?? '') > Date.now())
}
