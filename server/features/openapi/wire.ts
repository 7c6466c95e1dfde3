/** The JSON shape of the OpenAPI document, as far as it is its own. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** A body's shape, by its type. */
const Media = Type.Object({ schema: Type.Optional(Type.Object({})) })
export type Media = Static<typeof Media>

const Operation = Type.Object({
  operationId: Type.Optional(Type.String()),
  requestBody: Type.Optional(
    Type.Object({
      required: Type.Optional(Type.Boolean()),
      content: Type.Record(Type.String(), Media),
    }),
  ),
  responses: Type.Record(Type.String(), Type.Object({})),
})

/** https://spec.openapis.org/oas/v3.1.1.html#openapi-object */
export const OpenApi = Type.Object({
  openapi: Type.String(),
  info: Type.Object({}),
  components: Type.Object({ schemas: Type.Record(Type.String(), Type.Object({})) }),
  paths: Type.Record(Type.String({ description: 'a path' }), Type.Record(Type.String(), Operation)),
})
export type OpenApi = Static<typeof OpenApi>
