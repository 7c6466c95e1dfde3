/** The routes of the MemQ server. */
import type { FastifyReply } from 'fastify'
import { HttpError, withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { prepareJson, sendJsonLine } from '../../http/json.ts'
import { nothing, schemasOf, text } from '../../http/schemas.ts'
import { spanOf } from '../../http/spans.ts'
import { canBeAnswered, untilClosed } from '../../http/until-closed.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import { deliveryLine, messageLine } from './message-line.ts'
import { RefusedError, type Awaitable, type Empty, type QueueStore, type Refusal } from './store.ts'
import { traceContextIn, type TraceContext } from '../../tracing/trace-context.ts'
import type { WaitingClients } from './waiting-clients.ts'
import type { DeliveredMessage, DeliveredMessages, Leases, Message, Messages, Settlement } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const statuses: Record<Refusal, number> = {
  'queue unknown': 400,
  'queue exists': 400,
  'not valid': 400,
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

/** What consumers do, who have work to finish whatever else may not be changed. */
const byConsumers = { exemptFrom: ['read-only'] }

/** What the routes are for. */
interface Served {
  readonly store: QueueStore
  /** Those of its clients who wait for a message. */
  readonly waiting: WaitingClients
  readonly tracing: Tracing | undefined
}

/** Mounts every route. */
export function memqRoutes(http: Http, { store, waiting, tracing }: Served): void {
  http.get(
    `${path}/stats`,
    {
      schema: { summary: "Every queue's figures", response: { 200: schemaOf('Stats'), ...away } },
      errorHandler,
    },
    async () => ({ kind: 'stats' as const, queues: await store.stats() }),
  )
  queueRoutes(http, store)
  lookRoutes(http, store)
  enqueueRoute(http, store, tracing)
  dequeueRoute(http, store, waiting)
  settlementRoutes(http, store)
  renewRoute(http, store)
}

/** Queues are made, deleted and drained. */
function queueRoutes(http: Http, store: QueueStore): void {
  http.put(
    queuePath,
    {
      schema: {
        summary: 'Create a queue; with settings, or have the one that is there keep to them from now on',
        params,
        body: schemaOf('SettingsIfAny'),
        response: done,
      },
      errorHandler,
    },
    async ({ params: { queue }, body }) => {
      const settings = body ?? undefined
      if (settings) (await import('./settings.ts')).checkSettings(queue, settings)
      await store.create(queue, settings)
    },
  )
  const schema = (summary: string) => ({ schema: { summary, params, response: done }, errorHandler })
  http.delete(queuePath, schema('Delete a queue and all that is in it'), async ({ params: { queue } }) => {
    await store.delete(queue)
  })
  http.post(`${queuePath}/drain`, schema('Discard what waits in a queue'), async ({ params: { queue } }) => {
    await store.drain(queue)
  })
}

/** Messages are looked at, and dead ones sent back. */
function lookRoutes(http: Http, store: QueueStore): void {
  http.get(
    `${queuePath}/messages`,
    {
      schema: {
        summary: 'Look at the messages of a queue, and take none',
        params,
        querystring: schemaOf('PeekOptions'),
        response: { 200: schemaOf('PeekedMessages'), ...away },
      },
      errorHandler,
    },
    ({ params: { queue }, query: { after, count = 20 } }) => store.peek(queue, count, after),
  )
  http.post(
    `${queuePath}/redrive`,
    {
      schema: {
        summary: 'Send the dead messages that wait back to the queues that they came from',
        params,
        querystring: schemaOf('RedriveOptions'),
        response: { 200: schemaOf('Redriven'), ...away },
      },
      errorHandler,
    },
    async ({ params: { queue }, query: { id } }) => ({
      kind: 'redriven' as const,
      moved: await store.redrive(queue, id),
    }),
  )
}

/** Messages are put in: this and the next route must be cheap. */
function enqueueRoute(http: Http, store: QueueStore, tracing: Tracing | undefined): void {
  http.post(
    `${queuePath}/enqueue`,
    {
      schema: {
        summary: 'Put a message into a queue, or a batch of them',
        params,
        querystring: schemaOf('EnqueueOptions'),
        headers: schemaOf('SenderHeaders'),
        body: text('any text'),
        response: {
          200: schemaOf('Enqueued'),
          422: text('the Idempotency-Key was sent with another message'),
          507: text('the queues hold as much as they may, or the queue is at a limit of its own'),
          ...away,
        },
      },
      errorHandler,
    },
    (request, reply) => {
      const { queue } = request.params
      const { batch, delay } = request.query
      const { body, headers } = request
      const key = headers['idempotency-key']
      const put = (trace: TraceContext | undefined): Awaitable<Message | Messages> =>
        batch === true
          ? enqueueBatch(store, queue, { body, key, delay, trace })
          : store.enqueue(queue, body, key, delay, trace)
      const answer = (sent: Message | Messages) => {
        if (sent.kind === 'messages') return sent
        sendJsonLine(reply, messageLine(sent))
        return undefined
      }
      return tracing
        ? import('./producer.ts')
            .then(({ sendTraced }) => sendTraced(tracing, queue, spanOf(request) ?? headers, put))
            .then(answer)
        : whenThere(put(traceContextIn(headers)), answer)
    },
  )
}

/** What is sent with a batch; the first is what it is made of. */
interface Batch {
  readonly body: string
  readonly key: string | undefined
  readonly delay: number | undefined
  readonly trace: TraceContext | undefined
}

async function enqueueBatch(
  store: QueueStore,
  queue: string,
  { body, key, delay, trace }: Batch,
): Promise<Messages> {
  if (key !== undefined)
    throw new HttpError(400, 'a batch has no Idempotency-Key: each message needs one of its own')
  const { messagesIn } = await import('./batch.ts')
  return { kind: 'messages', messages: await store.enqueueAll(queue, messagesIn(body), delay, trace) }
}

/** Messages are taken. */
function dequeueRoute(http: Http, store: QueueStore, waiting: WaitingClients): void {
  http.post(
    `${queuePath}/dequeue`,
    {
      schema: {
        summary: 'Take the oldest message of a queue, or several; wait for one where there is none',
        params,
        querystring: schemaOf('DequeueOptions'),
        response: { 200: schemaOf('Delivery'), 204: nothing('the queue is empty'), ...away },
      },
      errorHandler,
      config: byConsumers,
    },
    ({ params: { queue }, query: { lease, count, wait } }, reply) => {
      if (count !== undefined || wait !== undefined) {
        const taking = { count: count ?? 1, ...(lease === undefined ? {} : { leaseSeconds: lease }) }
        return waiting
          .take(queue, taking, wait ?? 0, {
            gone: untilClosed(reply),
            canBeAnswered: () => canBeAnswered(reply),
          })
          .then((taken) => deliverSome(taken, count !== undefined, reply))
      }
      return whenThere(store.dequeue(queue, lease), (delivery) => {
        if (delivery.kind === 'empty') return deliverNone(delivery, reply)
        sendJsonLine(reply, deliveryLine(delivery))
        return undefined
      })
    },
  )
}

/** What is there at once is used at once, since a promise would cost the two routes that must be cheap. */
const whenThere = <Value, Result>(
  value: Awaitable<Value>,
  use: (value: Value) => Result,
): Result | Promise<Result> => (value instanceof Promise ? value.then(use) : use(value))

/** @param asList as is answered who has asked for a number of messages */
function deliverSome(
  taken: DeliveredMessage[] | Empty,
  asList: boolean,
  reply: FastifyReply,
): DeliveredMessage | DeliveredMessages | null {
  if (!Array.isArray(taken)) return deliverNone(taken, reply)
  const [first = null] = taken
  return asList ? { kind: 'messages', messages: taken } : first
}

/** An empty queue is told by 204, and says how many messages may still come back to it. */
function deliverNone({ leased, delayed = 0 }: Empty, reply: FastifyReply): null {
  reply.code(204).header('MemQ-Leased', leased).header('MemQ-Delayed', delayed)
  return null
}

/** Leases are ended by those who hold them: one, that the query names, or several, that the body does. */
function settlementRoutes(http: Http, store: QueueStore): void {
  http.post(
    `${queuePath}/ack`,
    {
      schema: {
        summary: 'Finish leased messages; this may be tried again',
        ...settlement,
        querystring: schemaOf('LeaseName'),
      },
      errorHandler,
      config: byConsumers,
    },
    ({ params: { queue }, query: { lease }, body }, reply) =>
      settle(lease, body, reply, {
        one: (name) => store.ack(queue, name),
        all: (names) => store.ackAll(queue, names),
      }),
  )
  http.post(
    `${queuePath}/nack`,
    {
      schema: {
        summary: 'Give leased messages back, at once or after a delay',
        ...settlement,
        querystring: schemaOf('Return'),
      },
      errorHandler,
      config: byConsumers,
    },
    ({ params: { queue }, query: { lease, delay }, body }, reply) =>
      settle(lease, body, reply, {
        one: (name) => store.nack(queue, name, delay),
        all: (names) => store.nackAll(queue, names, delay),
      }),
  )
}

const leaseGone = text('the lease is unknown, or has expired')

/** What the two have in common. */
const settlement = {
  params,
  body: schemaOf('LeasesIfAny'),
  response: {
    200: {
      description: 'nothing for one lease, and for several what became of them',
      content: {
        'application/json': { schema: schemaOf('Settlement') },
        'text/plain': { schema: text() },
      },
    },
    410: leaseGone,
    ...away,
  },
}

/** How leases are ended. */
interface Ending {
  readonly one: (lease: string) => void | Promise<void>
  readonly all: (leases: readonly string[]) => Settlement | Promise<Settlement>
}

async function settle(
  lease: string | undefined,
  body: Leases | null | undefined,
  reply: FastifyReply,
  { one, all }: Ending,
): Promise<Settlement | ''> {
  const leases = body?.leases
  if (leases) {
    if (lease !== undefined)
      throw new HttpError(400, 'lease is in the query, and leases in the body: name them in one place')
    prepareJson(reply)
    // What is named twice is settled once.
    return all([...new Set(leases)])
  }
  if (lease === undefined)
    throw new HttpError(
      400,
      'lease is missing in the query, or {"leases":[...]} in the body: what dequeue gave',
    )
  await one(lease)
  reply.type('text/plain; charset=utf-8')
  return ''
}

/** A lease's time is begun anew by who holds it. */
function renewRoute(http: Http, store: QueueStore): void {
  http.post(
    `${queuePath}/renew`,
    {
      schema: {
        summary: "Start a lease's time anew",
        params,
        querystring: schemaOf('HeldLease'),
        response: { ...done, 410: leaseGone },
      },
      errorHandler,
      config: byConsumers,
    },
    async ({ params: { queue }, query: { lease } }) => {
      await store.renew(queue, lease)
    },
  )
}
