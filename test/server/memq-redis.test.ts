/** What only queues in Redis do: replicas share them, Redis may be away or full, and its password is nobody's business. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveredMessage, MemqState, Stats } from '../../server/features/memq/wire.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask, Kuard, startKuard } from '../support/kuard.ts'
import { freeRedisPort, programs, startRedis, type Redis } from '../support/redis.ts'

const server = '/memq/server'
const queue = `${server}/queues/work`

const startOn = (context: TestContext, redis: Redis): Promise<Kuard> =>
  startKuard(context, [`--memq-store=${redis.url}`])

const statsOf = async (kuard: Kuard) => (await kuard.get(`${server}/stats`)).json(Stats).queues

for (const { program, skip } of programs)
  test(
    `replicas share queues on ${program}: what one puts in another hands out, and every page knows within a second`,
    { skip },
    async (context) => {
      const redis = await startRedis(context, [], program)
      const [one, two, three] = await Promise.all([1, 2, 3].map(() => startOn(context, redis)))
      assert.ok(one && two && three)
      const reader = await readEvents(context, three.port)
      await reader.latest('memq', MemqState, ({ store }) => store === 'redis')

      await one.ask('PUT', queue)
      const before = performance.now()
      await one.post(`${queue}/enqueue`, 'from one')
      await reader.latest('memq', MemqState, ({ queues }) => queues[0]?.depth === 1)
      assert.ok(performance.now() - before < 1000)

      const taken = (await two.post(`${queue}/dequeue?lease=60`)).json(DeliveredMessage)
      assert.equal(taken.body, 'from one')
      assert.equal((await three.post(`${queue}/ack?lease=${taken.lease}`)).status, 200)
      for (const kuard of [one, two, three])
        assert.deepEqual(await statsOf(kuard), [
          { name: 'work', depth: 0, enqueued: 1, dequeued: 1, drained: 0, leased: 0, delayed: 0, dead: 0 },
        ])
    },
  )

test('a server that is killed takes nothing along, and its lease runs on', async (context) => {
  const redis = await startRedis(context)
  const [one, two] = [await startOn(context, redis), await startOn(context, redis)]
  await one.ask('PUT', queue)
  for (const body of ['a', 'b']) await one.post(`${queue}/enqueue`, body)
  await one.post(`${queue}/dequeue?lease=2`)
  await one.kill()
  const [stats] = await statsOf(two)
  assert.deepEqual([stats?.depth, stats?.enqueued, stats?.leased], [1, 2, 1])
  await eventually('the lease to end', async () => (await statsOf(two))[0]?.depth === 2)
  assert.equal((await two.post(`${queue}/dequeue`)).json(DeliveredMessage).body, 'a')
})

for (const [how, leave, comeBack] of [
  ['is killed', (redis: Redis) => redis.kill(), (redis: Redis) => redis.start()],
  ['stands still', (redis: Redis) => redis.kill('SIGSTOP'), (redis: Redis) => redis.kill('SIGCONT')],
] as const) {
  test(`while Redis ${how}, an answer says so within two seconds, probes are quick, and it is found again`, async (context) => {
    const redis = await startRedis(context, ['--appendonly', 'yes', '--appendfsync', 'always'])
    const kuard = await startOn(context, redis)
    const reader = await readEvents(context, kuard.port)
    await kuard.ask('PUT', queue)
    assert.equal((await kuard.post(`${queue}/enqueue`, 'kept')).status, 200)
    await reader.latest('memq', MemqState, ({ queues }) => queues[0]?.enqueued === 1)
    await leave(redis)

    const before = performance.now()
    const answer = await kuard.post(`${queue}/dequeue`)
    assert.ok(performance.now() - before < 2000)
    assert.equal(answer.status, 503)
    assert.match(answer.text, new RegExp(`Redis at 127\\.0\\.0\\.1:${redis.port} does not answer: `))
    const probed = performance.now()
    assert.equal((await kuard.get('/healthy')).status, 200)
    assert.ok(performance.now() - probed < 500)
    assert.match((await kuard.get('/metrics')).text, /^memq_enqueued_total /m)
    const state = await reader.latest('memq', MemqState, ({ away }) => away !== undefined)
    assert.equal(state.queues[0]?.enqueued, 1)

    await comeBack(redis)
    const again = await eventually('Redis to be found again', async () => {
      const dequeued = await kuard.post(`${queue}/dequeue`)
      return dequeued.status !== 503 && dequeued
    })
    // One that stood still has still done what it was asked before.
    if (again.status === 200) assert.equal(again.json(DeliveredMessage).body, 'kept')
    assert.equal((await statsOf(kuard))[0]?.dequeued, 1)
    await reader.latest('memq', MemqState, ({ away }) => away === undefined)
  })
}

test('kuard starts without Redis, and uses it once it is there', async (context) => {
  const redis = await startRedis(context)
  await redis.kill()
  const kuard = await startOn(context, redis)
  assert.equal((await kuard.ask('PUT', queue)).status, 503)
  await kuard.logged(/Redis at 127\.0\.0\.1:\d+ can't be used: /)
  await redis.start()
  await eventually('Redis to be used', async () => (await kuard.ask('PUT', queue)).status === 200)
})

test('a full Redis is 507 with the reason, and can be worked off', async (context) => {
  const redis = await startRedis(context, ['--maxmemory', '6mb', '--maxmemory-policy', 'noeviction'])
  const kuard = await startOn(context, redis)
  await kuard.ask('PUT', queue)
  const refused = await eventually('Redis to be full', async () => {
    const answer = await kuard.post(`${queue}/enqueue`, 'x'.repeat(500_000))
    return answer.status !== 200 && answer
  })
  assert.equal(refused.status, 507)
  assert.match(refused.text, /Redis is full/)
  const { lease } = (await kuard.post(`${queue}/dequeue?lease=60`)).json(DeliveredMessage)
  assert.equal((await kuard.post(`${queue}/ack?lease=${lease}`)).status, 200)
  await kuard.post(`${queue}/drain`)
  assert.equal((await kuard.post(`${queue}/enqueue`, 'x')).status, 200)
})

test('senders’ keys make room for messages: the oldest are forgotten', async (context) => {
  const redis = await startRedis(context, ['--maxmemory-policy', 'noeviction'])
  const kuard = await startOn(context, redis)
  await kuard.ask('PUT', queue)
  await kuard.get(`${server}/stats`)
  const [, used] = /used_memory:(\d+)/.exec(await redis.cli('INFO', 'memory')) ?? []
  await redis.cli('CONFIG', 'SET', 'maxmemory', String(Number(used) + 200_000))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let item = 0; item < 1_500; item += 1) {
    const question = { body: 'x', headers: { 'idempotency-key': `key-${item}` }, agent }
    assert.equal((await ask(kuard.port, 'POST', `${queue}/enqueue`, question)).status, 200)
    assert.equal((await ask(kuard.port, 'POST', `${queue}/dequeue`, { agent })).status, 200)
  }
  const again = await kuard.ask('POST', `${queue}/enqueue`, {
    body: 'y',
    headers: { 'idempotency-key': 'key-1499' },
  })
  assert.equal(again.status, 422, 'the newest are remembered')
  agent.destroy()
})

/** How many calls of functions Redis has had, and how many commands in all, those of the functions too. */
async function effort(redis: Redis): Promise<{ calls: number; commands: number }> {
  const [, calls = 0] = /cmdstat_fcall:calls=(\d+)/.exec(await redis.cli('INFO', 'commandstats')) ?? []
  const [, commands = 0] = /total_commands_processed:(\d+)/.exec(await redis.cli('INFO', 'stats')) ?? []
  return { calls: Number(calls), commands: Number(commands) }
}

