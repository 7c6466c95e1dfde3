/** What is done to a whole queue and to its model. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { QueueSettings } from '../../../server/features/memq/wire.ts'
import { assertPeek, type Act, type Run } from './agree.ts'
import * as modelled from './model.ts'
import { madeQueue, settle, type ModelMessage, type ModelQueue } from './model.ts'
import { assertRefused, hadRoom } from './refusals.ts'
import type { StandingClock } from './stores.ts'

export const create =
  (name: string): Run =>
  async (model, { store }) => {
    const run = async () => store.create(name)
    if (model.queues.has(name)) return assertRefused('queue exists', run)
    if (await hadRoom(run)) madeQueue(model, name)
  }

/** Any settings that can be had. @param clock without, nothing grows old by itself */
export const settingsFor = (clock: StandingClock | undefined): fc.Arbitrary<QueueSettings> =>
  fc.record(
    {
      maxDeliveries: fc.integer({ min: 1, max: 3 }),
      maxLength: fc.integer({ min: 1, max: 8 }),
      maxAgeSeconds: fc.constantFrom(...(clock ? [1700, 4000] : [4000])),
      overflow: fc.constantFrom('refuse', 'drop-oldest', 'drop-oldest'),
    },
    { requiredKeys: [] },
  )

/** Has a queue keep to settings, with the other one for its dead letters. */
export const keepTo =
  (name: string, { maxDeliveries, ...limits }: QueueSettings): Run =>
  async (model, { store }) => {
    const deadLetter = name === 'a' ? 'b' : 'a'
    const settings = maxDeliveries === undefined ? limits : { ...limits, maxDeliveries, deadLetter }
    if (!(await hadRoom(async () => store.create(name, settings)))) return
    const queue = madeQueue(model, name)
    if (maxDeliveries !== undefined) madeQueue(model, deadLetter)
    queue.settings = settings
    settle(model, queue)
  }

export const remove: Act = async (queue, model, { store }) => {
  await store.delete(queue.name)
  modelled.remove(model, queue)
}

export const drain: Act = async (queue, _model, { store }) => {
  await store.drain(queue.name)
  queue.drained += queue.waiting.length + queue.delayed.length
  queue.waiting = []
  queue.delayed = []
}

export const peek =
  (count: number, after: number): Act =>
  (queue, model, real) =>
    assertPeek(model, real, queue, count, after % (queue.enqueued + 1))

export const redriveAll: Act = async (queue, model, { store }) => {
  assert.equal(
    await store.redrive(queue.name),
    modelled.redrive(model, queue, () => true),
  )
}

/** One that is dead and waits, or another that stays where it is. */
export const redriveOne =
  (pick: number): Act =>
  async (queue, model, { store }) => {
    const all = (await store.peek(queue.name, 100)).messages
    const id = all.length === 0 ? '0'.repeat(32) : (all[pick % all.length]?.id ?? '')
    const isMeant = ({ place }: ModelMessage) => place === Number.parseInt(id.slice(0, 12), 16)
    assert.equal(await store.redrive(queue.name, id), modelled.redrive(model, queue, isMeant))
  }

/** By the real clock: what is older than the queue lets it be refuses what comes, or is gone. */
export const outlive: Act = async (queue, model, { store }) => {
  const { name } = queue
  const before = queue.settings
  // It would be made with the settings, if there is room.
  if (before.deadLetter !== undefined && !model.queues.has(before.deadLetter)) return
  await sleep(5)
  const tooOld = { maxAgeSeconds: 0.001 }
  await store.create(name, tooOld)
  if (queue.waiting.length > 0) await assertRefused('full', async () => store.enqueue(name, ''))
  await store.create(name, { ...tooOld, overflow: 'drop-oldest' })
  assert.equal((await store.dequeue(name)).kind, 'empty')
  discardWaiting(queue)
  await store.create(name, before)
}

function discardWaiting(queue: ModelQueue): void {
  queue.drained += queue.waiting.length
  queue.waiting = []
}
