/** The JSON shapes of the Request Details page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { Identity } from '../../identity/wire.ts'

/** Which version answers. */
export const VersionAnswer = Type.Object({
  version: Type.String({ description: 'such as 1.0.0-blue' }),
  commit: Type.String({ description: 'as KUARD_COMMIT says, else unknown' }),
})

/** A request as the server saw it. */
export const RequestDetails = Type.Object({
  ...Identity.properties,
  protocol: Type.String({ description: 'such as HTTP/1.1' }),
  encrypted: Type.Boolean(),
  clientAddress: Type.String({ description: 'address and port of the peer' }),
  method: Type.String(),
  url: Type.String({ description: 'as it was sent' }),
  // Not Type.Tuple: its keywords are of an older JSON Schema than OpenAPI 3.1 has.
  headers: Type.Array(
    Type.Unsafe<[name: string, value: string]>(Type.Array(Type.String(), { minItems: 2, maxItems: 2 })),
    { description: 'name and value, as they were sent' },
  ),
  dump: Type.String({ description: 'the request line and headers as text' }),
})
export type RequestDetails = Static<typeof RequestDetails>