test('the figures of all queues are one call for a node, and read only what has changed', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startOn(context, redis)
  const paths = Array.from({ length: 300 }, (_, index) => `${server}/queues/${index}`)
  await Promise.all(paths.map((path) => kuard.ask('PUT', path)))
  const read = async (path: string): Promise<{ calls: number; commands: number }> => {
    const before = await effort(redis)
    assert.equal((await kuard.get(path)).status, 200)
    const after = await effort(redis)
    return { calls: after.calls - before.calls, commands: after.commands - before.commands }
  }
  for (const path of [`${server}/stats`, '/metrics']) assert.equal((await read(path)).calls, 1)
  await kuard.post(`${paths[7]}/enqueue`, 'x')
  const { calls, commands } = await read(`${server}/stats`)
  assert.equal(calls, 1)
  assert.ok(commands < 120, `${commands} commands for one queue of 300`)
  assert.equal((await statsOf(kuard)).find(({ name }) => name === '7')?.depth, 1)
})

test('a page costs Redis a few calls a second, however many queues there are', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startOn(context, redis)
  const paths = Array.from({ length: 300 }, (_, index) => `${server}/queues/${index}`)
  await Promise.all(paths.map((path) => kuard.ask('PUT', path)))
  const reader = await readEvents(context, kuard.port)
  await reader.latest('memq', MemqState, ({ queues }) => queues.length === 300)
  const before = await effort(redis)
  for (let item = 0; item < 50; item += 1) await kuard.post(`${paths[0]}/enqueue`, 'x')
  const { calls } = await effort(redis)
  assert.ok(calls - before.calls < 150, `${calls - before.calls} calls for 50 messages`)
})

test('a page leaves Redis alone until a message is too old, be that in a month', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startOn(context, redis)
  await kuard.put(queue, { maxAgeSeconds: 30 * 86_400, overflow: 'drop-oldest' })
  await kuard.post(`${queue}/enqueue`, 'x')
  const reader = await readEvents(context, kuard.port)
  await reader.latest('memq', MemqState, ({ queues }) => queues[0]?.depth === 1)
  const before = await effort(redis)
  await sleep(3_000)
  const { calls } = await effort(redis)
  assert.ok(calls - before.calls < 3, `${calls - before.calls} calls in 3 s`)
})

