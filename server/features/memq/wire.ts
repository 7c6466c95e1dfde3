/** The JSON shapes of the MemQ server. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** Of a queue's name, in UTF-16 units: no part of a path may be longer (maxParamLength in http/). */
export const longestName = 1024

const messageFields = {
  kind: Type.Literal('message'),
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  body: Type.String(),
  creationTimestamp: Type.String({ format: 'date-time', description: 'when it was enqueued' }),
}

/** A message, as it was enqueued. */
export const Message = Type.Object(messageFields)
export type Message = Static<typeof Message>

/** Several messages, as they were enqueued. */
export const Messages = Type.Object({ kind: Type.Literal('messages'), messages: Type.Array(Message) })
export type Messages = Static<typeof Messages>

/** What was put in: one message, or those of a batch. */
export const Enqueued = Type.Union([Message, Messages])

/** One thing that has happened to a message. */
export const LifeEvent = Type.Object({
  event: Type.Union(
    [
      Type.Literal('enqueued'),
      Type.Literal('delivered'),
      Type.Literal('returned'),
      Type.Literal('expired'),
      Type.Literal('dead'),
      Type.Literal('redriven'),
    ],
    {
      description:
        'enqueued; delivered under a lease; returned by nack; expired with its lease; dead: sent to the dead-letter queue; redriven: sent back from there',
    },
  ),
  at: Type.String({ format: 'date-time' }),
})
export type LifeEvent = Static<typeof LifeEvent>

/** Why a message is in a dead-letter queue. */
export const Death = Type.Object({
  queue: Type.String({ description: 'where it comes from, and where redrive sends it' }),
  id: Type.String({ description: 'what it was called there' }),
  deliveries: Type.Integer({ description: 'how often it was handed out there' }),
  reason: Type.String({ description: 'in words' }),
  at: Type.String({ format: 'date-time' }),
})
export type Death = Static<typeof Death>

const traceFields = {
  traceparent: Type.Optional(
    Type.String({
      description:
        'the trace that it was sent in, and its sender’s span (W3C Trace Context), if there is one',
    }),
  ),
  tracestate: Type.Optional(Type.String({ description: 'what tracing systems have added to it' })),
}

const historyFields = {
  deliveries: Type.Integer({ description: 'how often it was handed out, this time included' }),
  dead: Type.Optional(Death),
}

/** A message, as it is handed out. */
export const DeliveredMessage = Type.Object({
  ...messageFields,
  ...historyFields,
  ...traceFields,
  lease: Type.Optional(
    Type.String({ description: 'names the lease to ack, nack and renew; only if one was asked for' }),
  ),
  life: Type.Optional(
    Type.Array(LifeEvent, { description: 'what has happened to it, oldest first; only of a dead one' }),
  ),
})
export type DeliveredMessage = Static<typeof DeliveredMessage>

/** Several messages, as they are handed out. */
export const DeliveredMessages = Type.Object({
  kind: Type.Literal('messages'),
  messages: Type.Array(DeliveredMessage, { description: 'oldest first' }),
})
export type DeliveredMessages = Static<typeof DeliveredMessages>

/** What is handed out: one message, or a list where a count was asked for. */
export const Delivery = Type.Union([DeliveredMessage, DeliveredMessages])

/** A message that is looked at and stays where it is. */
export const PeekedMessage = Type.Object({
  id: messageFields.id,
  creationTimestamp: messageFields.creationTimestamp,
  ...historyFields,
  ...traceFields,
  state: Type.Union([Type.Literal('waiting'), Type.Literal('leased'), Type.Literal('delayed')]),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'when a lease or a delay ends' })),
  start: Type.String({ description: 'the first 1,024 characters of its body' }),
  bytes: Type.Integer({ description: 'of its whole body' }),
  life: Type.Array(LifeEvent, {
    description: 'what has happened to it, oldest first: its enqueueing, and the last 20 events after it',
  }),
})
export type PeekedMessage = Static<typeof PeekedMessage>

/** Some of a queue's messages, in the order of their places. */
export const PeekedMessages = Type.Object({
  kind: Type.Literal('peek'),
  messages: Type.Array(PeekedMessage),
  next: Type.Optional(
    Type.String({ description: 'after which message the next page begins; without, this is the last' }),
  ),
})
export type PeekedMessages = Static<typeof PeekedMessages>

/** What a queue keeps to. */
export const QueueSettings = Type.Object(
  {
    maxDeliveries: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description:
          'a message that has been handed out so often and comes back goes to the dead-letter queue; needs deadLetter',
      }),
    ),
    deadLetter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: longestName,
        description: 'the name of another queue, which is made if there is none; needs maxDeliveries',
      }),
    ),
    maxLength: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'how many messages may wait, those that are delayed included',
      }),
    ),
    maxAgeSeconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 31_536_000, description: 'how old a message that waits may be' }),
    ),
    overflow: Type.Optional(
      Type.Union([Type.Literal('refuse'), Type.Literal('drop-oldest')], {
        description:
          'what happens beyond maxLength and maxAgeSeconds: enqueue is refused by 507 (as without this), or the oldest that waits is discarded',
      }),
    ),
  },
  { additionalProperties: false },
)
export type QueueSettings = Static<typeof QueueSettings>

