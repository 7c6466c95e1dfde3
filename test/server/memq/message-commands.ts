/** How messages are put into a store and its model, and taken out. */
import assert from 'node:assert/strict'
import type { TraceContext } from '../../../server/tracing/trace-context.ts'
import type { Message } from '../../../server/features/memq/wire.ts'
import { eventually } from '../../support/eventually.ts'
import { assertEmpty, handOut, type Act, type Real, type Run } from './agree.ts'
import { isOver, memoryOf, put, putBack, settle, take, trim, type Model, type ModelQueue } from './model.ts'
import { assertRefused, hadRoom } from './refusals.ts'

/** How long messages are hidden, in seconds. */
export const delaySeconds = 1750

/** Another length for each lease, so that no two end at the same time. */
export const nextLeaseSeconds = (model: Model): number => 3600 + model.leases.length

/** Another text for each message: some that need more than one byte for a character, some that a look doesn't show whole. */
function nextBody(model: Model): string {
  const number = model.bodies++
  if (number % 29 === 28) return `${number} ${'😀'.repeat(600)}`
  return number % 3 === 2 ? `${number} größer` : String(number)
}

/** Some messages are sent in a trace. */
function nextTrace({ bodies }: Model): TraceContext | undefined {
  const traceparent = `00-${String(bodies).padStart(32, '0')}-00f067aa0ba902b7-01`
  return [undefined, undefined, { traceparent }, { traceparent, tracestate: 'a=b,c="\\' }][bodies % 4]
}

/** Puts messages into the store and into the model, unless they have no room. */
async function send(
  queue: ModelQueue,
  model: Model,
  bodies: readonly string[],
  run: (trace: TraceContext | undefined) => Promise<readonly Message[]>,
  delay = 0,
): Promise<readonly Message[] | undefined> {
  let messages: readonly Message[] = []
  const trace = nextTrace(model)
  const attempt = async () => (messages = await run(trace))
  if (isOver(model, queue, bodies.length, delay > 0)) {
    await assertRefused('full', attempt)
    return undefined
  }
  if (!(await hadRoom(attempt))) return undefined
  assert.equal(messages.length, bodies.length)
  for (const [at, { kind, id, body, creationTimestamp }] of messages.entries()) {
    assert.equal(kind, 'message')
    assert.equal(body, bodies[at])
    const content = { body, id, creationTimestamp, created: model.time, deliveries: 0, trace, events: [] }
    put(queue, content, delay > 0 ? model.time + delay * 1000 : undefined)
    assert.equal(Number.parseInt(id.slice(0, 12), 16), queue.enqueued)
  }
  trim(queue)
  settle(model, queue)
  return messages
}

export const enqueue: Act = async (queue, model, { store }) => {
  const body = nextBody(model)
  await send(queue, model, [body], async (trace) => [
    await store.enqueue(queue.name, body, undefined, undefined, trace),
  ])
}

export const enqueueBatch =
  (count: number): Act =>
  async (queue, model, { store }) => {
    const bodies = Array.from({ length: count }, () => nextBody(model))
    await send(queue, model, bodies, async (trace) => store.enqueueAll(queue.name, bodies, undefined, trace))
  }

/** One alone, or a batch. */
export const enqueueHidden =
  (count: number): Act =>
  async (queue, model, { store }) => {
    const bodies = Array.from({ length: count }, () => nextBody(model))
    const [body = ''] = bodies
    const run = async (trace: TraceContext | undefined) =>
      count === 1
        ? [await store.enqueue(queue.name, body, undefined, delaySeconds, trace)]
        : store.enqueueAll(queue.name, bodies, delaySeconds, trace)
    await send(queue, model, bodies, run, delaySeconds)
  }

/** Puts in a message that is to be seen in a moment, by the real clock. */
export const hideBriefly: Act = async (queue, model, { store }) => {
  const body = nextBody(model)
  const delay = 0.001
  const run = async (trace: TraceContext | undefined) => [
    await store.enqueue(queue.name, body, undefined, delay, trace),
  ]
  if (!(await send(queue, model, [body], run, delay))) return
  const hidden = queue.delayed.pop()
  assert.ok(hidden)
  const { length } = queue.delayed
  await eventually(
    'the delay to be over',
    async () => {
      const stats = await store.stats()
      return stats.find(({ name }) => name === queue.name)?.delayed === length
    },
    10_000,
    1,
  )
  putBack(queue, hidden.message)
  settle(model, queue)
}

export const enqueueKeyed: Act = async (queue, model, real) => {
  await sendKeyed(queue, model, real, `key-${model.bodies}`)
}

/** Puts in a message that is sent for the first time, or whose first time is forgotten. */
async function sendKeyed(queue: ModelQueue, model: Model, { store }: Real, key: string): Promise<void> {
  const { name, serial } = queue
  const body = nextBody(model)
  const messages = await send(queue, model, [body], async (trace) => [
    await store.enqueue(name, body, key, undefined, trace),
  ])
  for (const { id } of messages ?? []) model.sent.push({ key, queue: name, body, id, serial, at: model.time })
}

/** Sends a message again, or another under its key. */
export const sendAgain =
  (pick: number, isOther: boolean): Run =>
  async (model, real) => {
    const sent = model.sent.at(pick % (model.sent.length + 1))
    if (!sent) return
    const { queue: name, key, body, id } = sent
    const queue = model.queues.get(name)
    const again = async () => real.store.enqueue(name, isOther ? `not ${body}` : body, key)
    if (!queue) return assertRefused('queue unknown', again)
    const memory = memoryOf(model, queue, model.sent, sent)
    // Either answer would do.
    if (memory === 'perhaps') return
    if (memory === 'none') {
      model.sent.splice(model.sent.indexOf(sent), 1)
      return sendKeyed(queue, model, real, key)
    }
    if (isOther) return assertRefused('key reused', again)
    assert.equal((await again()).id, id)
  }

/** Takes the next message and holds it against the model's. */
export async function takeNext(
  queue: ModelQueue,
  model: Model,
  { store }: Real,
  seconds?: number,
): Promise<void> {
  const delivery = await store.dequeue(queue.name, seconds)
  const [message] = take(model, queue, 1)
  if (delivery.kind === 'message') handOut(model, queue, message, delivery, seconds)
  else {
    assert.equal(message, undefined)
    assertEmpty(queue, delivery)
  }
}

export const dequeue: Act = (queue, model, real) => takeNext(queue, model, real)

export const lease: Act = (queue, model, real) => takeNext(queue, model, real, nextLeaseSeconds(model))

export const dequeueSome =
  (isLeased: boolean) =>
  (count: number): Act =>
  async (queue, model, { store }) => {
    const leaseSeconds = isLeased ? nextLeaseSeconds(model) : undefined
    const taking = { count, ...(leaseSeconds !== undefined && { leaseSeconds }) }
    const some = await store.dequeueSome(queue.name, taking)
    const expected = take(model, queue, count)
    if (!Array.isArray(some)) {
      assert.equal(expected.length, 0)
      assertEmpty(queue, some)
      return
    }
    assert.equal(some.length, expected.length)
    some.forEach((delivery, at) => {
      handOut(model, queue, expected[at], delivery, leaseSeconds)
    })
  }
