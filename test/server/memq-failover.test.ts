/** MemQ loses nothing that it has confirmed when the Redis that it writes to is killed, and a replica takes over. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveredMessages } from '../../server/features/memq/wire.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { askAny, statsOf } from '../support/memq.ts'
import { startRedisCluster, startWatched, type Redis } from '../support/redis.ts'

const itemCount = 10_000
/** Put in, and taken, together. */
const batchSize = 20
const workers = 8
/** In seconds: how late items come back whose ack was lost. */
const leaseSeconds = 5
/** Before something is tried again, in milliseconds. */
const pauseMs = 50
/** For the whole of it, of which a quarter is enough on a machine with nothing else to do. */
const limitMs = 120_000

/** Items on their way through the queue `tasks`. */
class Work {
  put = 0
  readonly done = new Set<string>()
  readonly #ports: readonly number[]
  readonly #signal: AbortSignal

  constructor(ports: readonly number[], signal: AbortSignal) {
    this.#ports = ports
    this.#signal = signal
  }

  /** Puts every item in, a batch again until a server has said that it has it. */
  async putAll(): Promise<void> {
    let next = 0
    await this.#byAll(async () => {
      if (next >= itemCount) return false
      const first = next
      next += batchSize
      const bodies = Array.from({ length: batchSize }, (_, index) => `work-item-${first + index}`)
      const batch = { body: JSON.stringify(bodies) }
      while ((await this.#ask('enqueue?batch=true', batch))?.status !== 200) await this.#pause()
      this.put += batchSize
      return true
    })
  }

  /** Takes items, and finishes them, until all that was put in is. */
  async doAll(): Promise<void> {
    await this.#byAll(async () => {
      const taken = await this.#ask(`dequeue?lease=${leaseSeconds}&count=${batchSize}`)
      if (taken?.status !== 200) {
        await this.#pause()
        return !(await this.isOver())
      }
      const { messages } = taken.json(DeliveredMessages)
      for (const { body } of messages) this.done.add(body)
      const leases = { body: JSON.stringify({ leases: messages.map(({ lease }) => lease) }) }
      while ((await this.#ask('ack', leases))?.status !== 200) await this.#pause()
      return true
    })
  }

  async isOver(): Promise<boolean> {
    if (this.put < itemCount) return false
    const stats = await statsOf(this.#ports)
    return stats !== undefined && stats.depth + stats.leased === 0
  }

  #ask(action: string, question = {}) {
    return askAny(this.#ports, 'POST', `/queues/tasks/${action}`, question)
  }

  /** Side by side, each until it is told that there is no more. */
  async #byAll(step: () => Promise<boolean>): Promise<void> {
    const work = async () => {
      while (await step());
    }
    await Promise.all(Array.from({ length: workers }, work))
  }

  async #pause(): Promise<void> {
    this.#signal.throwIfAborted()
    await sleep(pauseMs)
  }
}

/** Has all items go through, and halfway kills the Redis that has them, which comes back when another has taken over. */
async function failOver(
  context: TestContext,
  store: string,
  victim: Redis,
  hasTakenOver: () => Promise<boolean>,
): Promise<void> {
  const start = () => startKuard(context, [`--memq-store=${store}`, '--memq-wait-replicas=1'])
  const [one, other] = await Promise.all([start(), start()])
  const ports = [one.port, other.port]
  await eventually('the queue to be made', async () =>
    [200, 400].includes((await askAny(ports, 'PUT', '/queues/tasks'))?.status ?? 0),
  )
  const work = new Work(ports, context.signal)
  const kill = async () => {
    await eventually('half of the items to be done', () => work.done.size > itemCount / 2, limitMs)
    await victim.kill()
    await eventually('a replica to take over', hasTakenOver, limitMs, 100)
    await victim.start()
  }
  await Promise.all([work.putAll(), work.doAll(), kill()])
  assert.equal(work.done.size, itemCount)
  const stats = await statsOf(ports)
  // A batch whose answer was lost was put in again.
  assert.ok(stats && stats.enqueued >= itemCount && stats.dequeued === stats.enqueued)

  const before = performance.now()
  const waiting = one.post('/memq/server/queues/tasks/dequeue?wait=20')
  assert.equal((await other.post('/memq/server/queues/tasks/enqueue', 'for who waits')).status, 200)
  assert.equal((await waiting).status, 200, 'servers hear of each other as before')
  assert.ok(performance.now() - before < 15_000)
}

test(
  'no confirmed item is lost when the primary that sentinels watch is killed',
  { timeout: limitMs },
  async (context) => {
    const watched = await startWatched(context, 2)
    const [primary] = watched.nodes
    assert.ok(primary)
    await failOver(context, watched.url, primary, async () => (await watched.primary()) !== primary)
  },
)

test(
  'no confirmed item is lost when a node of a cluster is killed that has replicas',
  { timeout: limitMs },
  async (context) => {
    const cluster = await startRedisCluster(context, ['--cluster-node-timeout', '2000'], { replicas: 2 })
    const { nodes, replicas } = cluster
    const [owner, other] = nodes
    assert.ok(owner && other)
    const hasTakenOver = async () =>
      (await Promise.all(replicas.map((replica) => replica.cli('ROLE')))).some((role) =>
        role.startsWith('master'),
      )
    // The shard of the queue’s name is on the first node.
    await failOver(context, other.url, owner, hasTakenOver)
  },
)
