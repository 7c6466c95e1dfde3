/** The JSON shape of the Server Env page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** What the process was started with. */
export const ServerEnv = Type.Object({
  commandLine: Type.Array(Type.String()),
  env: Type.Record(Type.String(), Type.String()),
})
export type ServerEnv = Static<typeof ServerEnv>
