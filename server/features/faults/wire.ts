/** The JSON shapes of the Faults page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const aDay = 86_400

/** How long a fault lasts. */
const ending = {
  seconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: aDay,
      description: 'until it ends by itself; 0, or left out, is until it is taken back',
    }),
  ),
}

/** Which requests a fault touches. */
const touching = {
  share: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'of the requests; 1 by default' })),
  path: Type.Optional(Type.String({ maxLength: 1024, description: 'how their paths begin; / by default' })),
  probes: Type.Optional(Type.Boolean({ description: 'whether probes are touched too; not by default' })),
  ...ending,
}

/** A word that is none of these is a slip, such as a share that was mistyped: all requests would be touched. */
const order = <Fields extends Type.TProperties>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false })

/** What each kind of fault is told. */
export const faultOrders = {
  delay: order({
    ms: Type.Integer({
      minimum: 1,
      maximum: 600_000,
      description: 'of each request; the median where there is a p99Ms',
    }),
    p99Ms: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 600_000,
        description: 'what one in a hundred is delayed at least',
      }),
    ),
    ...touching,
  }),
  error: order({
    status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599, description: '503 by default' })),
    retryAfter: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: aDay,
        description: 'in seconds; 0, or left out, is no such header',
      }),
    ),
    ...touching,
  }),
  cut: order({
    at: Type.Optional(
      Type.Enum(['before', 'within', 'after'], { description: 'the answer’s head; before by default' }),
    ),
    reset: Type.Optional(Type.Boolean({ description: 'by a reset (RST), not by an orderly end (FIN)' })),
    ...touching,
  }),
  'slow-body': order({ bytesPerSecond: Type.Integer({ minimum: 1, maximum: 1 << 30 }), ...touching }),
  'request-cpu': order({
    ms: Type.Integer({ minimum: 1, maximum: 60_000, description: 'of CPU that each request takes' }),
    ...touching,
  }),
  crash: order({
    afterSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: aDay, description: 'now by default' })),
    afterRequests: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1e9, description: 'instead of seconds' }),
    ),
    code: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, description: '1 by default' })),
    signal: Type.Optional(
      Type.Enum(['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM'], { description: 'instead of a code' }),
    ),
  }),
  deadlock: order({
    afterSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: aDay, description: 'now by default' })),
    seconds: Type.Integer({ minimum: 1, maximum: 3600, description: 'that nothing is answered' }),
  }),
  cpu: order({
    cores: Type.Number({ minimum: 0.01, maximum: 256, description: 'to keep busy, in threads of their own' }),
    ...ending,
  }),
  leak: order({
    mibPerSecond: Type.Number({ minimum: 0.1, maximum: 4096 }),
    ...ending,
  }),
  disk: order({
    folder: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: '/tmp by default' })),
    mib: Type.Integer({ minimum: 1, maximum: 1 << 20, description: 'of its space to take' }),
    ...ending,
  }),
  'open-files': order({ count: Type.Integer({ minimum: 1, maximum: 1_000_000 }), ...ending }),
  sockets: order({ count: Type.Integer({ minimum: 1, maximum: 1_000_000 }), ...ending }),
  'ignore-sigterm': order({ ...ending }),
  'log-flood': order({ linesPerSecond: Type.Integer({ minimum: 1, maximum: 100_000 }), ...ending }),
} as const

/** Which kind a path names. */
export const FaultPath = Type.Object({ kind: Type.String() })

/** An order of any kind. */
export const AnyFaultOrder = Type.Union(Object.values(faultOrders))

export type FaultKind = keyof typeof faultOrders
export type FaultOrder<Kind extends FaultKind> = Static<(typeof faultOrders)[Kind]>

/** A fault that is on. */
export const Fault = Type.Object({
  kind: Type.String(),
  words: Type.String({ description: 'what it does, such as `answers 30 % of requests with 503`' }),
  order: Type.Record(Type.String(), Type.Unknown(), { description: 'as it was given, with its defaults' }),
  since: Type.String({ format: 'date-time' }),
  until: orNull(Type.String({ format: 'date-time', description: 'null until it is taken back' })),
  touched: orNull(Type.Integer({ description: 'requests so far; null where it touches none' })),
  progress: Type.Optional(Type.String({ description: 'how far it has come, such as `512 MiB taken`' })),
  problem: Type.Optional(
    Type.String({ description: 'why it does less than it was told, such as a folder that is full' }),
  ),
})
export type Fault = Static<typeof Fault>

/** The state of the topic `faults`, and what `/faults` answers. */
export const FaultsState = Type.Object({
  faults: Type.Array(Fault, { description: 'those that are on, the newest last' }),
  byQuery: Type.Boolean({ description: 'whether a request may ask for faults by its query' }),
  ended: Type.Array(
    Type.Object({
      id: Type.Integer({ description: 'counts from 0' }),
      kind: Type.String(),
      words: Type.String(),
      since: Type.String({ format: 'date-time' }),
      at: Type.String({ format: 'date-time' }),
      why: Type.Enum([
        'its time was up',
        'taken back',
        'replaced',
        'the process ends',
        'it failed',
        'it was done',
      ]),
    }),
    { description: 'the last 20 that have ended, oldest first' },
  ),
})
export type FaultsState = Static<typeof FaultsState>
