/** What a store of queues should hold, and what it should remember, after whatever was done to it. */
import assert from 'node:assert/strict'
import type { QueueStore } from '../../../server/features/memq/store.ts'
import { limits } from './stores.ts'

/** What a queue should be. Bodies count up, so that their order is the order in which they were enqueued. */
export interface ModelQueue {
  /** Another for one that is made anew under the name. */
  readonly serial: number
  waiting: number[]
  readonly leases: Map<string, { readonly body: number; ends: number }>
  enqueued: number
  dequeued: number
  drained: number
}

/** What a store remembers for those who try again. */
export interface Trace {
  readonly serial: number
  readonly at: number
}

interface Sent extends Trace {
  readonly key: string
  readonly queue: string
  readonly body: string
  readonly id: string
}

/** All queues, and what has been done to them. */
export interface Model {
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

/** Of a store without queues. */
export const emptyModel = (): Model => ({
  time: 0,
  made: 0,
  sent: [],
  acked: new Map(),
  past: { enqueued: 0, dequeued: 0, drained: 0 },
  queues: new Map(),
  leases: [],
  bodies: 0,
})

/** Whether a store still remembers something; beyond its limit it may. */
export function memoryOf(
  { time }: Model,
  queue: ModelQueue,
  all: readonly Trace[],
  trace: Trace | undefined,
): 'sure' | 'perhaps' | 'none' {
  if (trace?.serial !== queue.serial || time - trace.at >= limits.seconds * 1000) return 'none'
  return all.slice(-limits.count).includes(trace) ? 'sure' : 'perhaps'
}

/** What has gone through a queue, or through several. */
export type Flow = Model['past']

/** Holds a store's figures against the model's, and against each other. */
export async function assertAgree(model: Model, store: QueueStore): Promise<void> {
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

/** Adds what has gone through a queue to a sum. */
export function addFlow(sum: Flow, { enqueued, dequeued, drained }: Flow): void {
  sum.enqueued += enqueued
  sum.dequeued += dequeued
  sum.drained += drained
}
