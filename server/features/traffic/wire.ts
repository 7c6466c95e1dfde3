/** The JSON shapes of the Traffic page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const count = (description: string) => Type.Integer({ minimum: 0, description })
const milliseconds = (description: string) =>
  Type.Number({ minimum: 0, description: `${description}, in ms` })
const time = (description?: string) =>
  Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) })

/** What is sent, and for how long. */
export const TrafficConfig = Type.Object({
  enable: Type.Boolean({ description: 'whether requests are sent at all' }),
  url: Type.String({ maxLength: 2048, description: 'what is asked, such as http://kuard/' }),
  rate: Type.Number({
    minimum: 0.1,
    maximum: 2000,
    description: 'requests a second, each due at its own time',
  }),
  timeToRun: Type.Integer({
    minimum: 0,
    maximum: 86_400 * 365,
    description: 'seconds to run; 0 is no limit',
  }),
  numToSend: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'requests to send; 0 is no limit',
  }),
  connections: Type.Enum(['new', 'kept'], { description: 'a new one for each request, or kept ones' }),
  concurrency: Type.Integer({ minimum: 1, maximum: 256, description: 'requests side by side, at most' }),
  method: Type.String({ pattern: '^[A-Z]{1,20}$' }),
  headers: Type.Record(Type.String(), Type.String({ maxLength: 8192 })),
  body: Type.String({ maxLength: 1 << 20 }),
  timeoutMs: Type.Integer({
    minimum: 1,
    maximum: 60_000,
    description: 'until a request has failed, from when it was due',
  }),
  count: Type.String({
    maxLength: 200,
    description: 'what of the answers is counted: body, header:NAME, json:FIELD, or nothing',
  }),
  log: Type.Enum(['seconds', 'failures'], {
    description: 'a line in the log for each second, or for each failure',
  }),
  exitOnComplete: Type.Boolean({
    description: 'whether the process exits when all is sent: 0 if few enough failed, else 1',
  }),
  maxFailures: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'failures that are none too many',
  }),
})
export type TrafficConfig = Static<typeof TrafficConfig>

/** New orders; what is left out is as the flags' defaults have it. */
export const TrafficOrder = Type.Partial(TrafficConfig, { additionalProperties: false })
export type TrafficOrder = Static<typeof TrafficOrder>

/** Why a request failed: no answer for one of these reasons, or an answer of 400 and above. */
export const FailureKind = Type.Enum([
  'refused',
  'reset',
  'timed out',
  'name unknown',
  'unreachable',
  'TLS',
  '4xx',
  '5xx',
  'other',
])
export type FailureKind = Static<typeof FailureKind>

/** How far the traffic is that runs now, or ran last. */
export const TrafficProgress = Type.Object({
  running: Type.Boolean(),
  sent: count('requests that were due and have been sent, or could not be'),
  answered: count('answers below 400'),
  failed: count('the others that have ended'),
  inFlight: count('requests that wait for their answer'),
  of: orNull(count('requests to send; null without a limit')),
  secondsLeft: orNull(count('until no further request is sent; null without a limit')),
  startedAt: orNull(time('null when nothing has been sent yet')),
  endedAt: orNull(time()),
})
export type TrafficProgress = Static<typeof TrafficProgress>

/** Who answered: a kuard by its own headers, else an address. */
export const Answerer = Type.Object({
  name: Type.String({ description: 'of the pod, else the address; `others` for those beyond the first 100' }),
  version: Type.String({ description: 'as x-served-version has it, else empty' }),
  answered: count('answers below 400'),
  failed: count('answers of 400 and above'),
  lastAt: time(),
})
export type Answerer = Static<typeof Answerer>

/** Latencies, each from when its request was sent, or was due if it had to wait for a place, to the end of its answer. */
export const Latency = Type.Object({
  p50: milliseconds('half are quicker'),
  p90: milliseconds('nine in ten are quicker'),
  p99: milliseconds('99 in a hundred are quicker'),
  max: milliseconds('the slowest'),
})
export type Latency = Static<typeof Latency>

/** Failures that are told in the same words. */
export const Failure = Type.Object({
  kind: FailureKind,
  words: Type.String({ description: 'such as `connection refused` or `503 Service Unavailable`' }),
  from: Type.String({ description: 'who answered so, if somebody did: pod or address' }),
  count: count('how often'),
  lastAt: time(),
})
export type Failure = Static<typeof Failure>

/** The state of the topic `traffic`, and what `/traffic` answers. */
export const TrafficStatus = Type.Object({
  config: TrafficConfig,
  progress: TrafficProgress,
  answerers: Type.Array(Answerer, { description: 'most answers first' }),
  latency: orNull(Latency),
  histogram: Type.Array(
    Type.Object({
      upToMs: Type.Number({ description: 'and more than the bucket before' }),
      count: count('answers'),
    }),
    { description: 'latencies of the whole run, from the first bucket with one to the last' },
  ),
  failures: Type.Array(Failure, { description: 'the last 20 kinds of words, newest first' }),
  counted: Type.Array(Type.Object({ value: Type.String(), count: count('answers that said so') }), {
    description: 'what the answers said, most frequent first; at most 20, the rest as `others`',
  }),
  last: Type.Object(
    {
      versions: Type.Array(Type.String(), { description: 'of the answers: the first is a, the next b' }),
      marks: Type.String({
        description:
          'a letter for each: small for an answer below 400 by that version, capital for one above, ! for no answer',
      }),
    },
    { description: 'the last 400 requests that have ended, newest last' },
  ),
  history: Type.Array(Type.Object({ id: count('counts from 0'), line: Type.String(), time: time() }), {
    description: 'the last 20 lines of the log, oldest first',
  }),
})
export type TrafficStatus = Static<typeof TrafficStatus>

/** What ended within a second. */
export const TrafficSecond = Type.Object({
  at: time('its beginning'),
  sent: count('requests that were due in it'),
  versions: Type.Record(Type.String(), count('answers below 400, by version')),
  failures: Type.Record(Type.String(), count('failures, by kind')),
  latency: orNull(Latency),
})
export type TrafficSecond = Static<typeof TrafficSecond>

/** The state of the topic `traffic.seconds`: the last five minutes, oldest first. */
export const TrafficSeconds = Type.Object({ seconds: Type.Array(TrafficSecond) })
export type TrafficSeconds = Static<typeof TrafficSeconds>
