/** The JSON shapes of the Reach page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const text = (description: string) => Type.String({ description })
const milliseconds = (description: string) =>
  Type.Number({ minimum: 0, description: `${description}, in ms` })
const words = <Word extends string>(options: readonly Word[], description: string) =>
  Type.Enum<Word[]>([...options], { description })
const target = Type.String({
  minLength: 1,
  maxLength: 2048,
  description:
    'HOST, HOST:PORT, http(s)://, grpc(s)://, redis://, postgres://, mysql://, smtp://, tls://HOST:PORT, or dns://SERVER/NAME for a question over UDP',
})

/** What to reach for. */
export const ReachOrder = Type.Object({
  target,
  timeoutMs: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 30_000, description: 'for the whole of it; by default 5,000' }),
  ),
})
export type ReachOrder = Static<typeof ReachOrder>

/** Where it ended. */
export const ReachEnd = words(
  [
    'reached',
    'no such name',
    'no address',
    'no name server',
    'refused',
    'timed out',
    'unreachable',
    'cut off',
    'tls',
    'odd answer',
    'bad status',
    'not allowed',
  ],
  '`no address` is a name without addresses; `no name server`: none replies; `cut off`: the connection ended early; `not allowed`: this host’s own rules',
)
export type ReachEnd = Static<typeof ReachEnd>

/** One bar of the waterfall. */
export const ReachStep = Type.Object({
  kind: words(
    ['name', 'connect', 'tls', 'request', 'first byte', 'body', 'greeting', 'question'],
    'what is done',
  ),
  of: text('what it is done with: a full name, an address with its port, a request line'),
  at: milliseconds('when it began, from the start'),
  milliseconds: milliseconds('how long it took'),
  outcome: words(['done', 'failed', 'given up'], '`given up`: another was quicker, or time was up'),
  words: text('what came of it'),
})
export type ReachStep = Static<typeof ReachStep>

/** A certificate of the chain that the server sent. */
export const ReachCertificate = Type.Object({
  subject: Type.String(),
  issuer: Type.String(),
  names: Type.Array(Type.String(), { description: 'names and addresses that it is for' }),
  notBefore: Type.String({ format: 'date-time' }),
  notAfter: Type.String({ format: 'date-time' }),
})
export type ReachCertificate = Static<typeof ReachCertificate>

/** What came of a target. */
export const ReachReport = Type.Object({
  target: Type.String(),
  time: Type.String({ format: 'date-time' }),
  reached: Type.Boolean(),
  end: ReachEnd,
  words: text('where it ended, in one sentence'),
  hints: Type.Array(Type.String(), { description: 'what that usually means in a cluster, likeliest first' }),
  milliseconds: milliseconds('all of it'),
  steps: Type.Array(ReachStep),
  names: Type.Array(
    Type.Object({
      name: text('a full name that was asked for'),
      type: words(['A', 'AAAA'], 'what was asked for'),
      status: text('NOERROR, NXDOMAIN ... or `no reply`'),
      server: orNull(Type.String()),
    }),
  ),
  addresses: Type.Array(
    Type.Object({
      address: Type.String(),
      from: words(['dns', '/etc/hosts', 'the target'], 'who named it'),
      end: orNull(ReachEnd),
      words: text('what came of connecting to it'),
    }),
  ),
  tls: orNull(
    Type.Object({
      protocol: orNull(text('such as TLSv1.3')),
      cipher: orNull(Type.String()),
      alpn: orNull(Type.String()),
      trusted: Type.Boolean(),
      problem: orNull(text('why it isn’t trusted, in words')),
      chain: Type.Array(ReachCertificate),
    }),
  ),
  answer: orNull(
    Type.Object({
      status: orNull(Type.Integer({ description: 'of HTTP, or of gRPC' })),
      statusWords: text('such as `200 OK`, `SERVING`, `PostgreSQL: wants a password`'),
      location: orNull(text('where a redirect leads; it is not followed')),
      headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
      body: text('the first 4 KiB, as text'),
      bodyIsCut: Type.Boolean(),
    }),
  ),
})
export type ReachReport = Static<typeof ReachReport>

/** The targets that are tried again each second while somebody looks. */
export const ReachTargets = Type.Object({
  targets: Type.Array(target, { maxItems: 20, uniqueItems: true }),
})
export type ReachTargets = Static<typeof ReachTargets>

/** One of them, and what came of it lately. */
export const ReachLamp = Type.Object({
  target: Type.String(),
  latest: orNull(
    Type.Object({
      reached: Type.Boolean(),
      end: ReachEnd,
      words: Type.String(),
      milliseconds: milliseconds('all of it'),
      time: Type.String({ format: 'date-time' }),
    }),
  ),
  since: orNull(Type.String({ format: 'date-time', description: 'since when it ends like this' })),
  history: Type.Array(
    Type.Object({
      time: Type.String({ format: 'date-time' }),
      end: ReachEnd,
      milliseconds: milliseconds('all of it'),
    }),
    { description: 'the last 120, newest last' },
  ),
})
export type ReachLamp = Static<typeof ReachLamp>

/** All of them. */
export const ReachMatrix = Type.Object({
  targets: Type.Array(ReachLamp, { description: 'by their letters' }),
})
export type ReachMatrix = Static<typeof ReachMatrix>
