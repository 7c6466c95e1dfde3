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
