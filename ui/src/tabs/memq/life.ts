/** What has happened to a message, in words. */
import type { LifeEvent } from '../../../../server/features/memq/wire.ts'
import { countOf, formatSeconds } from '../../lib/format.ts'

/** The number of a message among all that were ever put into its queue. */
export const placeOf = (id: string): number => parseInt(id.slice(0, 12), 16)

export const eventWords: Readonly<Record<LifeEvent['event'], string>> = {
  enqueued: 'enqueued',
  delivered: 'handed out',
  returned: 'given back',
  expired: 'lease expired',
  dead: 'dead',
  redriven: 'sent back',
}

/** How many events after the first one are kept. */
const kept = 20

/** One event, and how long after the one before it. */
export interface Step extends LifeEvent {
  /** Undefined for the first, and where events between may have been forgotten. */
  readonly after: string | undefined
}

/** @param life oldest first */
export function stepsOf(life: readonly LifeEvent[]): readonly Step[] {
  return life.map((event, index) => {
    const before = life[index - 1]
    const isKnown = before !== undefined && !(index === 1 && isFull(life))
    return { ...event, after: isKnown ? gap(Date.parse(before.at), Date.parse(event.at)) : undefined }
  })
}

/** Whether there may have been more, of which nothing is kept. */
export const isFull = (life: readonly LifeEvent[]): boolean => life.length > kept

/** How long between two times in milliseconds since 1970, such as `40 ms`, `1.2 s` or `3 min 5 s`. */
export function gap(from: number, to: number): string {
  const milliseconds = Math.max(to - from, 0)
  if (milliseconds < 1_000) return `${String(milliseconds)} ms`
  return milliseconds < 10_000
    ? `${(milliseconds / 1_000).toFixed(1)} s`
    : formatSeconds(milliseconds / 1_000)
}

/** For those who don't see the signs: `enqueued, handed out 3 times, lease expired 3 times, dead`. */
export function lifeWords(life: readonly LifeEvent[]): string {
  const counts = new Map<string, number>()
  for (const { event } of life) counts.set(eventWords[event], (counts.get(eventWords[event]) ?? 0) + 1)
  return [...counts]
    .map(([words, count]) => (count === 1 ? words : `${words} ${countOf(count, 'time')}`))
    .join(', ')
}
