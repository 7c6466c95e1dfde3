/** Clients of a work queue that make use of all that it offers, are careless, and write down what they have seen. */
import { randomInt } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveredMessages, Settlement } from '../../../server/features/memq/wire.ts'
import type { Answer, Question } from '../../support/kuard.ts'
import { askAny } from '../../support/memq.ts'
import type { Delivery, History } from './history.ts'

/** How long leases are, in seconds: how late an item comes back that nobody finishes. */
export const leaseSeconds = 2
/** Between two tries, in milliseconds. */
const pauseMs = 20
/** After which a request is given up: the server, or what it asks, may stand still. In milliseconds. */
const patienceMs = 4_000

/** Where the servers are that share the queues, and when to end. */
export interface Surroundings {
  readonly ports: readonly number[]
  readonly history: History
  /** Whether consumers may ask, and not wait for the answer. */
  readonly mayLeave: boolean
  readonly signal: AbortSignal
}

/** Asks any of the servers about a queue; undefined where there is no answer that counts, or none yet. */
function askQueue(
  { ports, signal }: Surroundings,
  method: string,
  path: string,
  question?: Question,
): Promise<Answer | undefined> {
  signal.throwIfAborted()
  const late = sleep(patienceMs, undefined, { ref: false })
  return Promise.race([askAny(ports, method, `/queues/${path}`, question), late])
}

/** Asks until there is an answer that counts. */
async function insist(...asked: Parameters<typeof askQueue>): Promise<Answer> {
  for (;;) {
    const answer = await askQueue(...asked)
    if (answer) return answer
    await sleep(pauseMs)
  }
}

/** Puts messages in, one after the other, each until a server says that it has it. */
export async function produce(
  surroundings: Surroundings,
  queue: string,
  producer: number,
  count: number,
): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const body = `${producer}-${number}`
    const headers = { 'idempotency-key': `${queue} ${body}` }
    const { status, text } = await insist(surroundings, 'POST', `${queue}/enqueue`, { body, headers })
    if (status !== 200) throw new Error(`enqueue was answered by ${status}: ${text}`)
    surroundings.history.puts.push({ producer, body })
  }
}

/** Takes messages from one of the queues after the other, and finishes most of them, until it is told to end. */
export async function consume(
  surroundings: Surroundings,
  queues: readonly string[],
  isOver: () => boolean,
): Promise<void> {
  for (let turn = randomInt(2); !isOver(); turn += 1) {
    const queue = queues[turn % queues.length] ?? ''
    if (surroundings.mayLeave && randomInt(12) === 0) await leave(surroundings, queue)
    for (const delivery of await take(surroundings, queue)) await settle(surroundings, delivery)
  }
}

async function take(surroundings: Surroundings, queue: string): Promise<Delivery[]> {
  const how = `lease=${leaseSeconds}&count=${1 + randomInt(3)}&wait=${randomInt(2)}`
  const askedAt = performance.now()
  const answer = await askQueue(surroundings, 'POST', `${queue}/dequeue?${how}`)
  const gotAt = performance.now()
  if (answer?.status !== 200) {
    await sleep(pauseMs)
    return []
  }
  const got = answer
    .json(DeliveredMessages)
    .messages.map(({ id, body, deliveries, lease = '' }): Delivery => ({
      queue,
      id,
      body,
      lease,
      deliveries,
      askedAt,
      gotAt,
      endedAt: Infinity,
      isDone: false,
    }))
  surroundings.history.deliveries.push(...got)
  return got
}

/** Asks, and is gone before or while there is an answer. */
async function leave({ ports }: Surroundings, queue: string): Promise<void> {
  const path = `/memq/server/queues/${queue}/dequeue?lease=${leaseSeconds}&wait=1`
  const port = ports[randomInt(ports.length)]
  const asked = request({ host: '127.0.0.1', port, method: 'POST', path, agent: false })
  asked.on('error', () => undefined)
  asked.end()
  await sleep(randomInt(30))
  asked.destroy()
}

/** Most are finished; some are given back, at once, later or together with nothing, and some left to their time. */
async function settle(surroundings: Surroundings, delivery: Delivery): Promise<void> {
  const { queue, lease } = delivery
  await sleep(randomInt(10))
  const fate = randomInt(20)
  if (fate === 0) return
  const isAck = fate > 3
  delivery.endedAt = performance.now()
  if (fate === 4) {
    const several = {
      body: JSON.stringify({ leases: [lease] }),
      headers: { 'content-type': 'application/json' },
    }
    const answer = await insist(surroundings, 'POST', `${queue}/ack`, several)
    delivery.isDone = answer.status === 200 && answer.json(Settlement).settled === 1
    return
  }
  const action = isAck ? 'ack?' : `nack?${fate === 1 ? 'delay=1&' : ''}`
  const { status } = await insist(surroundings, 'POST', `${queue}/${action}lease=${lease}`)
  delivery.isDone = isAck && status === 200
}
