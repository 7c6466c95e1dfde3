/** Queues in this process's memory: a pod that restarts forgets them. */
import { systemClock, type Clock } from './clock.ts'
import { lifeOf, newHistory, note, tracedHistory, type History } from './history.ts'
import type { Item } from './line.ts'
import { emptyAnswer, statsIn, type Lease, type Queue } from './queue.ts'
import { bytesOfQueue, MemoryQueues } from './queues.ts'
import { Recent } from './recent.ts'
import { bytesOfMessage, overhead, Room } from './room.ts'
import {
  digest,
  RefusedError,
  refusalWords,
  remembered,
  type Empty,
  type QueueStore,
  type Remembered,
  type Taking,
  type Totals,
} from '../store.ts'
import type { TraceContext } from '../../../tracing/trace-context.ts'
import type {
  DeliveredMessage,
  Message,
  PeekedMessages,
  QueueSettings,
  QueueStats,
  Settlement,
} from '../wire.ts'

/** A message that its sender may send again, but for its body, which it would send along. */
interface Sent {
  readonly id: string
  readonly creationTimestamp: string
  /** The body's. */
  readonly digest: string
}

/** A message to put in, whose bytes are taken of the room. */
interface New {
  readonly body: string
  readonly bytes: number
  readonly trace: TraceContext | undefined
}

/** The queues of one server. What it does for each message it does at once, and never with a promise. */
export class MemoryStore implements QueueStore {
  readonly #queues: MemoryQueues
  readonly #room: Room
  readonly #clock: Clock
  /** By their senders' own keys; apart from the queues' bytes, so that they never refuse work. */
  readonly #sent: Recent<Sent>
  /** By their ended leases, the serials of their queues. */
  readonly #acked: Recent<number>

  /** @param maxBytes what all queues together may take; only what comes back goes beyond, so that full queues can be worked off */
  constructor(maxBytes: number, limits: Remembered = remembered, clock: Clock = systemClock) {
    this.#room = new Room(maxBytes)
    this.#clock = clock
    this.#queues = new MemoryQueues(this.#room, clock)
    this.#sent = new Recent(limits, clock.now)
    this.#acked = new Recent(limits, clock.now)
  }

  get changes() {
    return this.#queues.changes
  }

  stats(): QueueStats[] {
    return this.#queues
      .all()
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(statsIn)
  }

  statsOf(name: string): QueueStats | undefined {
    const queue = this.#queues.get(name)
    if (!queue) return undefined
    this.#queues.look(queue)
    return statsIn(queue)
  }

  totals(): Totals {
    return this.#queues.totals()
  }

  create(name: string, settings?: QueueSettings): Promise<void> | undefined {
    if (settings) return this.#keepTo(name, settings)
    if (this.#queues.get(name)) throw new RefusedError('queue exists', 'already exists')
    this.#room.take(bytesOfQueue(name))
    this.#queues.make(name)
    return undefined
  }

  async #keepTo(name: string, settings: QueueSettings): Promise<void> {
    const { setRules } = await import('./rules.ts')
    setRules(this.#queues, name, settings)
  }

  delete(name: string): void {
    this.#queues.delete(name)
  }

  drain(name: string): void {
    this.#queues.drain(name)
  }

  enqueue(name: string, body: string, key?: string, delaySeconds?: number, trace?: TraceContext): Message {
    const queue = this.#queues.find(name)
    if (key === undefined) return this.#put(queue, body, delaySeconds, trace)
    const sentKey = digest(`${queue.serial} ${key}`)
    const sent = this.#sent.get(sentKey)
    const bodyDigest = digest(body)
    if (!sent) {
      const message = this.#put(queue, body, delaySeconds, trace)
      const { id, creationTimestamp } = message
      this.#sent.set(sentKey, { id, creationTimestamp, digest: bodyDigest })
      return message
    }
    const { id, creationTimestamp } = sent
    if (sent.digest !== bodyDigest) throw new RefusedError('key reused', refusalWords['key reused'])
    return { kind: 'message', id, body, creationTimestamp }
  }

  #put(queue: Queue, body: string, delaySeconds = 0, trace?: TraceContext): Message {
    const bytes = bytesOfMessage(body, trace)
    this.#admit(queue, 1, bytes, delaySeconds)
    const message = this.#add(queue, { body, bytes, trace }, delaySeconds)
    queue.rules?.trim()
    this.#queues.settle(queue)
    return message
  }

