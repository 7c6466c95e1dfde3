/** Those who wait for messages of a store and of its model. */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { Act, Real } from './agree.ts'
import { nextLeaseSeconds } from './message-commands.ts'
import { settle, type Model, type ModelQueue, type ModelWaiter } from './model.ts'

/** How long they wait, in seconds: by the real clock as good as for ever. */
const waitSeconds = 1900

/** Begins to wait, in the store and in the model. */
async function begin(
  queue: ModelQueue,
  model: Model,
  { store }: Real,
  taking: ModelWaiter['taking'],
  seconds: number,
): Promise<void> {
  const waiter: ModelWaiter = { taking, ends: model.time + seconds * 1000, abort: new AbortController() }
  store.waitFor(queue.name, taking, seconds, waiter.abort.signal).then(
    (answer) => {
      waiter.answer = answer
    },
    (error: unknown) => {
      waiter.error = error instanceof Error ? error : new Error(String(error))
    },
  )
  // It is on its way before what is done next.
  await turn()
  queue.waiters.push(waiter)
  settle(model, queue)
}

/** Waits for one message, or for several where it is sure who gets which. */
export const wait =
  (count: number, isLeased: boolean): Act =>
  (queue, model, real) => {
    const taking = {
      count: real.clock ? count : 1,
      ...(isLeased && { leaseSeconds: nextLeaseSeconds(model) }),
    }
    return begin(queue, model, real, taking, waitSeconds)
  }

/** By the real clock: somebody who has waited long enough. */
export const waitInVain: Act = async (queue, model, real) => {
  if (queue.waiting.length > 0) return
  await begin(queue, model, real, { count: 1 }, 0.001)
  const waiter = queue.waiters.pop()
  assert.ok(waiter)
  model.due.push({ queue, waiter, expected: 'empty' })
}

/** One of those who wait leaves. */
export const leave =
  (pick: number): Act =>
  (queue, model) => {
    const [waiter] = queue.waiters.splice(pick % (queue.waiters.length + 1), 1)
    if (!waiter) return Promise.resolve()
    waiter.abort.abort()
    model.due.push({ queue, waiter, expected: 'empty' })
    return Promise.resolve()
  }
