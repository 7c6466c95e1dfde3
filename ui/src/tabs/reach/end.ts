/** Where a try ended, as a sign. */
import type { ReachEnd } from '../../../../server/features/reach/wire.ts'

/** What this host’s own rules forbid says nothing of the target. */
export const stateOf = (end: ReachEnd): 'good' | 'bad' | 'idle' =>
  end === 'reached' ? 'good' : end === 'not allowed' ? 'idle' : 'bad'
