/** What servers on one Redis do for each other: those who wait at any of them come in their order, and nothing that is on its way is lost. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { functionName, libraryCode } from '../../server/features/memq/redis/functions.ts'
import { shardKeys, shardOf } from '../../server/features/memq/redis/shards.ts'
import { DeliveredMessage, PeekedMessages, Stats } from '../../server/features/memq/wire.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Answer, type Kuard } from '../support/kuard.ts'
import { startRedis, type Redis } from '../support/redis.ts'

const server = '/memq/server'
const name = 'work'
const queue = `${server}/queues/${name}`

const shard = shardKeys[shardOf(name)] ?? ''
/** A key of the queue in Redis. */
const keyOf = (part: string): string => shard.replace(/absent$/, `${part}:${name}`)

async function startServers(context: TestContext, redis: Redis, count: number): Promise<Kuard[]> {
  const start = () => startKuard(context, [`--memq-store=${redis.url}`])
  const servers = await Promise.all(Array.from({ length: count }, start))
  await servers[0]?.ask('PUT', queue)
  return servers
}

/** Begins to wait, and is in line when this resolves. */
async function beginToWait(
  redis: Redis,
  kuard: Kuard,
  query = 'wait=20',
): Promise<{ answer: Promise<Answer> }> {
  const before = Number(await redis.cli('ZCARD', keyOf('waiters')))
  const answer = kuard.post(`${queue}/dequeue?${query}`)
  answer.catch(() => undefined)
  await eventually(
    'it to be in line',
    async () => Number(await redis.cli('ZCARD', keyOf('waiters'))) > before,
  )
  return { answer }
}

const bodyOf = async ({ answer }: { answer: Promise<Answer> }): Promise<string> =>
  (await answer).json(DeliveredMessage).body

test('who has waited longest is first, whichever server it asked', async (context) => {
  const redis = await startRedis(context)
  const [one, two] = await startServers(context, redis, 2)
  assert.ok(one && two)
  const waiting: { answer: Promise<Answer> }[] = []
  for (const kuard of [one, two, two, one, two]) waiting.push(await beginToWait(redis, kuard))
  for (const [index, waiter] of waiting.entries()) {
    await (index % 2 === 0 ? one : two).post(`${queue}/enqueue`, `message ${index}`)
    assert.equal(await bodyOf(waiter), `message ${index}`)
  }
})

test('who waits gets what comes back: by nack, by the end of its lease, by the end of a delay', async (context) => {
  const redis = await startRedis(context)
  const [one, two] = await startServers(context, redis, 2)
  assert.ok(one && two)
  await one.post(`${queue}/enqueue`, 'x')
  const { lease } = (await one.post(`${queue}/dequeue?lease=60`)).json(DeliveredMessage)
  const first = await beginToWait(redis, two, 'wait=20&lease=1')
  await one.post(`${queue}/nack?lease=${lease}`)
  assert.equal(await bodyOf(first), 'x')
  // Nobody asks but those who wait.
  const second = await beginToWait(redis, one)
  assert.equal((await second.answer).json(DeliveredMessage).deliveries, 3)
  const third = await beginToWait(redis, two)
  await one.post(`${queue}/enqueue?delay=1`, 'later')
  assert.equal(await bodyOf(third), 'later')
})

for (const [how, signal] of [
  ['dead', 'SIGKILL'],
  ['stopped', 'SIGSTOP'],
] as const) {
  test(`those who wait at a ${how} server hold up nobody for more than a second`, async (context) => {
    const redis = await startRedis(context)
    const [one, two] = await startServers(context, redis, 2)
    assert.ok(one && two)
    for (let count = 0; count < 3; count += 1) await beginToWait(redis, one)
    const behind = await beginToWait(redis, two)
    one.child.kill(signal)
    const before = performance.now()
    await two.post(`${queue}/enqueue`, 'x')
    assert.equal(await bodyOf(behind), 'x')
    const waited = performance.now() - before
    one.child.kill('SIGCONT')
    // With the time that a busy machine takes.
    assert.ok(waited < 2_500, `${waited} ms`)
  })
}

