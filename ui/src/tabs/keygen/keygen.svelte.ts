/** The workload as the event stream tells it, and how far it was since its tab was opened first. */
import type { KeyGenStatus } from '../../../../server/features/keygen/wire.ts'
import { live } from '../../lib/live.svelte.ts'
import { Trail } from '../../lib/trail.svelte.ts'
import type { KeyGenSample } from './pace.ts'

export const keyGen = live.state<KeyGenStatus>('keygen')

/** Of the workload that runs now, or ran last. */
export const keyGenTrail = new Trail<KeyGenSample>()

keyGen.listen(({ progress }, time) => {
  if (keyGenTrail.entries.at(-1)?.progress.startedAt !== progress.startedAt) keyGenTrail.forget()
  keyGenTrail.add({ time, progress })
})
