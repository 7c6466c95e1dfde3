/** What of a queue's settings goes together. */
import { RefusedError } from './store.ts'
import { longestName, type QueueSettings } from './wire.ts'

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
  // The schema counts what a reader sees as one character; a path is measured otherwise, and can't have halves of one.
  if (deadLetter?.isWellFormed() === false) return 'deadLetter is no Unicode text: half of a surrogate pair'
  if (deadLetter !== undefined && deadLetter.length > longestName)
    return `deadLetter is longer than a queue’s name may be: ${longestName.toLocaleString('en-US')} units of UTF-16`
  if (deadLetter === queue) return 'deadLetter has to be another queue'
  return undefined
}
