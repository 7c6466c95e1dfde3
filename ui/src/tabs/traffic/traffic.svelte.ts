/** The traffic as the event stream tells it. */
import type { TrafficSeconds, TrafficStatus } from '../../../../server/features/traffic/wire.ts'
import { live } from '../../lib/live.svelte.ts'

export const traffic = live.state<TrafficStatus>('traffic')

/** The last five minutes. */
export const trafficSeconds = live.state<TrafficSeconds>('traffic.seconds')
