/** One queue as it lies in memory. */
import type { Alarm } from './clock.ts'
import type { Delays } from './delays.ts'
import { Line, type Item } from './line.ts'
import type { Empty, Taking } from '../store.ts'
import type { DeliveredMessage, QueueSettings, QueueStats } from '../wire.ts'

/** A message that someone holds, and that comes back when the alarm rings. */
export interface Lease {
  readonly id: string
  readonly item: Item
  readonly milliseconds: number
  readonly alarm: Alarm
  /** By the clock; the alarm is late when the process is busy. */
  expires: number
}

/** What a queue with settings keeps to. */
export interface Rules {
  readonly settings: QueueSettings
  /** @throws RefusedError `full` where so many more messages may not be put in, hidden or not */
  admit(count: number, isHidden: boolean): void
  /** Discards what is beyond the greatest length, after something was put in. */
  trim(): void
  /** Discards what has waited too long. */
  discardOld(): void
  /** Sends a message that would come back to the dead-letter queue, if it was handed out often enough. */
  bury(item: Item): boolean
}

/** Those who wait for a queue's messages. */
export interface Waiters {
  /** As QueueStore.waitFor, where nothing is there yet. */
  wait(taking: Taking, seconds: number, signal: AbortSignal): Promise<DeliveredMessage[] | Empty>
  /** Has those who came first take what there is. */
  serve(): void
  /** Tells all of them that the queue is gone. */
  dismiss(): void
}

/** Its messages, and what has gone through it. */
export interface Queue {
  readonly name: string
  /** Another for one that is made anew under the name. */
  readonly serial: number
  line: Line
  /** What the items in the line and the delayed ones take of the limit. */
  waitingBytes: number
  readonly leases: Map<string, Lease>
  enqueued: number
  dequeued: number
  drained: number
  dead: number
  /** These are as soon as they are needed. */
  delays: Delays | undefined
  rules: Rules | undefined
  waiters: Waiters | undefined
}

/** An empty one. */
export const newQueue = (name: string, serial: number): Queue => ({
  name,
  serial,
  line: new Line(),
  waitingBytes: 0,
  leases: new Map(),
  enqueued: 0,
  dequeued: 0,
  drained: 0,
  dead: 0,
  delays: undefined,
  rules: undefined,
  waiters: undefined,
})

/** How many of its messages are hidden until their delay is over. */
export const delayedIn = ({ delays }: Queue): number => delays?.size ?? 0

/** Its answer where nothing waits. */
export const emptyAnswer = (queue: Queue): Empty => ({
  kind: 'empty',
  leased: queue.leases.size,
  delayed: delayedIn(queue),
})

/** Its figures. */
export function statsIn(queue: Queue): QueueStats {
  const { name, line, leases, enqueued, dequeued, drained, dead } = queue
  const delayed = delayedIn(queue)
  const oldest = line.first?.creationTimestamp
  const settings = queue.rules?.settings
  return {
    name,
    depth: line.length,
    enqueued,
    dequeued,
    drained,
    leased: leases.size,
    delayed,
    dead,
    ...(oldest !== undefined && { oldest }),
    ...(settings && { settings }),
  }
}
