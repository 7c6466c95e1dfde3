/** Queues in this process's memory: a pod that restarts forgets them. */
import { Changes } from '../../state/topic.ts'
import { systemClock, type Clock } from './clock.ts'
import { Line, type Item } from './line.ts'
import { newQueue, statsIn, type Lease, type Queue } from './memory-queue.ts'
import { RandomIds } from './random-ids.ts'
import { Recent } from './recent.ts'
import { overhead, Room, textBytes } from './room.ts'
import {
  digest,
  RefusedError,
  refusalWords,
  remembered,
  type Empty,
  type QueueStore,
  type Remembered,
  type Totals,
} from './store.ts'
import type { DeliveredMessage, Message, QueueStats } from './wire.ts'

/** A message that its sender may send again, but for its body, which it would send along. */
interface Sent {
  readonly id: string
  readonly creationTimestamp: string
  /** The body's. */
  readonly digest: string
}

/** The queues of one server. Its methods answer at once, and never with a promise. */
export class MemoryStore implements QueueStore {
  readonly changes = new Changes()
  readonly #queues = new Map<string, Queue>()
  /** The flow through queues that have been deleted. */
  readonly #past = { enqueued: 0, dequeued: 0, drained: 0 }
  readonly #ids = new RandomIds()
  readonly #room: Room
  readonly #clock: Clock
  /** By their senders' own keys; apart from the queues' bytes, so that they never refuse work. */
  readonly #sent: Recent<Sent>
  /** By their ended leases, the serials of their queues. */
  readonly #acked: Recent<number>
  #made = 0
  #stamped = { time: 0, text: '' }

  /** @param maxBytes what all queues together may take; only leases go beyond, so that full queues can be worked off */
  constructor(maxBytes: number, limits: Remembered = remembered, clock: Clock = systemClock) {
    this.#room = new Room(maxBytes)
    this.#clock = clock
    this.#sent = new Recent(limits, clock.now)
    this.#acked = new Recent(limits, clock.now)
  }

  stats(): QueueStats[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(statsIn)
  }

  statsOf(name: string): QueueStats | undefined {
    const queue = this.#queues.get(name)
    return queue && statsIn(queue)
  }

