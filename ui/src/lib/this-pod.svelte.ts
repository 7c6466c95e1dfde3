/** This pod as the API server has it, where it may be seen; told for as long as the page is open, by an event a second at most. */
import type { ThisPod } from '../../../server/features/cluster/wire.ts'
import { live } from './live.svelte.ts'

const topic = 'cluster.this'

// From the first stream on: a server that has no such topic leaves it out.
live.show({ [topic]: 1 })

export const thisPod = live.state<ThisPod>(topic)