/** What a queue is to keep to, if that is said. */
export const SettingsIfAny = Type.Union([QueueSettings, Type.Null()])

/** One queue's figures; enqueued = depth + leased + delayed + dequeued + drained + dead, always. */
export const QueueStats = Type.Object({
  name: Type.String(),
  depth: Type.Integer({ description: 'messages that wait' }),
  enqueued: Type.Integer({ description: 'messages ever put in' }),
  dequeued: Type.Integer({
    description: 'messages finished: acked, taken without a lease, or redriven',
  }),
  drained: Type.Integer({ description: 'messages discarded: by a drain, or over a limit' }),
  leased: Type.Integer({ description: 'messages that a worker holds' }),
  delayed: Type.Integer({ description: 'messages that are hidden until their delay is over' }),
  dead: Type.Integer({ description: 'messages ever sent to the dead-letter queue' }),
  oldest: Type.Optional(
    Type.String({ format: 'date-time', description: 'when the oldest that waits was enqueued' }),
  ),
  settings: Type.Optional(QueueSettings),
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
  queue: Type.String({ minLength: 1, maxLength: longestName, description: "the queue's name" }),
})

const delay = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: 86_400,
    description: 'seconds for which the message is hidden from now on',
  }),
)

/** Which lease is meant. */
export const HeldLease = Type.Object({
  lease: Type.String({ minLength: 1, description: 'as dequeue gave it' }),
})

/** Which lease is meant, where it isn't in the body. */
export const LeaseName = Type.Partial(HeldLease)

/** Which lease is given back, where it isn't in the body, and for how long its message is hidden. */
export const Return = Type.Object({ ...LeaseName.properties, delay })

/** Several leases, which are settled together. */
export const Leases = Type.Object({
  leases: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 1000 }),
})
export type Leases = Static<typeof Leases>

/** Several leases, where none is in the query. */
export const LeasesIfAny = Type.Union([Leases, Type.Null()])

/** What became of several leases. */
export const Settlement = Type.Object({
  kind: Type.Literal('settlement'),
  settled: Type.Integer({ description: 'how many were finished, or given back' }),
  gone: Type.Array(Type.String(), { description: 'those that had expired, or never were' }),
})
export type Settlement = Static<typeof Settlement>

/** How messages are put in. */
export const EnqueueOptions = Type.Object({
  batch: Type.Optional(
    Type.Boolean({
      description:
        'the body is a JSON array, or one JSON value on each line, of at most 1,000 messages: of a string its text, of all else its JSON. All are put in, or none; they have no Idempotency-Key',
    }),
  ),
  delay,
})

/** How messages are taken. */
export const DequeueOptions = Type.Object({
  lease: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3600,
      description:
        'seconds for which the message is hidden, to be acked by then; without, it is finished at once',
    }),
  ),
  count: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'up to so many messages, whose answer is a list',
    }),
  ),
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 20,
      description: 'seconds to wait for a message where there is none; who has waited longest is first',
    }),
  ),
})

const idInWords = 'the id of a message: 32 hexadecimal digits, a to f in lower case'

/** Which messages are looked at. */
export const PeekOptions = Type.Object({
  after: Type.Optional(
    Type.String({
      pattern: '^[0-9a-f]{32}$',
      title: idInWords,
      description: 'those behind this one; it may be gone',
    }),
  ),
  count: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'at most so many; 20 without' }),
  ),
})

/** What is sent back from a dead-letter queue. */
export const RedriveOptions = Type.Object({
  id: Type.Optional(
    Type.String({
      pattern: '^[0-9a-f]{32}$',
      title: idInWords,
      description: 'this one; without, all that wait',
    }),
  ),
})

/** What was sent back. */
export const Redriven = Type.Object({
  kind: Type.Literal('redriven'),
  moved: Type.Integer({ description: 'messages on their way to the queues that they came from' }),
})
export type Redriven = Static<typeof Redriven>

/** What a sender says beside its message. */
export const SenderHeaders = Type.Object({
  // https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        'the sender’s own key for this message, so that it may try again: within an hour the same key is the same message, and the answer that of the first time; the newest 32,768 keys are remembered at least',
    }),
  ),
  traceparent: Type.Optional(
    Type.String({
      description:
        'the trace that the sender works in (W3C Trace Context): the message keeps it, or where this server traces too that of its own span of the sending; one that is not valid is ignored',
    }),
  ),
  tracestate: Type.Optional(
    Type.String({ description: 'goes with traceparent; one of more than 512 characters is ignored' }),
  ),
})
