/** Messages as Redis has them, in the words of the wire: functions.ts says what is where. */
import { timestamp } from '../../../text/timestamp.ts'
import { deathReason, type Empty } from '../store.ts'
import type { TraceContext } from '../../../tracing/trace-context.ts'
import type { Death, DeliveredMessage, LifeEvent, Message, PeekedMessage, PeekedMessages } from '../wire.ts'

const placeDigits = 16
const headLength = 61
const traceparentLength = 55

/** A message's name: its place in the queue, in hex digits, and what nobody can guess. */
export const nameOf = (place: number, tail: string): string => place.toString(16).padStart(12, '0') + tail

/** A trace as Redis keeps it; empty for none. */
export const traceText = (trace: TraceContext | undefined): string =>
  trace ? trace.traceparent + (trace.tracestate ?? '') : ''

function traceIn(text: string): TraceContext | undefined {
  if (text === '') return undefined
  const traceparent = text.slice(0, traceparentLength)
  return text.length > traceparentLength
    ? { traceparent, tracestate: text.slice(traceparentLength) }
    : { traceparent }
}

const events: Readonly<Record<string, LifeEvent['event']>> = {
  d: 'delivered',
  r: 'returned',
  e: 'expired',
  x: 'dead',
  v: 'redriven',
}

/** What is remembered of a message beside itself. */
interface History {
  readonly deliveries: number
  readonly dead?: Death
  readonly life: LifeEvent[]
}

/** @param head the message's, up to its body; @param record empty for none */
function historyIn(head: string, record: string): History {
  const life: LifeEvent[] = [{ event: 'enqueued', at: timestamp(Number(head.slice(48, headLength))) }]
  if (record === '') return { deliveries: 0, life }
  const bar = record.indexOf('|')
  for (let at = 8; at < bar; at += 14)
    life.push({
      event: events[record.charAt(at)] ?? 'delivered',
      at: timestamp(Number(record.slice(at + 1, at + 14))),
    })
  const death = record.slice(bar + 1)
  return {
    deliveries: Number(record.slice(0, 8)),
    ...(death === '' ? {} : { dead: deathIn(death) }),
    life,
  }
}

function deathIn(text: string): Death {
  const [deliveries, most] = [Number(text.slice(45, 53)), Number(text.slice(53, 61))]
  return {
    queue: text.slice(61),
    id: text.slice(0, 32),
    deliveries,
    reason: deathReason(deliveries, most),
    at: timestamp(Number(text.slice(32, 45))),
  }
}

/** A message as it was enqueued. */
export const messageIn = (entry: string): Message => ({
  kind: 'message',
  id: entry.slice(placeDigits, 48),
  body: entry.slice(headLength),
  creationTimestamp: timestamp(Number(entry.slice(48, headLength))),
})

/** A message as it is handed out. @param told it, or it with its record and its trace */
function deliveryIn(told: unknown, tail: string | undefined): DeliveredMessage {
  // As the function `take_one` makes it.
  const [entry, record, trace] = Array.isArray(told)
    ? (told as [string, string, string])
    : [told as string, '', '']
  const message: DeliveredMessage = { ...messageIn(entry), deliveries: 1 }
  if (record !== '') {
    const { deliveries, dead, life } = historyIn(entry, record)
    message.deliveries = deliveries
    if (dead) Object.assign(message, { dead, life })
  }
  if (trace !== '') Object.assign(message, traceIn(trace))
  if (tail !== undefined) message.lease = nameOf(Number(entry.slice(0, placeDigits)), tail)
  return message
}

/**
 * What was taken.
 * @param reply as `take` makes it
 * @param tail how the leases end; undefined without
 */
export function takenIn(reply: readonly unknown[], tail: string | undefined): DeliveredMessage[] | Empty {
  const [leased, delayed] = reply
  if (typeof leased === 'number') return { kind: 'empty', leased, delayed: Number(delayed) }
  return reply.map((told) => deliveryIn(told, tail))
}

/** One of the function `peek`: state, end, head, the start of its body and the length of all of it, record, trace. */
type Shown = readonly [
  PeekedMessage['state'],
  until: number,
  head: string,
  start: string,
  bytes: number,
  record: string,
  trace: string,
]

/** @param reply as the function `peek` makes it */
export function peekedIn(reply: readonly unknown[]): PeekedMessages {
  const [more, ...shown] = reply
  const messages = (shown as Shown[]).map(peekedMessage)
  // Servers of the version before give ids that don't tell the place.
  const [, , head = ''] = (shown as Shown[]).at(-1) ?? []
  const next = nameOf(Number(head.slice(0, placeDigits)), head.slice(placeDigits + 12, 48))
  return { kind: 'peek', messages, ...(more === 1 ? { next } : {}) }
}

function peekedMessage([state, until, head, start, bytes, record, trace]: Shown): PeekedMessage {
  const { deliveries, dead, life } = historyIn(head, record)
  return {
    id: head.slice(placeDigits, 48),
    creationTimestamp: timestamp(Number(head.slice(48, headLength))),
    deliveries,
    ...(dead ? { dead } : {}),
    ...traceIn(trace),
    state,
    ...(state === 'waiting' ? {} : { until: timestamp(until) }),
    // Not with half of a character at its end.
    start: start.slice(0, 1024).replace(/[\uD800-\uDBFF]$/, ''),
    bytes,
    life,
  }
}
