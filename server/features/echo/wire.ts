/** The JSON shapes of what answers as it is told. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** Where the status stands in a path. */
export const StatusPath = Type.Object({
  codes: Type.String({
    description: 'a status from 200 to 599, or several to draw from, each with its weight: `200:0.9,503:0.1`',
  }),
})

/** What a status that was asked for is answered with. */
export const StatusAnswer = Type.Object({ status: Type.Integer() })
export type StatusAnswer = Static<typeof StatusAnswer>

/** Where the time stands in a path. */
export const DelayPath = Type.Object({
  time: Type.String({
    description: 'seconds, up to 600, such as `2` or `0.5`; or with a unit, `200ms`, `2s` or `1m`',
  }),
})

/** What is answered after a time. */
export const DelayAnswer = Type.Object({ delay: Type.Number({ description: 'in seconds' }) })
export type DelayAnswer = Static<typeof DelayAnswer>

/** The headers of a request. */
export const HeadersAnswer = Type.Object({
  headers: Type.Record(Type.String(), Type.String(), {
    description: 'by name, as in User-Agent; what was sent more than once is joined by commas',
  }),
})
export type HeadersAnswer = Static<typeof HeadersAnswer>
