/** Where the pictures of the last minutes end. */
import type { TrafficSecond } from '../../../../server/features/traffic/wire.ts'
import { clock } from '../../lib/clock.svelte.ts'
import { live } from '../../lib/live.svelte.ts'
import { secondMs } from './seconds.ts'

/** While it runs, at the present, or where the connection was lost; else where it ended. In milliseconds since 1970. */
export function edgeOf(seconds: readonly TrafficSecond[], running: boolean): number | undefined {
  const last = seconds.at(-1)
  if (!last) return undefined
  const end = Date.parse(last.at) + secondMs
  return running ? Math.max(live.lostAt ?? clock.now, end) : end
}
