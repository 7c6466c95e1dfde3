/**
 * What clients see of a work queue while its servers and Redis are killed, stand still and are cut off from each other: each message is
 * done at least once, none has two holders, and those of a producer are handed out in its order.
 */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { Stats } from '../../server/features/memq/wire.ts'
import { Cable } from '../support/cable.ts'
import { eventually } from '../support/eventually.ts'
import { ask, startKuard, type Kuard } from '../support/kuard.ts'
import { freeRedisPort, startRedis, startRedisCluster, type Redis } from '../support/redis.ts'
import { consume, leaseSeconds, produce } from './memq/clients.ts'
import { History } from './memq/history.ts'

/** Redis writes each change to its file before it answers. */
const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

const producers = 4
const messagesEach = 30
const consumers = 6
/** For one run, in milliseconds. */
const limitMs = 90_000

const asJson = { 'content-type': 'application/json' }

/** What befalls a part of it, until it is undone. */
interface Trouble {
  readonly begin: () => unknown
  readonly end: () => unknown
}

/** A kind of store, with all that can befall it. */
interface Setting {
  readonly ports: readonly number[]
  readonly troubles: Readonly<Record<string, Trouble>>
}

const stopped = ({ kill }: { kill: (signal: 'SIGSTOP' | 'SIGCONT') => unknown }): Trouble => ({
  begin: () => kill('SIGSTOP'),
  end: () => kill('SIGCONT'),
})

const stoppedServer = (kuard: () => Kuard): Trouble =>
  stopped({ kill: (signal) => kuard().child.kill(signal) })

const killed = (redis: Redis): Trouble => ({ begin: () => redis.kill(), end: () => redis.start() })

/** A server on a port that it keeps when it is killed and started again. */
async function mortalServer(context: TestContext, args: readonly string[]) {
  const port = await freeRedisPort()
  const start = () => startKuard(context, [`--address=127.0.0.1:${port}`, ...args])
  let kuard = await start()
  const kill: Trouble = {
    begin: () => kuard.kill(),
    end: async () => {
      kuard = await start()
    },
  }
  return { port, kill, stop: stoppedServer(() => kuard) }
}

const settings: Record<string, (context: TestContext) => Promise<Setting>> = {
  memory: async (context) => {
    const kuard = await startKuard(context)
    return { ports: [kuard.port], troubles: { 'the server stands still': stoppedServer(() => kuard) } }
  },
  Redis: async (context) => {
    const redis = await startRedis(context, durable)
    const cable = await new Cable(context, redis.port).start()
    const one = await mortalServer(context, [`--memq-store=redis://127.0.0.1:${cable.port}/0`])
    const other = await mortalServer(context, [`--memq-store=${redis.url}`])
    const troubles = {
      'a server is killed': one.kill,
      'the other server is killed': other.kill,
      'a server stands still': other.stop,
      'a server is cut off from Redis': {
        begin: () => {
          cable.cut()
        },
        end: () => {
          cable.mend()
        },
      },
      'Redis is killed': killed(redis),
      'Redis stands still': stopped({ kill: (signal) => redis.kill(signal) }),
    }
    return { ports: [one.port, other.port], troubles }
  },
  'Redis Cluster': async (context) => {
    const { url, nodes } = await startRedisCluster(context, durable)
    const one = await mortalServer(context, [`--memq-store=${url}`])
    const other = await mortalServer(context, [`--memq-store=${url}`])
    const ofNodes = nodes.flatMap((node, index): [string, Trouble][] => [
      [`node ${index} is killed`, killed(node)],
      [`node ${index} stands still`, stopped({ kill: (signal) => node.kill(signal) })],
    ])
    const troubles = { 'a server is killed': one.kill, 'a server stands still': other.stop }
    return { ports: [one.port, other.port], troubles: { ...troubles, ...Object.fromEntries(ofNodes) } }
  },
}

/** What happens in a run: what befalls it one after the other, and for how long each, in milliseconds. */
const plans = (troubles: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...troubles), fc.integer({ min: 50, max: 1_500 })), {
    minLength: 3,
    maxLength: 5,
    size: 'max',
  })

/** Has one trouble after the other at even steps of the work; each is undone, also where the run fails. */
async function disturb(
  { troubles }: Setting,
  plan: readonly (readonly [string, number])[],
  history: History,
): Promise<void> {
  const all = producers * messagesEach
  for (const [index, [name, ms]] of plan.entries()) {
    const due = ((index + 1) * all) / (plan.length + 1)
    await eventually(`${due} messages to be put in`, () => history.puts.length >= due, limitMs)
    await troubles[name]?.begin()
    await sleep(ms)
    await troubles[name]?.end()
  }
}

/** Waits until nothing is in the queues or on its way between them, and adds up what went through. */
async function assertSettled(port: number, queue: string, deadLetter: string): Promise<void> {
  const [work, dead] = await eventually(
    'every message to be done',
    async () => {
      const answer = await ask(port, 'GET', '/memq/server/stats').catch(() => undefined)
      if (answer?.status !== 200) return false
      const { queues } = answer.json(Stats)
      const both = [queue, deadLetter].map((name) => queues.find((each) => each.name === name))
      const isOn = both.some((each) => !each || each.depth + each.leased + each.delayed > 0)
      return !isOn && both[0]?.dead === both[1]?.enqueued && both
    },
    limitMs,
    100,
  )
  const all = producers * messagesEach
  assert.equal(work?.enqueued, all)
  assert.equal(work.dequeued + work.dead, all)
  assert.equal(dead?.dequeued, work.dead)
}

async function run(setting: Setting, round: number, plan: readonly (readonly [string, number])[]) {
  const history = new History()
  const [queue, deadLetter] = [`work-${round}`, `dead-${round}`]
  const [port = 0] = setting.ports
  await eventually('the queue to be made', async () => {
    const body = JSON.stringify({ maxDeliveries: 2, deadLetter })
    const made = ask(port, 'PUT', `/memq/server/queues/${queue}`, { body, headers: asJson })
    return (await made.catch(() => undefined))?.status === 200
  })
  // A message whose client has left is handed out anew as if for the first time, behind those that went meanwhile: no order to hold to.
  const mayLeave = round % 2 === 0
  const surroundings = { ports: setting.ports, history, mayLeave, signal: AbortSignal.timeout(limitMs) }
  let isOver = false
  const consuming = Array.from({ length: consumers }, () =>
    consume(surroundings, [queue, deadLetter], () => isOver),
  )
  const producing = Array.from({ length: producers }, (_, producer) =>
    produce(surroundings, queue, producer, messagesEach),
  )
  await Promise.all([...producing, disturb(setting, plan, history)])
  await assertSettled(port, queue, deadLetter)
  isOver = true
  await Promise.all(consuming)
  history.assertAllDone()
  history.assertOneHolder(leaseSeconds * 1000)
  if (!mayLeave) history.assertOrder(queue)
  history.assertCounted()
}

for (const [name, prepare] of Object.entries(settings)) {
  test(
    `clients of queues in ${name} see each message done, with one holder, and in order, whatever befalls it`,
    { timeout: 4 * limitMs },
    async (context) => {
      const setting = await prepare(context)
      let round = 0
      await fc.assert(
        fc.asyncProperty(plans(Object.keys(setting.troubles)), (plan) => run(setting, round++, plan)),
        // What has failed took long, and would again.
        { numRuns: 2, endOnFailure: true },
      )
    },
  )
}
