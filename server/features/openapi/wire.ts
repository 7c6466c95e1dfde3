/** The JSON shape of the OpenAPI document, as far as it is its own. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** https://spec.openapis.org/oas/v3.1.1.html#openapi-object */
export const OpenApi = Type.Object({ openapi: Type.String(), info: Type.Object({}), paths: Type.Object({}) })
export type OpenApi = Static<typeof OpenApi>
