/** The JSON shapes of the KeyGen Workload page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const atLeastZero = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

/** What a workload is told to do. */
export const KeyGenConfig = Type.Object({
  enable: Type.Boolean({ description: 'whether a workload runs at all' }),
  numToGen: Type.Integer({ ...atLeastZero, description: 'keys to make; 0 is no limit' }),
  timeToRun: Type.Integer({ ...atLeastZero, description: 'seconds to run; 0 is no limit' }),
  memQServer: Type.String({
    maxLength: 2048,
    description: 'base URL of a MemQ server, such as http://queue:8080/memq/server',
  }),
  memQQueue: Type.String({
    maxLength: 1024,
    description: 'queue to take work from; with both set, the two limits are ignored',
  }),
  exitOnComplete: Type.Boolean({ description: 'whether the process exits when the workload is complete' }),
  exitCode: Type.Integer({ minimum: 0, maximum: 255, description: 'the exit code for that' }),
})
export type KeyGenConfig = Static<typeof KeyGenConfig>

/** A new workload's orders; what is left out is false, 0 or empty. */
export const KeyGenOrder = Type.Partial(KeyGenConfig)
export type KeyGenOrder = Static<typeof KeyGenOrder>

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** How far the workload is that runs now, or ran last. */
export const KeyGenProgress = Type.Object({
  running: Type.Boolean(),
  done: Type.Integer({ description: 'items done' }),
  of: orNull(Type.Integer({ description: 'items to do; null without a limit' })),
  secondsLeft: orNull(Type.Integer({ description: 'until no further key is begun; null without a limit' })),
  startedAt: orNull(Type.String({ format: 'date-time', description: 'null when none has run yet' })),
})
export type KeyGenProgress = Static<typeof KeyGenProgress>

/** The workload's orders, its progress and what it said. */
export const KeyGenStatus = Type.Object({
  config: KeyGenConfig,
  progress: KeyGenProgress,
  history: Type.Array(
    Type.Object({
      id: Type.Integer({ description: 'counts from 0' }),
      data: Type.String({ description: 'the line, as in the log' }),
      time: Type.String({ format: 'date-time' }),
    }),
    { description: 'the last 20 lines of the log, oldest first' },
  ),
})
export type KeyGenStatus = Static<typeof KeyGenStatus>
