/** The JSON shapes of the MemQ server. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const messageFields = {
  kind: Type.Literal('message'),
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  body: Type.String(),
  creationTimestamp: Type.String({ format: 'date-time', description: 'when it was enqueued' }),
}

/** A message, as it was enqueued. */
export const Message = Type.Object(messageFields)
export type Message = Static<typeof Message>

/** A message, as it is handed out. */
export const DeliveredMessage = Type.Object({
  ...messageFields,
  lease: Type.Optional(
    Type.String({ description: 'names the lease to ack, nack and renew; only if one was asked for' }),
  ),
})
export type DeliveredMessage = Static<typeof DeliveredMessage>

/** One queue's figures; enqueued = depth + leased + dequeued + drained, always. */
export const QueueStats = Type.Object({
  name: Type.String(),
  depth: Type.Integer({ description: 'messages that wait' }),
  enqueued: Type.Integer({ description: 'messages ever put in' }),
  dequeued: Type.Integer({ description: 'messages finished: acked, or taken without a lease' }),
  drained: Type.Integer({ description: 'messages discarded' }),
  leased: Type.Integer({ description: 'messages that a worker holds' }),
})
export type QueueStats = Static<typeof QueueStats>

/** Every queue's figures. */
export const Stats = Type.Object({
  kind: Type.Literal('stats'),
  queues: Type.Array(QueueStats, { description: 'sorted by name' }),
})
export type Stats = Static<typeof Stats>

/** What the event stream tells of the queues. */
export const MemqState = Type.Object({
  ...Stats.properties,
  store: Type.Union([Type.Literal('memory'), Type.Literal('redis')]),
  away: Type.Optional(
    Type.String({ description: 'why the store can’t be asked; the figures are the last that it gave' }),
  ),
})
export type MemqState = Static<typeof MemqState>

/** Which queue a path names. */
export const QueuePath = Type.Object({
  // No part of a path may be longer: maxParamLength in http/.
  queue: Type.String({ minLength: 1, maxLength: 1024, description: "the queue's name" }),
})

/** Which lease is meant. */
export const LeaseName = Type.Object({
  lease: Type.String({ minLength: 1, description: 'as dequeue gave it' }),
})

/** Whether a message is taken under a lease. */
export const LeaseTime = Type.Object({
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
export const SenderKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        'the sender’s own key for this message, so that it may try again: within an hour the same key is the same message, and the answer that of the first time; the newest 32,768 keys are remembered at least',
    }),
  ),
})
