/** The routes of the MemQ server. */
import type { FastifyReply } from 'fastify'
import * as Type from 'typebox'
import { maxParamLength, type Http } from '../../http/http.ts'
import { withStatus } from '../../http/errors.ts'
import { RefusedError, type Empty, type QueueStore, type Refusal } from './store.ts'
import { DeliveredMessage, Message, Stats } from './wire.ts'

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

const params = Type.Object({
  queue: Type.String({ minLength: 1, maxLength: maxParamLength, description: "the queue's name" }),
})
const away = { 503: Type.String({ description: 'the store can’t be asked; memory always can' }) }
const done = { 200: Type.Null(), ...away }
const leaseGone = Type.String({ description: 'the lease is unknown, or has expired' })
const LeaseName = Type.Object({ lease: Type.String({ minLength: 1, description: 'as dequeue gave it' }) })
const LeaseTime = Type.Object({
  lease: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3600,
      description:
        'seconds for which the message is hidden, to be acked by then; without, it is finished at once',
    }),
  ),
})

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
const SenderKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        'the sender’s own key for this message, so that it may try again: within an hour the same key is the same message, and the answer that of the first time; the newest 32,768 keys are remembered at least',
    }),
  ),
})

/** Mounts every route. */
export function memqRoutes(http: Http, store: QueueStore): void {
  http.get(
    `${path}/stats`,
    { schema: { summary: "Every queue's figures", response: { 200: Stats, ...away } }, errorHandler },
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
        headers: SenderKey,
        body: Type.String({ description: 'any text' }),
        response: {
          200: Message,
          422: Type.String({ description: 'the Idempotency-Key was sent with another message' }),
          507: Type.String({ description: 'the queues hold as much as they may' }),
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
        querystring: LeaseTime,
        response: { 200: DeliveredMessage, 204: Type.Null({ description: 'the queue is empty' }), ...away },
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
        schema: { summary, params, querystring: LeaseName, response: { ...done, 410: leaseGone } },
        errorHandler,
        config: { exemptFrom: ['read-only'] },
      },
      async ({ params: { queue }, query: { lease } }) => {
        await store[action](queue, lease)
      },
    )
  }
}
