/** What the form says, as commands. */
import type { ReachOrder } from '../../../../server/features/reach/wire.ts'
import { curl } from '../../lib/curl.ts'
import { shellWord } from '../../lib/shell.ts'

/** As the server has it where an order says nothing. */
export const plainTimeoutMs = 5_000

/** What has to be said of it. */
export const orderOf = (target: string, timeoutMs: number): ReachOrder =>
  timeoutMs === plainTimeoutMs ? { target } : { target, timeoutMs }

/** Has this very server reach for it. */
export const curlCommand = (order: ReachOrder): string =>
  `${curl('reach/api')} -d ${shellWord(JSON.stringify(order))}`

/** kubectl's words for the same from within this pod. */
export const execWords = ({ target }: ReachOrder): string =>
  `exec $POD -- /kuard ${shellWord(`--reach=${target}`)}`
