/** The calls of the work queue as commands, for this very host and prefix. */
import { curl } from '../../lib/curl.ts'
import { shellWord } from '../../lib/shell.ts'
import { queuePath } from './requests.ts'

/** What another program can do with a queue. */
export interface QueueCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below the root, with Q for the queue and ID for the lease, and what is sent. */
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
    { query = '', shown = '', body = '', sends = '' } = {},
  ): QueueCall => ({
    method,
    path: `/memq/server/queues/Q${action}${shown || query}${sends === '' ? '' : ` ${sends}`}`,
    does,
    command: [
      curl(`${queuePath(queue)}${action}${query}`, ...(method === 'GET' ? [] : [`-X ${method}`])),
      ...(body === '' ? [] : ['-d', body]),
    ].join(' '),
  })
  const json = (value: unknown) => shellWord(JSON.stringify(value))
  const named = `lease=${encodeURIComponent(lease)}`
  const held = { query: `?${named}`, shown: '?lease=ID' }
  const several = { body: json({ leases: [lease] }), sends: '{"leases":[…]}' }
  return [
    call('PUT', '', 'makes the queue'),
    call('PUT', '', 'has it keep to these settings, and makes it where there is none', {
      body: json({ maxDeliveries: 3, deadLetter: `${queue}.dead`, maxLength: 1000 }),
      sends: '{…}',
    }),
    call('POST', '/enqueue', 'puts a message in: the body, whatever it is', { body: 'work-item-0' }),
    call('POST', '/enqueue', 'puts one in that is hidden for 60 s', {
      query: '?delay=60',
      body: 'work-item-1',
    }),
    call(
      'POST',
      '/enqueue',
      'puts in all of a JSON array, or one for each line of JSON: all of them or none',
      {
        query: '?batch=true',
        body: json(['work-item-2', 'work-item-3']),
      },
    ),
    call('POST', '/dequeue', 'takes the oldest message out for good; 204 when none waits'),
    call('POST', '/dequeue', 'borrows it for 30 s; the answer’s lease is its ID', { query: '?lease=30' }),
    call('POST', '/dequeue', 'the same, and waits up to 20 s for one; who has waited longest is first', {
      query: '?lease=30&wait=20',
    }),
    call('POST', '/dequeue', 'borrows up to 10', { query: '?lease=30&count=10' }),
    call('POST', '/ack', 'finishes a message that is on lease', held),
    call('POST', '/ack', 'finishes several', several),
    call('POST', '/nack', 'gives it back at once, ahead of newer ones', held),
    call('POST', '/nack', 'gives it back, hidden for 5 s', {
      query: `?${named}&delay=5`,
      shown: '?lease=ID&delay=5',
    }),
    call('POST', '/nack', 'gives several back', several),
    call('POST', '/renew', 'starts the time of the lease anew', held),
    call(
      'GET',
      '/messages',
      'shows the oldest 20 that it holds, with their lives, and takes none; more by after=ID',
      {
        query: '?count=20',
      },
    ),
    call('POST', '/redrive', 'sends dead messages back to the queues that they came from; one by id=ID'),
    call('POST', '/drain', 'discards what waits or is delayed'),
    call('DELETE', '', 'deletes the queue and all that is in it'),
    {
      method: 'GET',
      path: '/memq/server/stats',
      does: 'tells the figures of every queue',
      command: curl('memq/server/stats'),
    },
  ]
}
