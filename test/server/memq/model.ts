/** What a store of queues should hold, and what it should remember, after whatever was done to it. */
import assert from 'node:assert/strict'
import type { Empty, Taking } from '../../../server/features/memq/store.ts'
import type { TraceContext } from '../../../server/tracing/trace-context.ts'
import type { DeliveredMessage, LifeEvent, QueueSettings } from '../../../server/features/memq/wire.ts'
import { limits } from './stores.ts'

/** What a message should be. */
export interface ModelMessage {
  readonly body: string
  /** Its number among all that were put in the queue. */
  readonly place: number
  /** What the store calls it, once it has told. */
  id: string | undefined
  /** When the store says that it was enqueued. */
  readonly creationTimestamp: string
  /** The same by the model's time. */
  readonly created: number
  deliveries: number
  /** Stays with it wherever it goes. */
  readonly trace: TraceContext | undefined
  /** After its enqueueing. */
  readonly events: LifeEvent['event'][]
  dead?: {
    readonly queue: string
    readonly id: string | undefined
    readonly deliveries: number
    readonly reason: string
  }
}

/** Somebody who waits for messages, and what became of it. */
export interface ModelWaiter {
  readonly taking: Taking
  readonly ends: number
  readonly abort: AbortController
  /** As the store has answered; unset while it has not. */
  answer?: DeliveredMessage[] | Empty
  error?: Error
}

/** What a queue should be. */
export interface ModelQueue {
  readonly name: string
  /** Another for one that is made anew under the name. */
  readonly serial: number
  /** In the order of their places. */
  waiting: ModelMessage[]
  /** In the order in which they began, or were renewed. */
  readonly leases: Map<
    string,
    { readonly message: ModelMessage; readonly ends: number; readonly seconds: number }
  >
  delayed: { readonly message: ModelMessage; readonly due: number }[]
  /** First come, first served. */
  waiters: ModelWaiter[]
  settings: QueueSettings
  enqueued: number
  dequeued: number
  drained: number
  dead: number
}

/** What a store remembers for those who try again. */
export interface Trace {
  readonly serial: number
  readonly at: number
}

interface Sent extends Trace {
  readonly key: string
  readonly queue: string
  readonly body: string
  readonly id: string
}

/** What has gone through a queue, or through several. */
export interface Flow {
  enqueued: number
  dequeued: number
  drained: number
  dead: number
}

/** Those who wait and have to have an answer by now; with the messages of which each gets some. */
export interface Due {
  readonly queue: ModelQueue
  readonly waiter: ModelWaiter
  readonly expected: ModelMessage[] | 'empty' | 'queue unknown'
}

/** All queues, and what has been done to them. */
export interface Model {
  /** In milliseconds. */
  time: number
  made: number
  /** In the order in which they were sent. */
  readonly sent: Sent[]
  /** By their leases, in the order in which they were acked. */
  readonly acked: Map<string, Trace>
  /** What has gone through queues that were deleted. */
  readonly past: Flow
  readonly queues: Map<string, ModelQueue>
  /** Every lease there ever was, with its queue's name. */
  readonly leases: { readonly id: string; readonly queue: string }[]
  bodies: number
  /** Not yet held against the store's answers. */
  due: Due[]
}

/** Of a store without queues. */
export const emptyModel = (): Model => ({
  time: 0,
  made: 0,
  sent: [],
  acked: new Map(),
  past: { enqueued: 0, dequeued: 0, drained: 0, dead: 0 },
  queues: new Map(),
  leases: [],
  bodies: 0,
  due: [],
})

/** Whether a store still remembers something; beyond its limit it may. */
export function memoryOf(
  { time }: Model,
  queue: ModelQueue,
  all: readonly Trace[],
  trace: Trace | undefined,
): 'sure' | 'perhaps' | 'none' {
  if (trace?.serial !== queue.serial || time - trace.at >= limits.seconds * 1000) return 'none'
  return all.slice(-limits.count).includes(trace) ? 'sure' : 'perhaps'
}

/** The queue of a name, made if there is none. */
export function madeQueue(model: Model, name: string): ModelQueue {
  const found = model.queues.get(name)
  if (found) return found
  const flow: Flow = { enqueued: 0, dequeued: 0, drained: 0, dead: 0 }
  const serial = model.made++
  const queue = {
    name,
    serial,
    waiting: [],
    leases: new Map(),
    delayed: [],
    waiters: [],
    settings: {},
    ...flow,
  }
  model.queues.set(name, queue)
  return queue
}

/** Whether a queue's own limits refuse so many more messages. */
export function isOver({ time }: Model, queue: ModelQueue, count: number, isHidden: boolean): boolean {
  const { maxLength = Infinity, maxAgeSeconds = Infinity, overflow } = queue.settings
  const hidden = queue.delayed.length
  // The oldest gives way, whatever is put in: but of what is hidden nothing does.
  if (overflow === 'drop-oldest') return hidden + (isHidden ? count : 1) > maxLength
  const [oldest] = queue.waiting
  const isLate = oldest !== undefined && time - oldest.created > maxAgeSeconds * 1000
  return isLate || queue.waiting.length + hidden + count > maxLength
}

/** Puts in a message, behind all others unless it is hidden. */
export function put(queue: ModelQueue, content: Omit<ModelMessage, 'place'>, due?: number): void {
  queue.enqueued += 1
  const message = { ...content, place: queue.enqueued }
  if (due === undefined) queue.waiting.push(message)
  else queue.delayed.push({ message, due })
}

function discardOldest(queue: ModelQueue): void {
  queue.waiting.shift()
  queue.drained += 1
}

