/** The calls of the work queue as commands, for this very host and prefix. */
import { queuePath } from '../../lib/api.ts'
import { curl } from '../../lib/curl.ts'

/** What another program can do with a queue. */
export interface QueueCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below the root, with Q for the queue and ID for the lease. */
  readonly path: string
  readonly does: string
  /** To be pasted into a shell. */
  readonly command: string
}

/** To be pasted into a shell. */
export const creationCommand = (queue: string): string => curl(queuePath(queue), '-X PUT')

/**
 * All of them, in the order of a message's life.
 * @param queue its name, which fills the commands
 * @param lease as `dequeue?lease=` gave it
 */
export function queueCalls(queue: string, lease: string): readonly QueueCall[] {
  const call = (
    method: QueueCall['method'],
    action: string,
    does: string,
    { query = '', shown = '', more = '' } = {},
  ): QueueCall => ({
    method,
    path: `/memq/server/queues/Q${action}${shown || query}`,
    does,
    command: curl(`${queuePath(queue)}${action}${query}`, `-X ${method}`) + more,
  })
  const held = { query: `?lease=${encodeURIComponent(lease)}`, shown: '?lease=ID' }
  return [
    call('PUT', '', 'makes the queue'),
    call('POST', '/enqueue', 'puts a message in: the body, whatever it is', { more: ' -d work-item-0' }),
    call('POST', '/dequeue', 'takes the oldest message out for good; 204 when none waits'),
    call('POST', '/dequeue', 'borrows it for 30 s; the answer’s lease is its ID', { query: '?lease=30' }),
    call('POST', '/ack', 'finishes a message that is on lease', held),
    call('POST', '/nack', 'gives it back at once, ahead of newer ones', held),
    call('POST', '/renew', 'starts the time of the lease anew', held),
    call('POST', '/drain', 'discards what waits'),
    call('DELETE', '', 'deletes the queue and all that is in it'),
    {
      method: 'GET',
      path: '/memq/server/stats',
      does: 'tells the figures of every queue',
      command: curl('memq/server/stats'),
    },
  ]
}
