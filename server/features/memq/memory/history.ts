/** What has happened to a message. */
import type { TraceContext } from '../../../tracing/trace-context.ts'
import type { Death, LifeEvent } from '../wire.ts'

/** What a message carries along once it has been leased, or from the beginning if it was sent in a trace. */
export interface History {
  deliveries: number
  /** In milliseconds since 1970, eight of them for each event and one more for each kind before its own: a number takes a tenth of an object. */
  readonly events: number[]
  dead: Death | undefined
  /** Without, there is no such field, so that others take no more room. */
  readonly trace?: TraceContext
}

const kinds = ['enqueued', 'delivered', 'returned', 'expired', 'dead', 'redriven'] as const

/** How many events are kept beside a message's enqueueing. */
export const eventsKept = 20

/** One without events. */
export const newHistory = (): History => ({ deliveries: 0, events: [], dead: undefined })

/** The same, of a message that was sent in a trace. */
export const tracedHistory = (trace: TraceContext): History => ({ ...newHistory(), trace })

/** @param time in milliseconds since 1970 */
export function note({ events }: History, event: LifeEvent['event'], time: number): void {
  events.push(time * 8 + kinds.indexOf(event))
  if (events.length > eventsKept) events.shift()
}

/** All that is kept, oldest first. */
export function lifeOf(creationTimestamp: string, history: History | undefined): LifeEvent[] {
  const life: LifeEvent[] = [{ event: 'enqueued', at: creationTimestamp }]
  for (const code of history?.events ?? [])
    life.push({ event: kinds[code % 8] ?? 'enqueued', at: new Date(Math.floor(code / 8)).toISOString() })
  return life
}
