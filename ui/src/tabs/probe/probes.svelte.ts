/** Both probes as the event stream tells them, and those that were answered since their tab was opened first. */
import type { ProbeStatus } from '../../../../server/features/probe/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import { Trail } from '../../lib/trail.svelte.ts'
import { newMarks, type ProbeMark } from './new-marks.ts'

function follow(name: 'liveness' | 'readiness') {
  const state = live.state<ProbeStatus>(name)
  const trail = new Trail<ProbeMark>()
  state.listen(({ history }) => {
    trail.add(...newMarks(trail.entries.at(-1), history))
  })
  return { state, trail }
}

export const probes = { liveness: follow('liveness'), readiness: follow('readiness') }