  totals(): Totals {
    const totals = { queues: this.#queues.size, waiting: 0, leased: 0, ...this.#past }
    for (const { line, leases, enqueued, dequeued, drained } of this.#queues.values()) {
      totals.waiting += line.length
      totals.leased += leases.size
      totals.enqueued += enqueued
      totals.dequeued += dequeued
      totals.drained += drained
    }
    return totals
  }

  create(name: string): void {
    if (this.#queues.has(name)) throw new RefusedError('queue exists', 'already exists')
    this.#room.take(overhead.queue + textBytes(name))
    // A copy, since a name that was cut out of a URL keeps the whole URL in memory.
    const copy = Buffer.from(name).toString()
    this.#queues.set(copy, newQueue(copy, this.#made++))
    this.changes.announce(copy)
  }

  delete(name: string): void {
    const queue = this.#find(name)
    const { leases } = queue
    for (const { item, alarm } of leases.values()) {
      alarm.close()
      this.#room.free(overhead.lease + item.bytes)
    }
    this.#room.free(queue.waitingBytes + overhead.queue + textBytes(name))
    this.#past.enqueued += queue.enqueued
    this.#past.dequeued += queue.dequeued
    this.#past.drained += queue.drained + queue.line.length + leases.size
    this.#queues.delete(name)
    this.changes.announce(name)
  }

  drain(name: string): void {
    const queue = this.#find(name)
    queue.drained += queue.line.length
    queue.line = new Line()
    this.#room.free(queue.waitingBytes)
    queue.waitingBytes = 0
    this.changes.announce(name)
  }

  enqueue(name: string, body: string, key?: string): Message {
    const queue = this.#find(name)
    if (key === undefined) return this.#put(queue, body)
    const sentKey = digest(`${queue.serial} ${key}`)
    const sent = this.#sent.get(sentKey)
    const bodyDigest = digest(body)
    if (!sent) {
      const message = this.#put(queue, body)
      const { id, creationTimestamp } = message
      this.#sent.set(sentKey, { id, creationTimestamp, digest: bodyDigest })
      return message
    }
    const { id, creationTimestamp } = sent
    if (sent.digest !== bodyDigest) throw new RefusedError('key reused', refusalWords['key reused'])
    return { kind: 'message', id, body, creationTimestamp }
  }

  #put(queue: Queue, body: string): Message {
    const bytes = overhead.message + textBytes(body)
    this.#room.take(bytes)
    const id = this.#ids.next()
    const creationTimestamp = this.#timestamp()
    queue.line.push({ id, body, creationTimestamp, sequence: queue.enqueued, bytes, next: undefined })
    queue.enqueued += 1
    queue.waitingBytes += bytes
    this.changes.announce(queue.name)
    return { kind: 'message', id, body, creationTimestamp }
  }

  dequeue(name: string, leaseSeconds?: number): DeliveredMessage | Empty {
    const queue = this.#find(name)
    const item = queue.line.shift()
    if (!item) return { kind: 'empty', leased: queue.leases.size }
    queue.waitingBytes -= item.bytes
    const { id, body, creationTimestamp } = item
    const message: DeliveredMessage = { kind: 'message', id, body, creationTimestamp }
    if (leaseSeconds === undefined) {
      queue.dequeued += 1
      this.#room.free(item.bytes)
    } else {
      message.lease = this.#lease(queue, item, leaseSeconds * 1000).id
    }
    this.changes.announce(name)
    return message
  }

  ack(name: string, id: string): void {
    const queue = this.#find(name)
    // The answer may have been lost.
    if (!queue.leases.has(id) && this.#acked.get(id) === queue.serial) return
    const lease = this.#held(queue, id)
    this.#end(queue, lease)
    this.#acked.set(lease.id, queue.serial)
    queue.dequeued += 1
    this.#room.free(lease.item.bytes)
    this.changes.announce(name)
  }

  nack(name: string, id: string): void {
    const queue = this.#find(name)
    this.#giveBack(queue, this.#held(queue, id))
  }

  renew(name: string, id: string): void {
    const lease = this.#held(this.#find(name), id)
    lease.alarm.refresh()
    lease.expires = this.#clock.now() + lease.milliseconds
  }

  /** The time in RFC 3339; made once each millisecond, since it costs as much as all else that a message needs. */
  #timestamp(): string {
    const time = Date.now()
    if (time !== this.#stamped.time) this.#stamped = { time, text: new Date(time).toISOString() }
    return this.#stamped.text
  }

  #find(name: string): Queue {
    const queue = this.#queues.get(name)
    if (!queue) throw new RefusedError('queue unknown', 'does not exist')
    return queue
  }

  #lease(queue: Queue, item: Item, milliseconds: number): Lease {
    const lease: Lease = {
      id: this.#ids.next(),
      item,
      milliseconds,
      expires: this.#clock.now() + milliseconds,
      alarm: this.#clock.after(milliseconds, () => {
        this.#giveBack(queue, lease)
      }),
    }
    queue.leases.set(lease.id, lease)
    this.#room.overdraw(overhead.lease)
    return lease
  }

  /** Finds a lease whose time is not over. */
  #held(queue: Queue, id: string): Lease {
    const lease = queue.leases.get(id)
    if (lease && this.#clock.now() < lease.expires) return lease
    if (lease) this.#giveBack(queue, lease)
    throw new RefusedError('lease gone', refusalWords['lease gone'])
  }

  #end(queue: Queue, lease: Lease): void {
    lease.alarm.close()
    queue.leases.delete(lease.id)
    this.#room.free(overhead.lease)
  }

  #giveBack(queue: Queue, lease: Lease): void {
    this.#end(queue, lease)
    queue.line.giveBack(lease.item)
    queue.waitingBytes += lease.item.bytes
    this.changes.announce(queue.name)
  }
}
