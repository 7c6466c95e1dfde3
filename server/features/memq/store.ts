/** What the MemQ server asks of whatever keeps its queues. */
import { hash } from 'node:crypto'
import type { Changes } from '../../state/topic.ts'
import type { TraceContext } from '../../tracing/trace-context.ts'
import type {
  DeliveredMessage,
  Message,
  PeekedMessages,
  QueueSettings,
  QueueStats,
  Settlement,
} from './wire.ts'

/** A store in memory has its answer at once, and a promise would cost its callers time. */
export type Awaitable<Value> = Value | Promise<Value>

/** Why a store does not do what it is asked. */
export type Refusal =
  'queue unknown' | 'queue exists' | 'lease gone' | 'key reused' | 'full' | 'away' | 'not valid'

/** A store's refusal; the message says it in words. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly refusal: Refusal

  constructor(refusal: Refusal, message: string) {
    super(message)
    this.refusal = refusal
  }
}

/** The answer of a queue in which nothing waits. */
export interface Empty {
  readonly kind: 'empty'
  /** How many of its messages are held under a lease, and may come back. */
  readonly leased: number
  /** How many are hidden until their delay is over. */
  readonly delayed?: number
}

/** For how long, and how many, senders' keys and ended leases are remembered, for those who have lost an answer and try again. */
export interface Remembered {
  readonly seconds: number
  /** The newest; the store may remember more. */
  readonly count: number
}

/** The words of refusals that both stores give. */
export const refusalWords = {
  'lease gone': 'this lease has expired, was finished or given back, or never was',
  'key reused': 'this Idempotency-Key was sent with another message: each message needs a key of its own',
} as const

/** Why a message is dead, in words. */
export const deathReason = (deliveries: number, maxDeliveries: number): string =>
  `handed out ${deliveries === 1 ? 'once' : `${deliveries} times`}, of at most ${maxDeliveries}, and never acked`

/** What both stores keep to, unless a test says otherwise. */
export const remembered: Remembered = { seconds: 3600, count: 1 << 15 }

/** What a key is known by: as long for any key or body. */
export const digest = (text: string): string => hash('sha256', text, 'base64url')

/** The figures of all queues together, those that have been deleted included. */
export interface Totals {
  readonly queues: number
  readonly waiting: number
  readonly leased: number
  readonly delayed: number
  readonly enqueued: number
  readonly dequeued: number
  /** Discarded, by a drain, over a limit or with their queue. */
  readonly drained: number
  /** Sent to a dead-letter queue. */
  readonly dead: number
}

/** How messages are taken. */
export interface Taking {
  /** At most so many. */
  readonly count: number
  /** How long they are hidden; without, they are finished at once. */
  readonly leaseSeconds?: number
}

/**
 * Queues of messages, first in first out. A message that is taken under a lease is hidden until it is finished; given back, by its
 * holder or because its time is over, it is ahead of all that was enqueued after it.
 *
 * Every method with a queue's name throws a RefusedError `queue unknown` when there is none, except `create`.
 */
export interface QueueStore {
  /** Announced after each change of the stats. */
  readonly changes: Changes
  /** Each queue's figures, sorted by name. */
  stats(): Awaitable<QueueStats[]>
  /** One queue's figures, of a store elsewhere as they were at the last look; undefined if there is none of this name. */
  statsOf(queue: string): QueueStats | undefined
  /** Has a look, for `statsOf`, at a store elsewhere. */
  refresh?(): Promise<void>
  /** The figures of a store elsewhere as they were at the last look. */
  lastStats?(): QueueStats[]
  totals(): Awaitable<Totals>
  /**
   * Makes a queue; with settings it may be there already, and keeps to these from now on.
   * @throws RefusedError `queue exists` without settings, or `full`
   */
  create(queue: string, settings?: QueueSettings): Awaitable<void>
  /** Discards the queue and all that is in it; its leases are gone, and those who wait for it are told that it does not exist. */
  delete(queue: string): Awaitable<void>
  /** Discards what waits or is delayed; what is leased stays leased. */
  drain(queue: string): Awaitable<void>
  /**
   * Puts a message in.
   * @param key the sender's own for it: when it is tried again while it is remembered, the first message is the answer, and the only one
   * @param delaySeconds how long it is hidden; then it is ahead of all that was enqueued after it
   * @param trace is kept with it, and told with it
   * @throws RefusedError `full`, also over a limit of the queue, or `key reused` where the first message had another body, and nothing has changed
   */
  enqueue(
    queue: string,
    body: string,
    key?: string,
    delaySeconds?: number,
    trace?: TraceContext,
  ): Awaitable<Message>
  /** Puts all of them in, in their order, or none. Throws as `enqueue`. */
  enqueueAll(
    queue: string,
    bodies: readonly string[],
    delaySeconds?: number,
    trace?: TraceContext,
  ): Awaitable<Message[]>
  /**
   * Takes the oldest message.
   * @param leaseSeconds how long it is hidden; without, it is finished at once
   */
  dequeue(queue: string, leaseSeconds?: number): Awaitable<DeliveredMessage | Empty>
  /** Takes the oldest messages that there are, at least one. */
  dequeueSome(queue: string, taking: Taking): Awaitable<DeliveredMessage[] | Empty>
  /**
   * Takes the oldest messages as soon as there is one. Who has waited longest is first, whichever server it asked.
   * @param signal is given up by the client: then nothing is taken, and no delivery counted
   * @returns empty when the seconds are over, or the signal is aborted
   */
  waitFor(
    queue: string,
    taking: Taking,
    seconds: number,
    signal: AbortSignal,
  ): Promise<DeliveredMessage[] | Empty>
  /**
   * Finishes a leased message; one that it has finished is finished still, while that is remembered.
   * @throws RefusedError `lease gone` when the lease has ended otherwise or never was
   */
  ack(queue: string, lease: string): Awaitable<void>
  /**
   * Gives a leased message back: at once, or hidden for some seconds more. Beyond the queue's `maxDeliveries` it goes to the dead-letter queue.
   * @throws RefusedError `lease gone` when the lease has ended or never was
   */
  nack(queue: string, lease: string, delaySeconds?: number): Awaitable<void>
  /** Finishes those that have not ended otherwise. */
  ackAll(queue: string, leases: readonly string[]): Awaitable<Settlement>
  /** Gives back those that have not ended. */
  nackAll(queue: string, leases: readonly string[], delaySeconds?: number): Awaitable<Settlement>
  /** Starts the lease's time anew. Throws as `nack`. */
  renew(queue: string, lease: string): Awaitable<void>
  /**
   * Looks at messages, and takes none.
   * @param after the id of the message before them, in the order in which they were enqueued
   */
  peek(queue: string, count: number, after?: string): Awaitable<PeekedMessages>
  /**
   * Sends dead messages that wait back to the queues that they came from, which are made where they are gone: one, or all. They keep
   * their history and are handed out anew as often as their queue allows.
   * @returns how many are on their way
   */
  redrive(queue: string, id?: string): Awaitable<number>
}
