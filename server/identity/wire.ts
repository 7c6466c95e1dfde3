/** The JSON shape of who answers. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

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