test('a page sees that Redis was emptied, though only new queues are told of', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startOn(context, redis)
  const reader = await readEvents(context, kuard.port)
  for (const name of ['one', 'two']) await kuard.ask('PUT', `${server}/queues/${name}`)
  await reader.latest('memq', MemqState, ({ queues }) => queues.length === 2)
  await redis.cli('FLUSHALL')
  await kuard.ask('PUT', `${server}/queues/three`)
  await reader.latest('memq', MemqState, ({ queues }) => queues.map(({ name }) => name).join() === 'three')
})

const password = 's3cret@/:word'

for (const [how, give] of Object.entries({
  'in the URL': (redis: Redis) => ({
    args: [`--memq-store=redis://default:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/0`],
    env: {},
  }),
  'in a file': (redis: Redis, context: TestContext) => {
    const file = join(temporaryFolder(context), 'password')
    writeFileSync(file, `${password}\n`)
    return { args: [`--memq-store=${redis.url}`, `--memq-password-file=${file}`], env: {} }
  },
  'in the environment': (redis: Redis) => ({
    args: [`--memq-store=${redis.url}`],
    env: { REDIS_PASSWORD: password },
  }),
}) as [string, (redis: Redis, context: TestContext) => { args: string[]; env: Record<string, string> }][]) {
  test(`a password ${how} lets it in, and is shown nowhere`, async (context) => {
    const redis = await startRedis(context, ['--requirepass', password])
    const { args, env } = give(redis, context)
    const kuard = await startKuard(context, args, { env })
    assert.equal((await kuard.ask('PUT', queue)).status, 200)
    await redis.kill()
    const refused = await kuard.post(`${queue}/enqueue`, 'x')
    assert.equal(refused.status, 503)
    const { commandLine } = JSON.parse((await kuard.get('/env/api')).text) as { commandLine: string[] }
    for (const secret of [password, encodeURIComponent(password)])
      for (const shown of [kuard.output, refused.text, commandLine.join(' ')])
        assert.ok(!shown.includes(secret), shown)
  })
}

test('a wrong password is told in the log and in the answer', async (context) => {
  const redis = await startRedis(context, ['--requirepass', password])
  const kuard = await startOn(context, redis)
  const answer = await kuard.ask('PUT', queue)
  assert.equal(answer.status, 503)
  assert.match(answer.text, /NOAUTH|WRONGPASS|authentication/i)
})

test('rediss:// is TLS, with a CA of one’s own', async (context) => {
  const folder = temporaryFolder(context)
  assert.equal((await new Kuard(context, [`--generate-certs=${folder}`]).ended).code, 0)
  const [certificate, key] = ['kuard.crt', 'kuard.key'].map((name) => join(folder, name))
  assert.ok(certificate !== undefined && key !== undefined)
  const port = await freeRedisPort()
  const tls = ['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key]
  await startRedis(context, [...tls, '--tls-auth-clients', 'no'])
  const args = [`--memq-store=rediss://localhost:${port}/0`]
  const trusting = await startKuard(context, args, { env: { NODE_EXTRA_CA_CERTS: certificate } })
  assert.equal((await trusting.ask('PUT', queue)).status, 200)

  const wary = await startKuard(context, args, { env: { NODE_EXTRA_CA_CERTS: '' } })
  const refused = await wary.ask('PUT', queue)
  assert.equal(refused.status, 503)
  assert.match(refused.text, /self-signed certificate/)
})

for (const [store, reason, ...args] of [
  ['elsewhere', /must be memory, or a URL/],
  ['http://127.0.0.1', /must be memory, or a URL/],
  ['redis://me:hidden@127.0.0.1/zero', /number of a database/],
  ['redis+sentinel://me:hidden@127.0.0.1:26379', /must have the name of the primary/],
  ['redis+sentinel://me:hidden@a,b:x/mymaster', /must be memory, or a URL/],
  ['rediss+sentinel://me:hidden@a,b/mymaster/zero', /number of a database/],
  ['redis://me:%zz@127.0.0.1', /% that is followed by no two hex digits/],
  ['memory', /what is in memory has no replicas/, '--memq-wait-replicas=1'],
  ['redis://127.0.0.1', /file of --memq-password-file can't be read: ENOENT/, '--memq-password-file=/none'],
] as const) {
  test(`${[`--memq-store=${store}`, ...args].join(' ')} is refused in words, without its password`, async (context) => {
    const kuard = new Kuard(context, [`--memq-store=${store}`, ...args])
    assert.equal((await kuard.ended).code, 2)
    assert.match(kuard.output, reason)
    assert.doesNotMatch(kuard.output, /hidden/)
  })
}
