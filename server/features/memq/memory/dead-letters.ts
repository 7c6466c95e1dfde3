/** Messages that were handed out too often: how they leave for a dead-letter queue, and come back from there. */
import { newHistory, note } from './history.ts'
import type { Item } from './line.ts'
import { type Queue } from './queue.ts'
import type { MemoryQueues } from './queues.ts'
import { overhead } from './room.ts'
import { deathReason } from '../store.ts'
import type { QueueSettings } from '../wire.ts'

/** Sends a message that nobody holds any more to the dead-letter queue, which is made if there is none. */
export function bury(
  queues: MemoryQueues,
  queue: Queue,
  item: Item,
  { maxDeliveries, deadLetter }: Required<Pick<QueueSettings, 'maxDeliveries' | 'deadLetter'>>,
): void {
  const { body, creationTimestamp, id } = item
  const history = item.history ?? newHistory()
  const { deliveries } = history
  if (!history.dead) {
    item.bytes += overhead.death
    queues.room.overdraw(overhead.death)
  }
  note(history, 'dead', queues.clock.wall())
  const reason = deathReason(deliveries, maxDeliveries)
  history.dead = { queue: queue.name, id, deliveries, reason, at: queues.timestamp() }
  history.deliveries = 0
  queue.dead += 1
  arrive(queues, deadLetter, { body, creationTimestamp, bytes: item.bytes, history })
}

function arrive(queues: MemoryQueues, name: string, content: Parameters<MemoryQueues['push']>[1]): void {
  const queue = queues.findOrMake(name)
  queues.push(queue, content)
  queue.rules?.trim()
  queues.settle(queue)
}

/** How many messages are sent back at a time, so that others have their turn in between. */
const atOnce = 1000

/**
 * Sends dead messages that wait back to where they came from.
 * @param id of one of them; without, all are meant that wait now
 * @returns how many
 */
export async function redrive(queues: MemoryQueues, name: string, id: string | undefined): Promise<number> {
  const queue = queues.find(name)
  queues.look(queue)
  const last = queue.enqueued
  const isMeant = (item: Item) =>
    item.history?.dead !== undefined && item.place <= last && (id === undefined || item.id === id)
  let count = 0
  for (;;) {
    const items = queue.line.extract(isMeant, atOnce)
    for (const item of items) sendBack(queues, queue, item)
    if (items.length > 0) queues.settle(queue)
    count += items.length
    if (items.length < atOnce) return count
    await new Promise(setImmediate)
    // It may be gone by now, and what was in it with it.
    if (queues.get(name) !== queue) return count
  }
}

function sendBack(queues: MemoryQueues, queue: Queue, item: Item): void {
  const { body, creationTimestamp, bytes, history } = item
  queue.waitingBytes -= bytes
  if (!history?.dead) return
  const target = history.dead.queue
  note(history, 'redriven', queues.clock.wall())
  history.dead = undefined
  history.deliveries = 0
  queue.dequeued += 1
  queues.room.free(overhead.death)
  arrive(queues, target, { body, creationTimestamp, bytes: bytes - overhead.death, history })
}
