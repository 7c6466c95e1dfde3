/** The queue that load-queue.sh fills, and how far it is worked off. */
import assert from 'node:assert/strict'
import { Stats, type QueueStats } from '../../../server/features/memq/wire.ts'
import { manifest, type Forward } from '../../support/cluster.ts'
import { command } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'

const items = 100

/** Runs load-queue.sh. @param forward to a pod of MemQ */
export async function loadQueue(forward: Forward): Promise<void> {
  const script = manifest('10-jobs/load-queue.sh')
  const { code, output, errors } = await command('sh', [script, `localhost:${forward.port}`])
  assert.deepEqual({ code, errors }, { code: 0, errors: '' })
  assert.equal(output.match(/"work-item-\d+"/g)?.length, items)
}

/** The figures of the first queue; no item is ever anywhere else. */
export async function stats(forward: Forward): Promise<QueueStats> {
  const [queue] = (await forward.get('/memq/server/stats')).json(Stats).queues
  assert.ok(queue)
  const { enqueued, depth, leased, delayed, dequeued, drained, dead } = queue
  assert.equal(enqueued, depth + leased + delayed + dequeued + drained + dead)
  return queue
}

/** MemQ answers 503 as long as it has no Redis. */
export const hasRedis = (forward: Forward) =>
  eventually(
    'MemQ to have Redis',
    async () => (await forward.get('/memq/server/stats')).status === 200,
    90_000,
    200,
  )

/** Waits until so many items are done. */
export const atLeast = (forward: Forward, done: number) =>
  eventually(`${done} items to be done`, async () => (await stats(forward)).dequeued >= done, 400_000, 200)

/** Every item has been done, and none was counted twice. */
export async function assertAllDone(forward: Forward): Promise<void> {
  const { enqueued, dequeued, depth, leased } = await stats(forward)
  assert.deepEqual(
    { enqueued, dequeued, depth, leased },
    { enqueued: items, dequeued: items, depth: 0, leased: 0 },
  )
}
