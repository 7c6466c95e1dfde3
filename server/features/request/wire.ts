/** The JSON shapes of the Request Details page. */
import { Type, type Static } from 'typebox'

/** Who answers: what the page's header shows. */
export const Identity = Type.Object({
  hostname: Type.String(),
  namespace: Type.Union([Type.String(), Type.Null()], {
    description: 'of the pod; null where none can be seen',
  }),
  addresses: Type.Array(Type.String()),
  version: Type.String(),
  colour: Type.Enum(['blue', 'green', 'purple']),
})
export type Identity = Static<typeof Identity>

/** A request as the server saw it. */
export const RequestDetails = Type.Object({
  ...Identity.properties,
  protocol: Type.String({ description: 'such as HTTP/1.1' }),
  encrypted: Type.Boolean(),
  clientAddress: Type.String({ description: 'address and port of the peer' }),
  method: Type.String(),
  url: Type.String({ description: 'as it was sent' }),
  headers: Type.Array(Type.Tuple([Type.String(), Type.String()]), {
    description: 'name and value, as they were sent',
  }),
  dump: Type.String({ description: 'the request line and headers as text' }),
})
export type RequestDetails = Static<typeof RequestDetails>
