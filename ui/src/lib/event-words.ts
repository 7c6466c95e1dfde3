/** Events of Kubernetes in words. */
import type { Event } from '../../../server/features/cluster/wire.ts'
import { formatNumber, formatSeconds } from './format.ts'

/** Whose it is, as kubectl writes it: `Pod/web-1`. */
export const objectOf = ({ object: { kind, name } }: Event): string => `${kind}/${name}`

/** Such as `once`, or `×12 in 3 min 0 s`. */
export function countWords({ count, firstTimestamp, lastTimestamp }: Event): string {
  if (count <= 1) return 'once'
  const times = `×${formatNumber(count)}`
  if (firstTimestamp === undefined || lastTimestamp === undefined) return times
  return `${times} in ${formatSeconds((Date.parse(lastTimestamp) - Date.parse(firstTimestamp)) / 1000)}`
}

/** The newest first; what has no time is last. */
export const newestFirst = (events: readonly Event[]): Event[] =>
  events
    .map((event) => ({
      event,
      time: event.lastTimestamp === undefined ? 0 : Date.parse(event.lastTimestamp),
    }))
    .sort((one, other) => other.time - one.time)
    .map(({ event }) => event)
