/** One queue as it lies in memory. */
import type { Alarm } from './clock.ts'
import { Line, type Item } from './line.ts'
import type { QueueStats } from './wire.ts'

/** A message that someone holds, and that comes back when the alarm rings. */
export interface Lease {
  readonly id: string
  readonly item: Item
  readonly milliseconds: number
  readonly alarm: Alarm
  /** By the clock; the alarm is late when the process is busy. */
  expires: number
}

/** Its messages, and what has gone through it. */
export interface Queue {
  readonly name: string
  /** Another for one that is made anew under the name. */
  readonly serial: number
  line: Line
  /** What the items in the line take of the limit. */
  waitingBytes: number
  readonly leases: Map<string, Lease>
  enqueued: number
  dequeued: number
  drained: number
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
})

/** Its figures. */
export const statsIn = ({ name, line, leases, enqueued, dequeued, drained }: Queue): QueueStats => ({
  name,
  depth: line.length,
  enqueued,
  dequeued,
  drained,
  leased: leases.size,
})
