/** All queues of one server's memory, and how messages come into them. */
import { Changes } from '../../../state/topic.ts'
import { timestamp } from '../../../text/timestamp.ts'
import type { Clock } from './clock.ts'
import { Delays } from './delays.ts'
import type { History } from './history.ts'
import { Line, type Item } from './line.ts'
import { delayedIn, newQueue, type Queue } from './queue.ts'
import { RandomIds } from '../random-ids.ts'
import { overhead, textBytes, type Room } from './room.ts'
import { RefusedError, type Totals } from '../store.ts'

/** What a message is before it has a place in a queue. */
export interface Content {
  readonly body: string
  readonly creationTimestamp: string
  /** Which are taken of the room. */
  readonly bytes: number
  readonly history: History | undefined
}

/** The queues by their names, with the account of their bytes. */
export class MemoryQueues {
  readonly changes = new Changes()
  readonly ids = new RandomIds()
  readonly room: Room
  readonly clock: Clock
  readonly #queues = new Map<string, Queue>()
  /** The flow through queues that have been deleted. */
  readonly #past = { enqueued: 0, dequeued: 0, drained: 0, dead: 0 }
  #made = 0

  constructor(room: Room, clock: Clock) {
    this.room = room
    this.clock = clock
  }

  get(name: string): Queue | undefined {
    return this.#queues.get(name)
  }

  /** @throws RefusedError `queue unknown` */
  find(name: string): Queue {
    const queue = this.#queues.get(name)
    if (!queue) throw new RefusedError('queue unknown', 'does not exist')
    return queue
  }

  /** All of them, as they are now. */
  all(): Queue[] {
    const queues = [...this.#queues.values()]
    for (const queue of queues) this.look(queue)
    return queues
  }

  /** Makes one, whose room is taken. */
  make(name: string): Queue {
    // A copy, since a name that was cut out of a URL keeps the whole URL in memory.
    const queue = newQueue(Buffer.from(name).toString(), this.#made++)
    this.#queues.set(queue.name, queue)
    this.changes.announce(queue.name)
    return queue
  }

  /** Finds one for what has to arrive, or makes it: beyond the room if need be. */
  findOrMake(name: string): Queue {
    const found = this.#queues.get(name)
    if (found) return found
    this.room.overdraw(bytesOfQueue(name))
    return this.make(name)
  }

  delete(name: string): void {
    const queue = this.find(name)
    const { leases } = queue
    for (const { item, alarm } of leases.values()) {
      alarm.close()
      this.room.free(overhead.lease + item.bytes)
    }
    queue.delays?.close()
    this.room.free(queue.waitingBytes + bytesOfQueue(name))
    this.#past.enqueued += queue.enqueued
    this.#past.dequeued += queue.dequeued
    this.#past.drained += queue.drained + queue.line.length + leases.size + delayedIn(queue)
    this.#past.dead += queue.dead
    this.#queues.delete(name)
    queue.waiters?.dismiss()
    this.changes.announce(queue.name)
  }

  drain(name: string): void {
    const queue = this.find(name)
    queue.drained += queue.line.length + delayedIn(queue)
    queue.line = new Line()
    queue.delays?.close()
    queue.delays = undefined
    this.room.free(queue.waitingBytes)
    queue.waitingBytes = 0
    this.changes.announce(queue.name)
  }

  totals(): Totals {
    const totals = { queues: this.#queues.size, waiting: 0, leased: 0, delayed: 0, ...this.#past }
    for (const queue of this.all()) {
      totals.waiting += queue.line.length
      totals.leased += queue.leases.size
      totals.delayed += delayedIn(queue)
      totals.enqueued += queue.enqueued
      totals.dequeued += queue.dequeued
      totals.drained += queue.drained
      totals.dead += queue.dead
    }
    return totals
  }

  /** Puts a message at a queue's end; `settle` is the caller's to call. */
  push(queue: Queue, content: Content): Item {
    const item = this.#itemOf(queue, content)
    queue.line.push(item)
    return item
  }

  /** Puts in a message that is hidden at first, the room for which is taken; `settle` is the caller's to call. */
  pushHidden(queue: Queue, content: Content, delaySeconds: number): Item {
    const item = this.#itemOf(queue, content)
    this.#hide(queue, item, delaySeconds)
    return item
  }

  #itemOf(queue: Queue, { body, creationTimestamp, bytes, history }: Content): Item {
    const place = (queue.enqueued += 1)
    queue.waitingBytes += bytes
    return { id: this.ids.at(place), body, creationTimestamp, place, bytes, history, next: undefined }
  }

  /** Puts a message back that is in no queue's line. */
  giveBack(queue: Queue, item: Item, delaySeconds = 0): void {
    queue.waitingBytes += item.bytes
    if (delaySeconds > 0) {
      this.room.overdraw(overhead.delay)
      this.#hide(queue, item, delaySeconds)
    } else queue.line.giveBack(item)
  }

  #hide(queue: Queue, item: Item, seconds: number): void {
    const delays = (queue.delays ??= new Delays(this.clock, () => {
      this.settle(queue)
    }))
    item.bytes += overhead.delay
    queue.waitingBytes += overhead.delay
    delays.hide(item, seconds * 1000)
  }

  /** Takes the oldest message that waits; its bytes stay taken. */
  shift(queue: Queue): Item | undefined {
    const item = queue.line.shift()
    if (item) queue.waitingBytes -= item.bytes
    return item
  }

  /** Discards the oldest message that waits. */
  discard(queue: Queue): void {
    const item = this.shift(queue)
    if (!item) return
    queue.drained += 1
    this.room.free(item.bytes)
  }

  /** Tells of a change, and has those who wait for the queue have what it left. */
  settle(queue: Queue): void {
    this.look(queue)
    queue.waiters?.serve()
    this.changes.announce(queue.name)
  }

  /** Brings a queue up to date: whose delay is over is there, and who has waited too long is not. */
  look(queue: Queue): void {
    if (!queue.delays && !queue.rules) return
    const due = queue.delays?.takeDue() ?? []
    for (const item of due) {
      item.bytes -= overhead.delay
      queue.waitingBytes -= overhead.delay
      this.room.free(overhead.delay)
      queue.line.giveBack(item)
    }
    queue.rules?.discardOld()
    if (due.length === 0) return
    queue.waiters?.serve()
    this.changes.announce(queue.name)
  }

  /** The time in RFC 3339. */
  timestamp(): string {
    return timestamp(this.clock.wall())
  }
}

/** What a queue takes of the room by itself. */
export const bytesOfQueue = (name: string): number => overhead.queue + textBytes(name)
