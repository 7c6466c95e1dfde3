/** Queues of a running server, whichever store it keeps them in. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  DeliveredMessage,
  DeliveredMessages,
  PeekedMessages,
  Stats,
  type QueueSettings,
  type QueueStats,
} from '../../server/features/memq/wire.ts'
import { wholeLifetime, type Lifetime } from './at-end.ts'
import { eventually } from './eventually.ts'
import { startKuard, type Answer, type Kuard } from './kuard.ts'
import { isThere, startRedis, startRedisCluster } from './redis.ts'

export const server = '/memq/server'
export const queuePath = (name: string) => `${server}/queues/${encodeURIComponent(name)}`

/** A queue's figures but for its age and its settings. */
export const figuresOf = ({ oldest: _, settings: __, ...figures }: QueueStats) => figures

/** The figures of the queue `work` while nothing has been put in. */
export const nothingYet = {
  name: 'work',
  depth: 0,
  enqueued: 0,
  dequeued: 0,
  drained: 0,
  leased: 0,
  delayed: 0,
  dead: 0,
}

/** A queue of a running server. */
export class QueueClient {
  readonly kuard: Kuard
  readonly path: string
  readonly name: string

  constructor(kuard: Kuard, name: string) {
    this.kuard = kuard
    this.name = name
    this.path = queuePath(name)
  }

  create = () => this.kuard.ask('PUT', this.path)
  keepTo = (settings: QueueSettings) => this.kuard.put(this.path, settings)
  delete = () => this.kuard.ask('DELETE', this.path)
  drain = () => this.kuard.post(`${this.path}/drain`)
  enqueue = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    this.kuard.ask('POST', `${this.path}/enqueue`, { body, headers })
  enqueueBatch = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    this.kuard.ask('POST', `${this.path}/enqueue?batch=true`, { body, headers })
  /** @param lease in seconds */
  dequeue = (lease?: number) =>
    this.kuard.post(`${this.path}/dequeue${lease === undefined ? '' : `?lease=${lease}`}`)
  /** @param query as it is written */
  dequeueBy = (query: string) => this.kuard.post(`${this.path}/dequeue?${query}`)
  /** Finishes, gives back or renews what was dequeued. */
  settle = (action: 'ack' | 'nack' | 'renew', lease: string) =>
    this.kuard.post(`${this.path}/${action}?lease=${lease}`)
  /** Finishes or gives back several. */
  settleAll = (action: 'ack' | 'nack', leases: readonly string[]) =>
    this.kuard.post(`${this.path}/${action}`, JSON.stringify({ leases }))
  redrive = () => this.kuard.post(`${this.path}/redrive`)

  /** Takes a message under a lease. */
  async take(lease = 3600): Promise<{ body: string; lease: string }> {
    const { body, lease: id } = (await this.dequeue(lease)).json(DeliveredMessage)
    assert.ok(id)
    return { body, lease: id }
  }

  /** Takes several messages under leases. */
  async takeSome(count: number, lease = 3600): Promise<{ bodies: string[]; leases: string[] }> {
    const { messages } = (await this.dequeueBy(`count=${count}&lease=${lease}`)).json(DeliveredMessages)
    return { bodies: messages.map(({ body }) => body), leases: messages.flatMap((each) => each.lease ?? []) }
  }

  /** @param query as it is written */
  async peek(query = ''): Promise<PeekedMessages> {
    return (await this.kuard.get(`${this.path}/messages${query}`)).json(PeekedMessages)
  }

  async stats(): Promise<QueueStats> {
    const { queues } = (await this.kuard.get(`${server}/stats`)).json(Stats)
    const stats = queues.find(({ name }) => name === this.name)
    assert.ok(stats)
    return stats
  }

  async figures() {
    return figuresOf(await this.stats())
  }

  /** Takes all that waits, for good. */
  async rest(): Promise<string[]> {
    const bodies: string[] = []
    for (;;) {
      const answer = await this.dequeue()
      if (answer.status === 204) return bodies
      bodies.push(answer.json(DeliveredMessage).body)
    }
  }
}

/** Starts a server. */
export type Start = (context: Lifetime, args?: readonly string[]) => Promise<Kuard>

/** Of the file that imports this. */
const lifetime = wholeLifetime()
let cluster: ReturnType<typeof startRedisCluster> | undefined

/** Starts one, and waits until its store answers: it gives a request up after two seconds, and a busy machine takes longer to connect. */
export async function startWithStore(
  context: Lifetime,
  url: string,
  args: readonly string[] = [],
): Promise<Kuard> {
  const kuard = await startKuard(context, [`--memq-store=${url}`, ...args])
  await eventually('the store to answer', async () => (await kuard.get(`${server}/stats`)).status !== 503)
  return kuard
}

const onValkey: Start = async (context, args = []) => {
  const { url } = await startRedis(context, [], 'valkey-server')
  return startWithStore(context, url, args)
}

/** Servers by the store that they keep their queues in, which is empty. */
export const stores: Readonly<Record<string, Start>> = {
  memory: startKuard,
  Redis: async (context, args = []) => {
    const { url } = await startRedis(context)
    return startWithStore(context, url, args)
  },
  'a Redis Cluster': async (context, args = []) => {
    const nodes = await (cluster ??= startRedisCluster(lifetime))
    await nodes.cli('FLUSHALL')
    return startWithStore(context, nodes.url, args)
  },
  // Where it is left out, memq-redis.test.ts says so.
  ...(isThere('valkey-server') ? { Valkey: onValkey } : {}),
}

/** One server for all tests that have no arguments of their own, each of which finds it without queues. */
export function shared(start: Start): Start {
  let all: Promise<Kuard> | undefined
  return async (context, args = []) => {
    if (args.length > 0) return start(context, args)
    const kuard = await (all ??= start(lifetime))
    const { queues } = (await kuard.get(`${server}/stats`)).json(Stats)
    await Promise.all(queues.map(({ name }) => kuard.ask('DELETE', queuePath(name))))
    return kuard
  }
}

/** The queue `work`, with messages in it. */
export async function startQueue(
  start: Start,
  context: TestContext,
  bodies: readonly string[] = [],
  args: readonly string[] = [],
): Promise<QueueClient> {
  const queue = new QueueClient(await start(context, args), 'work')
  assert.equal((await queue.create()).status, 200)
  for (const body of bodies) assert.equal((await queue.enqueue(body)).status, 200)
  return queue
}

/** Asserts that it was refused with a reason in words. */
export function assertRefused(answer: Answer, status: number, words: RegExp): void {
  assert.equal(answer.status, status, answer.text)
  assert.match(String(answer.headers['content-type']), /^text\/plain/)
  assert.match(answer.text, words)
}
