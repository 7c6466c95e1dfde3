/** The routes of the MemQ server. */
import type { FastifyReply } from 'fastify'
import { withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { nothing, schemasOf, text } from '../../http/schemas.ts'
import { RefusedError, type Empty, type QueueStore, type Refusal } from './store.ts'
import type { DeliveredMessage } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const statuses: Record<Refusal, number> = {
  'queue unknown': 400,
  'queue exists': 400,
  'lease gone': 410,
  'key reused': 422,
  full: 507,
  away: 503,
}

const errorHandler = withStatus((error) =>
  error instanceof RefusedError ? statuses[error.refusal] : undefined,
)

const path = '/memq/server'
const queuePath = `${path}/queues/:queue`

const params = schemaOf('QueuePath')
const away = { 503: text('the store can’t be asked; memory always can') }
const done = { 200: nothing(), ...away }
const leaseGone = text('the lease is unknown, or has expired')

/** Mounts every route. */
export function memqRoutes(http: Http, store: QueueStore): void {
  http.get(
    `${path}/stats`,
    {
      schema: { summary: "Every queue's figures", response: { 200: schemaOf('Stats'), ...away } },
      errorHandler,
    },
    async () => ({ kind: 'stats' as const, queues: await store.stats() }),
  )
  queueRoutes(http, store)
  messageRoutes(http, store)
  leaseRoutes(http, store)
}

/** Queues are made, deleted and drained. */
function queueRoutes(http: Http, store: QueueStore): void {
  const schema = (summary: string) => ({ schema: { summary, params, response: done }, errorHandler })
  http.put(queuePath, schema('Create a queue'), async ({ params: { queue } }) => {
    await store.create(queue)
  })
  http.delete(queuePath, schema('Delete a queue and all that is in it'), async ({ params: { queue } }) => {
    await store.delete(queue)
  })
  http.post(`${queuePath}/drain`, schema('Discard what waits in a queue'), async ({ params: { queue } }) => {
    await store.drain(queue)
  })
}

/** Messages are put in and taken out: the two routes that must be cheap. */
function messageRoutes(http: Http, store: QueueStore): void {
  http.post(
    `${queuePath}/enqueue`,
    {
      schema: {
        summary: 'Put a message into a queue',
        params,
        headers: schemaOf('SenderKey'),
        body: text('any text'),
        response: {
          200: schemaOf('Message'),
          422: text('the Idempotency-Key was sent with another message'),
          507: text('the queues hold as much as they may'),
          ...away,
        },
      },
      errorHandler,
    },
    ({ params: { queue }, body, headers }) => store.enqueue(queue, body, headers['idempotency-key']),
  )
  http.post(
    `${queuePath}/dequeue`,
    {
      schema: {
        summary: 'Take the oldest message of a queue',
        params,
        querystring: schemaOf('LeaseTime'),
        response: { 200: schemaOf('DeliveredMessage'), 204: nothing('the queue is empty'), ...away },
      },
      errorHandler,
      config: { exemptFrom: ['read-only'] },
    },
    ({ params: { queue }, query: { lease } }, reply) => {
      const delivery = store.dequeue(queue, lease)
      return delivery instanceof Promise
        ? delivery.then((later) => deliver(later, reply))
        : deliver(delivery, reply)
    },
  )
}

/** An empty queue is told by 204, and says how many messages may still come back to it. */
function deliver(delivery: DeliveredMessage | Empty, reply: FastifyReply): DeliveredMessage | null {
  if (delivery.kind === 'message') return delivery
  reply.code(204).header('MemQ-Leased', delivery.leased)
  return null
}

/** Leases are ended and renewed by those who hold them. */
function leaseRoutes(http: Http, store: QueueStore): void {
  for (const [action, summary] of [
    ['ack', 'Finish a leased message; this may be tried again'],
    ['nack', 'Give a leased message back at once'],
    ['renew', "Start a lease's time anew"],
  ] as const) {
    http.post(
      `${queuePath}/${action}`,
      {
        schema: {
          summary,
          params,
          querystring: schemaOf('LeaseName'),
          response: { ...done, 410: leaseGone },
        },
        errorHandler,
        config: { exemptFrom: ['read-only'] },
      },
      async ({ params: { queue }, query: { lease } }) => {
        await store[action](queue, lease)
      },
    )
  }
}
