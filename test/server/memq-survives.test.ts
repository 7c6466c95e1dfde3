/** MemQ on Redis loses nothing, whatever is killed. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Answer, type Kuard } from '../support/kuard.ts'
import { askAny, statsOf } from '../support/memq.ts'
import { startWithStore } from '../support/queues.ts'
import { freeRedisPort, startRedis, startRedisCluster } from '../support/redis.ts'

/** Redis writes each change to its file before it answers. */
const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

const itemCount = 10_000
/** Processes, with as many consumers each as make 20. */
const consumerProcesses = 4
const consumersEach = 5
/** In seconds: how late an item comes back whose consumer was killed. */
const leaseSeconds = 3
const producers = 20
/** Before something is tried again, in milliseconds. */
const pauseMs = 50
/** For the whole of it. */
const limitMs = 180_000

/** What can be killed at once, and started again. */
interface Mortal {
  kill(): Promise<unknown>
  start(): Promise<unknown>
}

/** A server that comes back on its port. */
class Server {
  readonly #start: () => Promise<Kuard>
  #kuard: Kuard | undefined

  constructor(context: TestContext, port: number, store: string) {
    this.#start = () => startKuard(context, [`--address=127.0.0.1:${port}`, `--memq-store=${store}`])
  }

  async start(): Promise<void> {
    this.#kuard = await this.#start()
  }

  kill = () => this.#kuard?.kill() ?? Promise.resolve()
}

/** Some consumers in one process, which tell of each item that is done. */
class Consumers {
  readonly #ports: readonly number[]
  readonly #done: (body: string) => void
  #child: ChildProcess | undefined

  constructor(context: TestContext, ports: readonly number[], done: (body: string) => void) {
    this.#ports = ports
    this.#done = done
    atEnd(context, () => this.kill())
  }

  async start(): Promise<void> {
    const script = join(import.meta.dirname, '../support/memq-consumers.ts')
    const args = [script, String(consumersEach), String(leaseSeconds), ...this.#ports.map(String)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: child.stdout }).on('line', this.#done)
    this.#child = child
    await once(child, 'spawn')
  }

  async kill(): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
    this.#child = undefined
  }
}

/** How far the work has come. */
class Progress {
  put = 0
  readonly done = new Set<string>()

  get steps(): number {
    return this.put + this.done.size
  }
}

/** Puts every item in, over all servers, each until one of them has said that it has it. */
async function putAll(ports: readonly number[], progress: Progress, signal: AbortSignal): Promise<void> {
  let next = 0
  const produce = async () => {
    while (next < itemCount) {
      const body = `work-item-${next++}`
      // The key, so that an item whose answer was lost is not put in twice.
      const item = { body, headers: { 'idempotency-key': body } }
      while ((await askAny(ports, 'POST', '/queues/work/enqueue', item))?.status !== 200) {
        signal.throwIfAborted()
        await sleep(pauseMs)
      }
      progress.put += 1
    }
  }
  await Promise.all(Array.from({ length: producers }, produce))
}

/** Kills one after the other, at even steps of the work, and starts each again while the work goes on. */
async function killAll(victims: readonly Mortal[], progress: Progress): Promise<void> {
  const revived = new Map<Mortal, Promise<unknown>>()
  for (const [index, victim] of victims.entries()) {
    const due = Math.floor(((index + 1) * 2 * itemCount) / (victims.length + 1))
    await eventually(`the work to come to step ${due}`, () => progress.steps >= due, limitMs)
    await revived.get(victim)
    await victim.kill()
    revived.set(victim, victim.start())
  }
  await Promise.all(revived.values())
}

/** Holds the counters to their sum (`statsOf`), until all is put in and nothing is left. */
async function watch(ports: readonly number[], progress: Progress): Promise<void> {
  await eventually(
    'every item to be done',
    async () => {
      const stats = await statsOf(ports)
      return stats && progress.put === itemCount && stats.depth + stats.leased === 0
    },
    limitMs,
  )
}

/** In a random order; Redis while items are still put in. */
function victimsOf(servers: readonly Mortal[], consumers: readonly Mortal[], redis: Mortal): Mortal[] {
  const victims = [...servers, ...servers, ...consumers]
    .map((victim) => ({ victim, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ victim }) => victim)
  return victims.toSpliced(2, 0, redis)
}

test(
  'no item is lost, and the counters add up, when servers, consumers and Redis are killed while they work',
  { timeout: limitMs },
  async (context) => {
    const redis = await startRedis(context, durable)
    const ports = [await freeRedisPort(), await freeRedisPort(), await freeRedisPort()]
    const servers = ports.map((port) => new Server(context, port, redis.url))
    await Promise.all(servers.map((server) => server.start()))
    assert.equal((await askAny(ports, 'PUT', '/queues/work'))?.status, 200)

    const progress = new Progress()
    const consumers = Array.from(
      { length: consumerProcesses },
      () => new Consumers(context, ports, (body) => progress.done.add(body)),
    )
    await Promise.all(consumers.map((some) => some.start()))
    await Promise.all([
      putAll(ports, progress, context.signal),
      killAll(victimsOf(servers, consumers, redis), progress),
      watch(ports, progress),
    ])

    await eventually('each to have been told as done', () => progress.done.size === itemCount)
    const counts = {
      depth: 0,
      leased: 0,
      delayed: 0,
      enqueued: itemCount,
      dequeued: itemCount,
      drained: 0,
      dead: 0,
    }
    for (const port of ports) assert.deepEqual(await statsOf([port]), { name: 'work', ...counts })
  },
)

test('a node of a cluster that is killed takes only its own queues away, and is found again', async (context) => {
  const cluster = await startRedisCluster(context, durable)
  const kuard = await startWithStore(context, cluster.url)
  // Their names' shards are three on the first node, two on the second, one on the third.
  const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `/memq/server/queues/${name}`)
  const statuses = (ask: (path: string) => Promise<Answer>) =>
    Promise.all(paths.map(async (path) => (await ask(path)).status))
  const enqueue = (path: string) => kuard.post(`${path}/enqueue`, 'kept')
  await Promise.all(paths.map((path) => kuard.ask('PUT', path)))
  assert.deepEqual(await statuses(enqueue), [200, 200, 200, 200, 200, 200])

  await cluster.nodes[1]?.kill()
  assert.deepEqual(await statuses(enqueue), [200, 503, 200, 503, 200, 200])
  await cluster.nodes[1]?.start()
  await eventually('every queue to be back', async () =>
    (await statuses(enqueue)).every((status) => status === 200),
  )
  assert.deepEqual(await statuses((path) => kuard.post(`${path}/dequeue`)), [200, 200, 200, 200, 200, 200])
})
