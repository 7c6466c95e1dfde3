/** The calls that the MemQ Server tab makes. */
import type {
  DeliveredMessage,
  Message,
  Messages,
  PeekedMessages,
  QueueSettings,
  Redriven,
  Settlement,
} from '../../../../server/features/memq/wire.ts'
import { ask, readJson, send, tell, type Answer } from '../../lib/api.ts'

/** A queue's address below the root. */
export const queuePath = (queue: string): string => `memq/server/queues/${encodeURIComponent(queue)}`

/** With a question mark; empty where nothing is said. No delay and no wait are as without. */
function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
  const said = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === 0 ? [] : [[name, String(value)]],
  )
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`
}

export const createQueue = (queue: string) => tell('PUT', queuePath(queue))
/** Has the queue keep to these from now on, and to no others. */
export const setQueue = (queue: string, settings: QueueSettings) => tell('PUT', queuePath(queue), settings)
export const deleteQueue = (queue: string) => tell('DELETE', queuePath(queue))
export const drainQueue = (queue: string) => tell('POST', `${queuePath(queue)}/drain`)

/** @param body as it is, whatever it is @param delay in seconds */
export const enqueue = async (queue: string, body: string, delay?: number): Promise<Answer<Message>> =>
  readJson(await send(`${queuePath(queue)}/enqueue${queryOf({ delay })}`, { method: 'POST', body }))

/** Puts all of them in, or none. @param delay in seconds */
export const enqueueAll = (queue: string, bodies: readonly string[], delay?: number) =>
  ask<Messages>('POST', `${queuePath(queue)}/enqueue${queryOf({ batch: 'true', delay })}`, bodies)

/** What came of taking one. */
export type Taken =
  | { readonly message: DeliveredMessage }
  | { readonly message: undefined; readonly leased: number | undefined }

/**
 * Borrows the oldest message.
 * @param lease for how many seconds @param wait how many seconds for one, where there is none
 * @param signal gives the waiting up
 */
export async function borrow(
  queue: string,
  { lease, wait }: { readonly lease: number; readonly wait: number },
  signal: AbortSignal,
): Promise<Answer<Taken>> {
  const query = queryOf({ lease, wait })
  const answer = await send(`${queuePath(queue)}/dequeue${query}`, { method: 'POST', signal })
  if (answer.value.status === 204) {
    const leased = answer.value.headers.get('memq-leased')
    return { ...answer, value: { message: undefined, leased: leased === null ? undefined : Number(leased) } }
  }
  const delivered = await readJson<DeliveredMessage>(answer)
  return { ...delivered, value: { message: delivered.value } }
}

export const ack = (queue: string, lease: string) =>
  tell('POST', `${queuePath(queue)}/ack${queryOf({ lease })}`)
/** @param delay in seconds */
export const nack = (queue: string, lease: string, delay?: number) =>
  tell('POST', `${queuePath(queue)}/nack${queryOf({ lease, delay })}`)
export const renew = (queue: string, lease: string) =>
  tell('POST', `${queuePath(queue)}/renew${queryOf({ lease })}`)
export const ackAll = (queue: string, leases: readonly string[]) =>
  ask<Settlement>('POST', `${queuePath(queue)}/ack`, { leases })
/** @param delay in seconds */
export const nackAll = (queue: string, leases: readonly string[], delay?: number) =>
  ask<Settlement>('POST', `${queuePath(queue)}/nack${queryOf({ delay })}`, { leases })

/** How many messages a page of them shows. */
export const pageLength = 20

/** @param after the id of the message before them */
export const peek = (queue: string, after?: string) =>
  ask<PeekedMessages>('GET', `${queuePath(queue)}/messages${queryOf({ after, count: pageLength })}`)

/** @param id of one message; without, all that wait */
export const redrive = (queue: string, id?: string) =>
  ask<Redriven>('POST', `${queuePath(queue)}/redrive${queryOf({ id })}`)
