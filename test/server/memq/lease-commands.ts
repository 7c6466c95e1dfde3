/** How leases end, in a store and in its model. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import { assertAgree, type Act, type Real, type Run } from './agree.ts'
import { nextLeaseSeconds, takeNext } from './message-commands.ts'
import {
  comeBack,
  memoryOf,
  nextTime,
  pass,
  remove,
  settle as serve,
  type Model,
  type ModelQueue,
} from './model.ts'
import { assertRefused, wasRefused } from './refusals.ts'

/** Any lease there ever was, or none; most often one that is held. */
function leaseAt(pick: number, { leases, queues }: Model): { readonly id: string; readonly queue: string } {
  const held = leases.filter(({ id, queue }) => queues.get(queue)?.leases.has(id))
  const among = pick % 3 === 0 || held.length === 0 ? leases : held
  return among[pick % (among.length + (among === held ? 0 : 1))] ?? { id: 'never was', queue: 'a' }
}

/** Does something to a lease; the store has to say so where it has ended. */
const onLease =
  (pick: number, run: (real: Real, queue: string, lease: string) => Promise<void>, settle: Settle): Run =>
  async (model, real) => {
    const lease = leaseAt(pick, model)
    const queue = model.queues.get(lease.queue)
    const attempt = async () => run(real, lease.queue, lease.id)
    if (!queue) return assertRefused('queue unknown', attempt)
    if (!queue.leases.has(lease.id)) return assertRefused('lease gone', attempt)
    await attempt()
    settle(model, queue, lease.id)
  }

type Settle = (model: Model, queue: ModelQueue, lease: string) => void

const finish: Settle = (model, queue, lease) => {
  queue.leases.delete(lease)
  queue.dequeued += 1
  model.acked.set(lease, { serial: queue.serial, at: model.time })
}

const giveBack =
  (delaySeconds: number, event: 'returned' | 'expired' = 'returned'): Settle =>
  (model, queue, lease) => {
    release(model, queue, lease, event, delaySeconds)
    serve(model, queue)
  }

function release(
  model: Model,
  queue: ModelQueue,
  lease: string,
  event: 'returned' | 'expired',
  delaySeconds: number,
): void {
  const message = queue.leases.get(lease)?.message
  assert.ok(message)
  queue.leases.delete(lease)
  comeBack(model, queue, message, event, delaySeconds)
}

export const nack =
  (delaySeconds: number) =>
  (pick: number): Run =>
    onLease(
      pick,
      async ({ store }, queue, lease) => {
        await (delaySeconds > 0 ? store.nack(queue, lease, delaySeconds) : store.nack(queue, lease))
      },
      giveBack(delaySeconds),
    )

/** Takes the oldest message and gives it back, over and over: so often that its life is longer than what is kept of it. */
export const giveBackOften =
  (count: number): Act =>
  async (queue, model, real) => {
    for (let done = 0; done < 3 * count && queue.waiting.length > 0; done += 1) {
      await takeNext(queue, model, real, nextLeaseSeconds(model))
      const lease = [...queue.leases.keys()].at(-1)
      assert.ok(lease !== undefined)
      await real.store.nack(queue.name, lease)
      giveBack(0)(model, queue, lease)
    }
  }

export const renew = (pick: number): Run =>
  onLease(
    pick,
    async ({ store }, queue, lease) => {
      await store.renew(queue, lease)
    },
    ({ time }, queue, lease) => {
      const held = queue.leases.get(lease)
      assert.ok(held)
      queue.leases.delete(lease)
      queue.leases.set(lease, { ...held, ends: time + held.seconds * 1000 })
    },
  )

/** Whether an ack of a lease that has ended is taken for one that is tried again. */
const memoryOfAck = (model: Model, queue: ModelQueue, lease: string): 'sure' | 'perhaps' | 'none' =>
  memoryOf(model, queue, [...model.acked.values()], model.acked.get(lease))

export const ack =
  (pick: number): Run =>
  async (model, { store }) => {
    const { id, queue: name } = leaseAt(pick, model)
    const queue = model.queues.get(name)
    const run = async () => store.ack(name, id)
    if (!queue) return assertRefused('queue unknown', run)
    if (queue.leases.has(id)) {
      await run()
      finish(model, queue, id)
      return
    }
    const memory = memoryOfAck(model, queue, id)
    if (memory === 'sure') await run()
    else if (memory === 'none') await assertRefused('lease gone', run)
    else await wasRefused(run)
  }

/** Those of the picked leases that are the first one's queue's. */
function leasesAt(picks: readonly number[], model: Model): { readonly name: string; readonly ids: string[] } {
  const all = picks.map((pick) => leaseAt(pick, model))
  const name = all[0]?.queue ?? 'a'
  return { name, ids: all.filter(({ queue }) => queue === name).map(({ id }) => id) }
}

export const ackAll =
  (picks: readonly number[]): Run =>
  async (model, { store }) => {
    const { name, ids } = leasesAt(picks, model)
    const queue = model.queues.get(name)
    const run = async () => store.ackAll(name, ids)
    if (!queue) return assertRefused('queue unknown', run)
    const { kind, settled, gone } = await run()
    assert.equal(kind, 'settlement')
    assert.equal(settled, ids.length - gone.length)
    const expected = ids.filter((id) => {
      if (queue.leases.has(id)) {
        finish(model, queue, id)
        return false
      }
      const memory = memoryOfAck(model, queue, id)
      return memory === 'none' || (memory === 'perhaps' && gone.includes(id))
    })
    assert.deepEqual(gone, expected)
  }

export const nackAll =
  (picks: readonly number[], delaySeconds: number): Run =>
  async (model, { store }) => {
    const { name, ids } = leasesAt(picks, model)
    const queue = model.queues.get(name)
    const run = async () => store.nackAll(name, ids, delaySeconds)
    if (!queue) return assertRefused('queue unknown', run)
    const settlement = await run()
    const gone = ids.filter((id) => {
      if (!queue.leases.has(id)) return true
      release(model, queue, id, 'returned', delaySeconds)
      return false
    })
    serve(model, queue)
    assert.deepEqual(settlement, { kind: 'settlement', settled: ids.length - gone.length, gone })
  }

/** Has time pass for a store that lets it, from one thing that happens by itself to the next. */
export const passSeconds =
  (seconds: number): Run =>
  async (model, real) => {
    const end = model.time + seconds * 1000
    while (model.time < end) {
      const step = Math.min(nextTime(model), end) - model.time
      real.clock?.pass(step)
      pass(model, step)
      await assertAgree(model, real)
    }
  }

/** By the real clock: a lease that its holder lets end. */
export const leaseAndForget: Act = async (queue, model, real) => {
  const held = new Set(queue.leases.keys())
  await takeNext(queue, model, real, 0.001)
  const lease = [...queue.leases.keys()].find((id) => !held.has(id))
  if (lease === undefined) return
  await eventually(
    'the lease to end',
    async () => (await real.store.stats()).find(({ name }) => name === queue.name)?.leased === held.size,
    10_000,
    1,
  )
  giveBack(0, 'expired')(model, queue, lease)
}

/** What a lease leaves behind when its time is over and its queue is gone would show in the room at the end. */
export const leaseAndDelete: Act = async (queue, model, real) => {
  // It may have ended by then, and its message died.
  if (queue.settings.maxDeliveries !== undefined) return
  await takeNext(queue, model, real, 0.001)
  await real.store.delete(queue.name)
  remove(model, queue)
  await sleep(5)
}