/** Discards what is beyond the greatest length, after something was put in. */
export function trim(queue: ModelQueue): void {
  const { maxLength = Infinity, overflow } = queue.settings
  if (overflow !== 'drop-oldest') return
  while (queue.waiting.length > 0 && queue.waiting.length + queue.delayed.length > maxLength)
    discardOldest(queue)
}

/** Discards what is too old, and has those who wait be served, as after each change. */
export function settle(model: Model, queue: ModelQueue): void {
  discardOld(model, queue)
  while (queue.waiting.length > 0) {
    const waiter = queue.waiters.shift()
    if (!waiter) break
    model.due.push({ queue, waiter, expected: take(model, queue, waiter.taking.count) })
  }
}

function discardOld({ time }: Model, queue: ModelQueue): void {
  const { maxAgeSeconds = Infinity, overflow } = queue.settings
  const isOld = () => time - (queue.waiting[0]?.created ?? Infinity) > maxAgeSeconds * 1000
  if (overflow === 'drop-oldest') while (isOld()) discardOldest(queue)
}

/** Takes the oldest messages; what is too old is in nobody's hands. */
export function take(model: Model, queue: ModelQueue, count: number): ModelMessage[] {
  const taken: ModelMessage[] = []
  while (taken.length < count) {
    discardOld(model, queue)
    const message = queue.waiting.shift()
    if (!message) break
    taken.push(message)
  }
  discardOld(model, queue)
  return taken
}

/** Puts a message that came back to its place, or sends it to the dead-letter queue; `settle` is the caller's to call. */
export function comeBack(
  model: Model,
  queue: ModelQueue,
  message: ModelMessage,
  event: 'returned' | 'expired',
  delaySeconds = 0,
): void {
  message.events.push(event)
  const { maxDeliveries = Infinity, deadLetter } = queue.settings
  if (deadLetter !== undefined && message.deliveries >= maxDeliveries) bury(model, queue, message, deadLetter)
  else if (delaySeconds > 0) queue.delayed.push({ message, due: model.time + delaySeconds * 1000 })
  else putBack(queue, message)
}

function bury(model: Model, queue: ModelQueue, message: ModelMessage, deadLetter: string): void {
  const { deliveries, id } = message
  const { maxDeliveries } = queue.settings
  const times = deliveries === 1 ? 'once' : `${deliveries} times`
  const reason = `handed out ${times}, of at most ${maxDeliveries}, and never acked`
  const events = [...message.events, 'dead' as const]
  const dead = { queue: queue.name, id, deliveries, reason }
  queue.dead += 1
  arrive(model, deadLetter, { ...message, id: undefined, deliveries: 0, events, dead })
}

/** Sends dead messages that wait back. @returns how many */
export function redrive(
  model: Model,
  queue: ModelQueue,
  isMeant: (message: ModelMessage) => boolean,
): number {
  const meant = queue.waiting.filter((message) => message.dead && isMeant(message))
  queue.waiting = queue.waiting.filter((message) => !meant.includes(message))
  queue.dequeued += meant.length
  for (const { dead, ...message } of meant) {
    assert.ok(dead)
    const events = [...message.events, 'redriven' as const]
    arrive(model, dead.queue, { ...message, id: undefined, deliveries: 0, events })
  }
  return meant.length
}

function arrive(model: Model, name: string, content: Omit<ModelMessage, 'place'>): void {
  const queue = madeQueue(model, name)
  put(queue, content)
  trim(queue)
  settle(model, queue)
}

export function putBack(queue: ModelQueue, message: ModelMessage): void {
  queue.waiting.push(message)
  queue.waiting.sort((a, b) => a.place - b.place)
}

/** Takes away a queue. */
export function remove(model: Model, queue: ModelQueue): void {
  const { enqueued, dequeued, drained, dead, waiting, delayed, leases } = queue
  addFlow(model.past, {
    enqueued,
    dequeued,
    drained: drained + waiting.length + delayed.length + leases.size,
    dead,
  })
  model.queues.delete(queue.name)
  for (const waiter of queue.waiters) model.due.push({ queue, waiter, expected: 'queue unknown' })
}

/** When something happens by itself next, by the model's time. */
export const nextTime = ({ queues }: Model): number => Math.min(...[...queues.values()].flatMap(timesIn))

const timesIn = ({ leases, delayed, waiters }: ModelQueue): number[] => [
  ...[...leases.values(), ...waiters].map(({ ends }) => ends),
  ...delayed.map(({ due }) => due),
]

/** Has time pass, in which at most one thing happens by itself. */
export function pass(model: Model, milliseconds: number): void {
  model.time += milliseconds
  for (const queue of model.queues.values()) ring(model, queue)
}

/** What happens in a queue by itself, all that is due. */
function ring(model: Model, queue: ModelQueue): void {
  const { time } = model
  for (const [lease, { message, ends }] of queue.leases) {
    if (ends > time) continue
    queue.leases.delete(lease)
    comeBack(model, queue, message, 'expired')
    settle(model, queue)
  }
  const isDue = ({ due }: { due: number }) => due <= time
  for (const { message } of queue.delayed.filter(isDue)) putBack(queue, message)
  queue.delayed = queue.delayed.filter((delayed) => !isDue(delayed))
  settle(model, queue)
  for (const waiter of queue.waiters)
    if (waiter.ends <= time) model.due.push({ queue, waiter, expected: 'empty' })
  queue.waiters = queue.waiters.filter(({ ends }) => ends > time)
}

/** Adds what has gone through a queue to a sum. */
export function addFlow(sum: Flow, { enqueued, dequeued, drained, dead }: Flow): void {
  sum.enqueued += enqueued
  sum.dequeued += dequeued
  sum.drained += drained
  sum.dead += dead
}
