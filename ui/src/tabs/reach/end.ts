/** Where an attempt ended, as a sign and a word. */
import type { ReachEnd } from '../../../../server/features/reach/wire.ts'

/** What this host’s own rules forbid says nothing of the target. */
export const stateOf = (end: ReachEnd): 'good' | 'bad' | 'idle' =>
  end === 'reached' ? 'good' : end === 'not allowed' ? 'idle' : 'bad'

/** As a verdict: `tls` alone would say nothing. */
export const wordOf = (end: ReachEnd): string => (end === 'tls' ? 'TLS failed' : end)