test('one that was struck out holds up nobody at its own server, nor does one whose leaving was lost', async (context) => {
  const redis = await startRedis(context)
  const [one] = await startServers(context, redis, 1)
  assert.ok(one)
  const waiting = [await beginToWait(redis, one), await beginToWait(redis, one)]
  const first = await redis.cli('ZRANGE', keyOf('waiters'), '0', '0')
  // As another server does when this one stood still, and as it is when the connection was lost.
  await redis.cli('ZREM', keyOf('waiters'), first)
  await redis.cli('ZADD', keyOf('waiters'), '0', `${first.slice(0, 16)}999`)
  const before = performance.now()
  for (const body of ['x', 'y']) await one.post(`${queue}/enqueue`, body)
  assert.deepEqual((await Promise.all(waiting.map(bodyOf))).sort(), ['x', 'y'])
  const waited = performance.now() - before
  assert.ok(waited < 5_000, `${waited} ms`)
  await eventually('nobody to be in line', async () => (await redis.cli('ZCARD', keyOf('waiters'))) === '0')
})

test('a client that has left takes nothing, and a queue that is deleted sends those who wait away', async (context) => {
  const redis = await startRedis(context)
  const [one, two] = await startServers(context, redis, 2)
  assert.ok(one && two)
  const left = new AbortController()
  const url = `http://127.0.0.1:${one.port}${queue}/dequeue?wait=20`
  const asked = fetch(url, { method: 'POST', signal: left.signal })
  await eventually('it to be in line', async () => (await redis.cli('ZCARD', keyOf('waiters'))) === '1')
  left.abort()
  await assert.rejects(asked)
  await eventually('it to have left', async () => (await redis.cli('ZCARD', keyOf('waiters'))) === '0')
  await two.post(`${queue}/enqueue`, 'x')
  const [message] = (await two.get(`${queue}/messages`)).json(PeekedMessages).messages
  assert.deepEqual([message?.state, message?.deliveries], ['waiting', 0])
  await two.post(`${queue}/drain`)

  const waiting = await beginToWait(redis, one)
  await two.ask('DELETE', queue)
  const { status, text } = await waiting.answer
  assert.deepEqual([status, text.includes('does not exist')], [400, true])
})

/** Every command that Redis has had, by how often, but those of a connection that is kept. */
async function commands(redis: Redis): Promise<string> {
  const all = (await redis.cli('INFO', 'commandstats')).match(/cmdstat_\S+?:calls=\d+/g) ?? []
  return all.filter((line) => !/cmdstat_(info|ping)\b/.test(line)).join('\n')
}

test('nothing is asked of Redis while many wait and nothing happens', async (context) => {
  const redis = await startRedis(context)
  const servers = await startServers(context, redis, 2)
  for (const kuard of [...servers, ...servers]) await beginToWait(redis, kuard)
  // Until what the last one began is done.
  let before = ''
  await eventually('Redis to be left alone', async () => {
    const [last, now] = [before, await commands(redis)]
    before = now
    return last === now
  })
  await sleep(3_000)
  assert.equal(await commands(redis), before)
})

/** Does operations of functions.ts as a server would. @returns what redis-cli prints */
const run = (redis: Redis, key: string, ...args: readonly string[]): Promise<string> =>
  redis.cli('FCALL', functionName('run'), '1', key, ...args)

const statsOf = async (kuard: Kuard, queueName: string) =>
  (await kuard.get(`${server}/stats`)).json(Stats).queues.find((each) => each.name === queueName)

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Has a message leave for the queue `dead`, which is in another shard, and nobody bring it. */
async function leaveInOutbox(redis: Redis): Promise<void> {
  await redis.cli('FUNCTION', 'LOAD', 'REPLACE', libraryCode())
  const settings = ['1', 'dead', '', '', '']
  await run(redis, shard, 'create', '6', name, ...settings)
  await run(redis, shard, 'enqueue', '5', name, 'a'.repeat(20), '0', traceparent, 'x')
  const lease = `000000000001${'b'.repeat(20)}`
  await run(redis, shard, 'dequeue', '4', name, '1', lease.slice(12), '60000')
  await run(redis, shard, 'nack', '3', name, '0', lease)
}

