/** What is the memory store's alone: its account of bytes, and that nobody has to wait for what takes long. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MemoryStore } from '../../server/features/memq/memory/store.ts'
import { hadRoom } from './memq/refusals.ts'
import { limits, StandingClock } from './memq/stores.ts'

/** A store whose queue `dead` has so many messages of the queue `work`. */
async function withDeadLetters(count: number): Promise<MemoryStore> {
  const store = new MemoryStore(100_000_000)
  await store.create('work', { maxDeliveries: 1, deadLetter: 'dead' })
  store.enqueueAll(
    'work',
    Array.from({ length: count }, (_, index) => String(index)),
  )
  const taken = store.dequeueSome('work', { count, leaseSeconds: 60 })
  assert.ok(Array.isArray(taken))
  store.nackAll(
    'work',
    taken.map(({ lease = '' }) => lease),
  )
  assert.equal(store.statsOf('dead')?.depth, count)
  return store
}

test('thousands of dead letters go back in their order, and others have their turn in between', async () => {
  const store = await withDeadLetters(2500)
  const moved = store.redrive('dead')
  while (store.statsOf('dead')?.depth === 2500) await turn()
  assert.equal(store.statsOf('dead')?.depth, 1500)
  assert.equal(await moved, 2500)
  const back = store.dequeueSome('work', { count: 2500 })
  assert.ok(Array.isArray(back))
  assert.deepEqual(
    back.map(({ body }) => Number(body)),
    Array.from({ length: 2500 }, (_, index) => index),
  )
})

test('a dead-letter queue that is deleted while it is redriven keeps nothing back and loses no count', async () => {
  const store = await withDeadLetters(2500)
  const moved = store.redrive('dead')
  while (store.statsOf('dead')?.depth === 2500) await turn()
  store.delete('dead')
  await store.create('dead')
  assert.equal(await moved, 1000)
  assert.equal(store.statsOf('work')?.depth, 1000)
  const { queues, waiting, leased, delayed, ...flow } = store.totals()
  assert.equal(queues, 2)
  assert.equal(flow.enqueued, waiting + leased + delayed + flow.dequeued + flow.drained + flow.dead)
})

test('delays, histories and traces count in --memq-max-bytes, as long as they are kept', async () => {
  const store = new MemoryStore(50_000)
  await store.create('q')
  const room = async (put: () => unknown): Promise<number> => {
    let count = 0
    while (
      await hadRoom(() => {
        put()
        return Promise.resolve()
      })
    )
      count += 1
    return count
  }
  const plain = await room(() => store.enqueue('q', ''))
  store.drain('q')
  const delayed = await room(() => store.enqueue('q', '', undefined, 60))
  assert.ok(delayed < plain, `${delayed} delayed ones, ${plain} others`)
  store.drain('q')
  for (let index = 0; index < plain / 2; index += 1) store.enqueue('q', '')
  const taken = store.dequeueSome('q', { count: plain, leaseSeconds: 60 })
  assert.ok(Array.isArray(taken))
  store.nackAll(
    'q',
    taken.map(({ lease = '' }) => lease),
  )
  const beside = await room(() => store.enqueue('q', ''))
  assert.ok(taken.length + beside < plain, `${taken.length} that came back and ${beside} others, of ${plain}`)
  store.drain('q')
  assert.equal(await room(() => store.enqueue('q', '')), plain)
  store.drain('q')
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const traced = await room(() => store.enqueue('q', '', undefined, undefined, { traceparent }))
  const stated = { traceparent, tracestate: `a=${'b'.repeat(250)}` }
  const more = await room(() => store.enqueue('q', '', undefined, undefined, stated))
  assert.equal(more, 0)
  store.drain('q')
  const withStates = await room(() => store.enqueue('q', '', undefined, undefined, stated))
  assert.ok(
    withStates < traced && traced < plain,
    `${withStates} with tracestate, ${traced} without, ${plain}`,
  )
  while (store.dequeue('q').kind === 'message');
  assert.equal(await room(() => store.enqueue('q', '')), plain)
})

test('who waits gets each message when its delay is over, whichever was hidden first', async () => {
  const clock = new StandingClock()
  const store = new MemoryStore(50_000, limits, clock)
  await store.create('q')
  const never = new AbortController().signal
  const waiting = [1, 2, 3].map(() => store.waitFor('q', { count: 1 }, 60, never))
  await turn()
  for (const seconds of [20, 10, 30]) store.enqueue('q', `hidden for ${seconds} s`, undefined, seconds)
  for (const seconds of [10, 20, 30]) {
    clock.pass(10_000)
    const taken = await waiting.shift()
    assert.ok(Array.isArray(taken))
    assert.deepEqual(
      taken.map(({ body }) => body),
      [`hidden for ${seconds} s`],
    )
  }
})