  enqueueAll(name: string, bodies: readonly string[], delaySeconds = 0, trace?: TraceContext): Message[] {
    const queue = this.#queues.find(name)
    const contents = bodies.map((body) => ({ body, bytes: bytesOfMessage(body, trace), trace }))
    this.#admit(
      queue,
      bodies.length,
      contents.reduce((sum, { bytes }) => sum + bytes, 0),
      delaySeconds,
    )
    const messages = contents.map((content) => this.#add(queue, content, delaySeconds))
    queue.rules?.trim()
    this.#queues.settle(queue)
    return messages
  }

  /** Takes the room for messages. @throws RefusedError `full` */
  #admit(queue: Queue, count: number, bytes: number, delaySeconds: number): void {
    if (queue.rules) {
      this.#queues.look(queue)
      queue.rules.admit(count, delaySeconds > 0)
    }
    this.#room.take(delaySeconds > 0 ? bytes + count * overhead.delay : bytes)
  }

  #add(queue: Queue, { body, bytes, trace }: New, delaySeconds: number): Message {
    const creationTimestamp = this.#queues.timestamp()
    const content = { body, creationTimestamp, bytes, history: trace && tracedHistory(trace) }
    const { id } =
      delaySeconds > 0
        ? this.#queues.pushHidden(queue, content, delaySeconds)
        : this.#queues.push(queue, content)
    return { kind: 'message', id, body, creationTimestamp }
  }

  dequeue(name: string, leaseSeconds?: number): DeliveredMessage | Empty {
    const queue = this.#queues.find(name)
    this.#queues.look(queue)
    const item = this.#queues.shift(queue)
    if (!item) return emptyAnswer(queue)
    const message = this.#deliver(queue, item, leaseSeconds)
    this.changes.announce(queue.name)
    return message
  }

  dequeueSome(name: string, taking: Taking): DeliveredMessage[] | Empty {
    const queue = this.#queues.find(name)
    this.#queues.look(queue)
    return this.#takeSome(queue, taking)
  }

  #takeSome(queue: Queue, { count, leaseSeconds }: Taking): DeliveredMessage[] | Empty {
    const messages: DeliveredMessage[] = []
    while (messages.length < count) {
      const item = this.#queues.shift(queue)
      if (!item) break
      messages.push(this.#deliver(queue, item, leaseSeconds))
      // Behind one that was sent anew there may be one that is older.
      queue.rules?.discardOld()
    }
    if (messages.length === 0) return emptyAnswer(queue)
    this.changes.announce(queue.name)
    return messages
  }

  async waitFor(
    name: string,
    taking: Taking,
    seconds: number,
    signal: AbortSignal,
  ): Promise<DeliveredMessage[] | Empty> {
    const { Waits } = await import('./waits.ts')
    const queue = this.#queues.find(name)
    if (signal.aborted) return emptyAnswer(queue)
    const delivery = this.dequeueSome(name, taking)
    if (Array.isArray(delivery)) return delivery
    queue.waiters ??= new Waits(queue, this.#clock, (how) => this.#takeSome(queue, how))
    return queue.waiters.wait(taking, seconds, signal)
  }

  #deliver(queue: Queue, item: Item, leaseSeconds: number | undefined): DeliveredMessage {
    const { id, body, creationTimestamp, history } = item
    const message: DeliveredMessage = {
      kind: 'message',
      id,
      body,
      creationTimestamp,
      deliveries: history ? history.deliveries + 1 : 1,
    }
    if (leaseSeconds === undefined) {
      queue.dequeued += 1
      this.#room.free(item.bytes)
    } else {
      message.lease = this.#lease(queue, item, leaseSeconds * 1000).id
    }
    if (history?.trace) Object.assign(message, history.trace)
    if (history?.dead) {
      message.dead = history.dead
      message.life = lifeOf(creationTimestamp, history)
    }
    return message
  }

  #lease(queue: Queue, item: Item, milliseconds: number): Lease {
    const lease: Lease = {
      id: this.#queues.ids.at(item.place),
      item,
      milliseconds,
      expires: this.#clock.now() + milliseconds,
      alarm: this.#clock.after(milliseconds, () => {
        this.#return(queue, lease, 'expired')
      }),
    }
    queue.leases.set(lease.id, lease)
    this.#room.overdraw(overhead.lease)
    const history = this.#historyOf(item)
    history.deliveries += 1
    note(history, 'delivered', this.#clock.wall())
    return lease
  }

  #historyOf(item: Item): History {
    if (item.history) return item.history
    item.bytes += overhead.history
    this.#room.overdraw(overhead.history)
    return (item.history = newHistory())
  }

  ack(name: string, id: string): void {
    if (!this.#finish(this.#queues.find(name), id)) throw leaseGone()
  }

  nack(name: string, id: string, delaySeconds?: number): void {
    const queue = this.#queues.find(name)
    const lease = this.#held(queue, id)
    if (!lease) throw leaseGone()
    this.#return(queue, lease, 'returned', delaySeconds)
  }

  renew(name: string, id: string): void {
    const lease = this.#held(this.#queues.find(name), id)
    if (!lease) throw leaseGone()
    lease.alarm.refresh()
    lease.expires = this.#clock.now() + lease.milliseconds
  }

  ackAll(name: string, leases: readonly string[]): Settlement {
    const queue = this.#queues.find(name)
    return settlementOf(leases, (id) => this.#finish(queue, id))
  }

  nackAll(name: string, leases: readonly string[], delaySeconds?: number): Settlement {
    const queue = this.#queues.find(name)
    const settlement = settlementOf(leases, (id) => {
      const lease = this.#held(queue, id)
      if (lease) this.#comeBack(queue, lease, 'returned', delaySeconds)
      return lease !== undefined
    })
    // Those who wait have the oldest of them, and not the one that is named first.
    this.#queues.settle(queue)
    return settlement
  }

  async peek(name: string, count: number, after?: string): Promise<PeekedMessages> {
    const { peekAt } = await import('./peek.ts')
    const queue = this.#queues.find(name)
    this.#queues.look(queue)
    return peekAt(queue, count, after, this.#clock)
  }

  async redrive(name: string, id?: string): Promise<number> {
    const { redrive } = await import('./dead-letters.ts')
    return redrive(this.#queues, name, id)
  }

  /** Finishes a leased message. @returns whether it is finished, be it by an ack before, whose answer may have been lost */
  #finish(queue: Queue, id: string): boolean {
    if (!queue.leases.has(id) && this.#acked.get(id) === queue.serial) return true
    const lease = this.#held(queue, id)
    if (!lease) return false
    this.#end(queue, lease)
    this.#acked.set(lease.id, queue.serial)
    queue.dequeued += 1
    this.#room.free(lease.item.bytes)
    this.changes.announce(queue.name)
    return true
  }

  /** Finds a lease whose time is not over. */
  #held(queue: Queue, id: string): Lease | undefined {
    const lease = queue.leases.get(id)
    if (!lease || this.#clock.now() < lease.expires) return lease
    this.#return(queue, lease, 'expired')
    return undefined
  }

  #end(queue: Queue, lease: Lease): void {
    lease.alarm.close()
    queue.leases.delete(lease.id)
    this.#room.free(overhead.lease)
  }

  #return(queue: Queue, lease: Lease, event: 'returned' | 'expired', delaySeconds?: number): void {
    this.#comeBack(queue, lease, event, delaySeconds)
    this.#queues.settle(queue)
  }

  /** As `#return`; `settle` is the caller's to call. */
  #comeBack(queue: Queue, lease: Lease, event: 'returned' | 'expired', delaySeconds?: number): void {
    const { item } = lease
    this.#end(queue, lease)
    note(this.#historyOf(item), event, this.#clock.wall())
    if (!queue.rules?.bury(item)) this.#queues.giveBack(queue, item, delaySeconds)
  }
}

const leaseGone = () => new RefusedError('lease gone', refusalWords['lease gone'])

function settlementOf(leases: readonly string[], settle: (id: string) => boolean): Settlement {
  const gone = leases.filter((id) => !settle(id))
  return { kind: 'settlement', settled: leases.length - gone.length, gone }
}