test('a dead letter whose server died is brought by one that starts, once, wherever the other was', async (context) => {
  const outbox = shard.replace(/absent$/, 'outbox')
  const target = shardKeys[shardOf('dead')] ?? ''
  assert.notEqual(target, shard)
  for (const hasArrived of [false, true]) {
    const redis = await startRedis(context)
    await leaveInOutbox(redis)
    const [packed = ''] = (await redis.cli('ZRANGE', outbox, '0', '-1')).split('\n')
    assert.equal(packed.slice(32, 41), '00004dead')
    const id = packed.slice(0, 32)
    const parcel = packed.slice(41)
    if (hasArrived) await run(redis, target, 'arrive', '5', id, 'dead', parcel, 'c'.repeat(20), traceparent)

    const kuard = await startKuard(context, [`--memq-store=${redis.url}`])
    await eventually('the outbox to be empty', async () => (await redis.cli('EXISTS', outbox)) === '0')
    const arrived = await statsOf(kuard, 'dead')
    assert.deepEqual([arrived?.depth, arrived?.enqueued], [1, 1])
    assert.equal((await statsOf(kuard, name))?.dead, 1)
    const letter = (await kuard.post(`${server}/queues/dead/dequeue`)).json(DeliveredMessage)
    const { body, dead } = letter
    assert.deepEqual([body, dead?.queue, dead?.id, letter.traceparent], ['x', name, id, traceparent])
    assert.equal(await redis.cli('EXISTS', `${outbox}-traces`), '0')
  }
})

test('a dead letter whose server died is brought by one that is there', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startKuard(context, [`--memq-store=${redis.url}`])
  await kuard.ask('PUT', `${server}/queues/other`)
  await leaveInOutbox(redis)
  await eventually('it to arrive', async () => (await statsOf(kuard, 'dead'))?.depth === 1)
})

test('the messages of a server of the version before are taken, acked, given back and looked at', async (context) => {
  const redis = await startRedis(context)
  const entry = (place: number, body: string) =>
    `${String(place).padStart(16, '0')}${String(place).repeat(32)}1700000000000${body}`
  const made = ['made', '1700000000000000', 'enqueued', '5', 'dequeued', '0', 'drained', '0']
  await redis.cli('HSET', shard.replace(/absent$/, 'totals'), 'since', '1700000000000000', 'version', '9')
  await redis.cli('ZADD', shard.replace(/absent$/, 'queues'), '9', name)
  await redis.cli('HSET', keyOf('figures'), ...made)
  await redis.cli('RPUSH', keyOf('waiting'), entry(4, 'fourth'), entry(5, 'fifth'))
  await redis.cli('ZADD', keyOf('returned'), '1', entry(1, 'first'))
  for (const [lease, held] of [
    ['f2', entry(2, 'second')],
    ['f3', entry(3, 'third')],
  ] as const) {
    await redis.cli('HSET', keyOf('held'), lease.repeat(16), `0000000060000${held}`)
    await redis.cli('ZADD', shard.replace(/absent$/, 'leases'), '9000000000000', `${lease.repeat(16)}${name}`)
  }

  const kuard = await startKuard(context, [`--memq-store=${redis.url}`])
  const stats = await statsOf(kuard, name)
  assert.deepEqual([stats?.depth, stats?.leased, stats?.enqueued], [3, 2, 5])
  const page = (await kuard.get(`${queue}/messages?count=3`)).json(PeekedMessages)
  assert.deepEqual(
    page.messages.map(({ start, state }) => [start, state]),
    [
      ['first', 'waiting'],
      ['second', 'leased'],
      ['third', 'leased'],
    ],
  )
  const rest = (await kuard.get(`${queue}/messages?after=${page.next}`)).json(PeekedMessages)
  assert.deepEqual(
    rest.messages.map(({ start }) => start),
    ['fourth', 'fifth'],
  )
  assert.equal((await kuard.post(`${queue}/ack?lease=${'f2'.repeat(16)}`)).status, 200)
  assert.equal((await kuard.post(`${queue}/nack?lease=${'f3'.repeat(16)}`)).status, 200)
  const { messages } = JSON.parse((await kuard.post(`${queue}/dequeue?count=9`)).text) as {
    messages: DeliveredMessage[]
  }
  assert.deepEqual(
    messages.map(({ body, deliveries }) => [body, deliveries]),
    [
      ['first', 1],
      ['third', 2],
      ['fourth', 1],
      ['fifth', 1],
    ],
  )
})
