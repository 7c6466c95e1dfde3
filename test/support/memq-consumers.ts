/**
 * Consumers of the MemQ queue `work`, in a process of their own, so that a test can kill them. It prints the body of each item that is
 * done, and only then acks it. Arguments: how many consumers, how long a lease is in seconds, and the ports of the servers to choose from.
 */
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveredMessage } from '../../server/features/memq/wire.ts'
import { ask, type Answer } from './kuard.ts'

/** Before something is tried again, in milliseconds. */
const pauseMs = 50

const [count, lease, ...ports] = process.argv.slice(2).map(Number)
const agent = new Agent({ keepAlive: true })

/** Asks any of the servers, until one knows the answer. */
async function askAny(action: string): Promise<Answer> {
  for (;;) {
    const port = ports[Math.floor(Math.random() * ports.length)] ?? 0
    const path = `/memq/server/queues/work/${action}`
    // A server that was killed gives no answer, one that is without Redis gives 503.
    const answer = await ask(port, 'POST', path, { agent }).catch(() => undefined)
    if (answer && answer.status !== 503) return answer
    await sleep(pauseMs)
  }
}

async function consume(): Promise<never> {
  for (;;) {
    const answer = await askAny(`dequeue?lease=${lease}`)
    if (answer.status === 200) {
      const item = answer.json(DeliveredMessage)
      process.stdout.write(`${item.body}\n`)
      await askAny(`ack?lease=${item.lease}`)
    } else await sleep(pauseMs)
  }
}

await Promise.all(Array.from({ length: count ?? 0 }, consume))
