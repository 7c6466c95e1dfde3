/** What of a queue's settings goes together. */
import { RefusedError } from './store.ts'
import type { QueueSettings } from './wire.ts'

/** @throws RefusedError `not valid` with what is wrong */
export function checkSettings(queue: string, settings: QueueSettings): void {
  const reason = refusalOf(queue, settings)
  if (reason !== undefined) throw new RefusedError('not valid', reason)
}

function refusalOf(queue: string, { maxDeliveries, deadLetter }: QueueSettings): string | undefined {
  if (maxDeliveries !== undefined && deadLetter === undefined)
    return 'maxDeliveries needs deadLetter: the queue for messages that were handed out so often'
  if (deadLetter !== undefined && maxDeliveries === undefined)
    return 'deadLetter needs maxDeliveries: how often a message is handed out before it goes there'
  if (deadLetter === queue) return 'deadLetter has to be another queue'
  return undefined
}
