/** The JSON shapes of the probe pages. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** One probe that was answered. */
export const ProbeCall = Type.Object({
  id: Type.Integer({ description: 'counts from 1' }),
  when: Type.String({ description: 'local time, such as Nov 21 01:46:20' }),
  relWhen: Type.String({ description: 'how long ago, such as now or 5 seconds ago' }),
  code: Type.Integer({ description: 'the status that was answered' }),
  time: Type.String({ format: 'date-time' }),
})
export type ProbeCall = Static<typeof ProbeCall>

/** A probe's state. */
export const ProbeStatus = Type.Object({
  probePath: Type.String(),
  failNext: Type.Integer({ description: 'probes that fail from now on; 0 none, below 0 all' }),
  history: Type.Array(ProbeCall, { description: 'the last 20, newest first' }),
  shuttingDown: Type.Optional(
    Type.Boolean({ description: 'true when every probe fails because the process is about to end' }),
  ),
})
export type ProbeStatus = Static<typeof ProbeStatus>

/** What a probe is told to do. */
export const ProbeOrder = Type.Object({
  failNext: Type.Optional(
    Type.Integer({
      minimum: Number.MIN_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'probes to fail from now on; 0, or left out, none, below 0 all',
    }),
  ),
})
