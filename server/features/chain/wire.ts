/** The JSON shape of a chain of calls: what a pod answers, and within it what its upstreams answered. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const text = (description: string) => Type.String({ description })
const milliseconds = (description: string) =>
  Type.Number({ minimum: 0, description: `${description}, in ms` })

/** Where the OpenAPI document has it: it holds others like itself. */
export const chainAnswerPath = '#/components/schemas/ChainAnswer'

const callFacts = {
  url: text('what was asked'),
  at: milliseconds('when it was asked, from when the answer around it began'),
  milliseconds: milliseconds('until its answer had come, or it failed'),
  status: orNull(Type.Integer({ description: 'of HTTP; null where there was no answer' })),
  bytes: Type.Integer({ minimum: 0, description: 'read of its body' }),
  bodyIsCut: Type.Boolean({ description: 'its body is longer, and was not read to its end' }),
  error: orNull(text('why it failed, in words')),
  fault: orNull(text('what its answer says of a fault that touched it (X-Fault)')),
}

const answerFacts = {
  pod: text('who answers: the name of the host; in a pod, the pod’s'),
  version: Type.String(),
  colour: Type.Enum(['blue', 'green', 'purple']),
  namespace: orNull(text('of the pod')),
  node: orNull(text('of the pod, where a variable says it, such as NODE_NAME')),
  time: Type.String({ format: 'date-time', description: 'when it began, by the clock of its node' }),
  milliseconds: milliseconds('from when the request came until it was answered'),
  traceId: orNull(text('of the trace that it is a part of')),
  stopped: orNull(text('why not all upstreams were asked')),
  failed: Type.Integer({ minimum: 0, description: 'calls that failed, below these too' }),
}

/** A call of an upstream, as its caller saw it. Its answer is null where it is not a kuard’s. */
export interface ChainCall extends Static<Type.TObject<typeof callFacts>> {
  readonly answer: ChainAnswer | null
}

/** What a pod answers. */
export interface ChainAnswer extends Static<Type.TObject<typeof answerFacts>> {
  readonly calls: readonly ChainCall[]
}
export const ChainAnswer = Type.Unsafe<ChainAnswer>(
  Type.Object({
    ...answerFacts,
    calls: Type.Array(
      Type.Object({
        ...callFacts,
        answer: Type.Union([Type.Ref(chainAnswerPath), Type.Null()], {
          description: 'null where it is not a kuard’s',
        }),
      }),
      { description: 'of its upstreams, in the order of --upstream, side by side' },
    ),
  }),
)

/** What checks by the schema has to know of it. */
export const chainSchemas = { [chainAnswerPath]: ChainAnswer }
