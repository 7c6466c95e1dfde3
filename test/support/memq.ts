/** Asks servers of MemQ that share their queues, some of which may be gone. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { Stats, type QueueStats } from '../../server/features/memq/wire.ts'
import { ask, type Answer, type Question } from './kuard.ts'

const agent = new Agent({ keepAlive: true })

function oneOf<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)]
  assert.ok(item !== undefined)
  return item
}

/** Asks any of the servers. Undefined when it was killed, is not back yet, or is without Redis. */
export async function askAny(
  ports: readonly number[],
  method: string,
  path: string,
  question: Question = {},
): Promise<Answer | undefined> {
  const asked = ask(oneOf(ports), method, `/memq/server${path}`, { ...question, agent })
  const answer = await asked.catch(() => undefined)
  return answer?.status === 503 ? undefined : answer
}

/** The figures of the first queue, whose sum has to be right whenever they are read. */
export async function statsOf(ports: readonly number[]): Promise<QueueStats | undefined> {
  const stats = (await askAny(ports, 'GET', '/stats'))?.json(Stats).queues[0]
  if (!stats) return undefined
  const { enqueued, depth, leased, delayed, dequeued, drained, dead } = stats
  assert.equal(enqueued, depth + leased + delayed + dequeued + drained + dead)
  return stats
}
