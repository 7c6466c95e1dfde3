/** MemQ on a Redis that has replicas: what they confirm, who is the primary, and what is said while none is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeliveredMessage, MemqState, Stats } from '../../server/features/memq/wire.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { Kuard, startKuard } from '../support/kuard.ts'
import { programs, startRedis, startReplica, startWatched } from '../support/redis.ts'

const server = '/memq/server'
const queue = `${server}/queues/work`

const isMade = async (kuard: Kuard): Promise<boolean> => (await kuard.ask('PUT', queue)).status !== 503

test('a change that too few replicas confirm is 503 within two seconds, and says that it may have been done', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startKuard(context, [`--memq-store=${redis.url}`, '--memq-wait-replicas=1'])
  await eventually('Redis to be used', async () => (await kuard.get(`${server}/stats`)).status === 200)
  const before = performance.now()
  const alone = await kuard.ask('PUT', queue)
  assert.ok(performance.now() - before < 2000)
  assert.equal(alone.status, 503)
  assert.match(alone.text, /may have been done, and is not confirmed: 0 of 1 replicas have it/)
  await kuard.logged(/a change was not confirmed: .*0 of 1 replicas/)
  const { queues } = (await kuard.get(`${server}/stats`)).json(Stats)
  assert.deepEqual(
    queues.map(({ name }) => name),
    ['work'],
    'what only reads needs no confirmation',
  )

  const replica = await startReplica(context, redis)
  await eventually(
    'a change to be confirmed',
    async () => (await kuard.post(`${queue}/enqueue`, 'x')).status === 200,
  )
  await kuard.logged(/changes are confirmed again/)
  await replica.kill()
  assert.equal((await kuard.post(`${queue}/dequeue`)).status, 503)
})

for (const { program, skip } of programs)
  test(
    `what was answered was confirmed: changes of many clients at once are on the replica (${program})`,
    { skip },
    async (context) => {
      const redis = await startRedis(context, [], program)
      const replica = await startReplica(context, redis, [], program)
      const kuard = await startKuard(context, [`--memq-store=${redis.url}`, '--memq-wait-replicas=1'])
      await kuard.ask('PUT', queue)
      const answers = await Promise.all(
        Array.from({ length: 200 }, () => kuard.post(`${queue}/enqueue`, 'x')),
      )
      assert.ok(answers.every(({ status }) => status === 200))
      await redis.kill()
      await replica.cli('REPLICAOF', 'NO', 'ONE')
      const heir = await startKuard(context, [`--memq-store=${replica.url}`])
      assert.equal((await heir.get(`${server}/stats`)).json(Stats).queues[0]?.depth, 200)
    },
  )

test('a Redis that wants replicas by min-replicas-to-write takes no changes without, and says why', async (context) => {
  const redis = await startRedis(context, ['--min-replicas-to-write', '1'])
  const kuard = await startKuard(context, [`--memq-store=${redis.url}`])
  const alone = await kuard.ask('PUT', queue)
  assert.equal(alone.status, 503)
  assert.match(
    alone.text,
    /takes no changes: it has fewer replicas that keep up than its min-replicas-to-write/,
  )
  await startReplica(context, redis)
  await eventually('changes to be taken', () => isMade(kuard))
})

test('one that has become a replica takes no changes, and is used again once it is none', async (context) => {
  const [redis, other] = [await startRedis(context), await startRedis(context)]
  const kuard = await startKuard(context, [`--memq-store=${redis.url}`])
  await kuard.ask('PUT', queue)
  await redis.cli('REPLICAOF', '127.0.0.1', String(other.port))
  const refused = await eventually('it to be a replica', async () => {
    const answer = await kuard.post(`${queue}/enqueue`, 'x')
    return answer.status === 503 && answer
  })
  assert.match(refused.text, /is a replica, and takes no changes|master|MASTERDOWN/i)
  await redis.cli('REPLICAOF', 'NO', 'ONE')
  await eventually('changes to be taken', () => isMade(kuard))
})

test('while a Redis that was started again reads its data, an answer says so', async (context) => {
  // A quarter of a second for each key, and a look at its clients after each.
  const slowly = [
    '--rdbcompression',
    'no',
    '--key-load-delay',
    '250000',
    '--loading-process-events-interval-bytes',
    '1024',
  ]
  const redis = await startRedis(context, slowly)
  const kuard = await startKuard(context, [`--memq-store=${redis.url}`])
  for (let index = 0; index < 8; index += 1) {
    await kuard.ask('PUT', `${queue}-${index}`)
    await kuard.post(`${queue}-${index}/enqueue`, 'x'.repeat(2048))
  }
  await redis.cli('SAVE')
  await redis.kill()
  const started = redis.start()
  await eventually('an answer to say so', async () =>
    (await kuard.ask('PUT', queue)).text.includes('is still reading what it has on disk'),
  )
  await started
  await eventually('it to be used', () => isMade(kuard))
})

test('sentinels name the primary, also where they and Redis want a password', async (context) => {
  const watched = await startWatched(context, 1)
  const password = 's3cret'
  for (const node of watched.nodes) {
    await node.cli('CONFIG', 'SET', 'masterauth', password)
    await node.cli('CONFIG', 'SET', 'requirepass', password)
  }
  for (const sentinel of watched.sentinels) {
    await sentinel.cli('SENTINEL', 'SET', 'mymaster', 'auth-pass', password)
    await sentinel.cli('ACL', 'SETUSER', 'default', 'resetpass', `>${password}`)
  }
  const args = [`--memq-store=${watched.url}`, '--memq-wait-replicas=1']
  const kuard = await startKuard(context, args, { env: { REDIS_PASSWORD: password } })
  await eventually('changes to be taken', () => isMade(kuard))
  const stranger = await startKuard(context, args)
  const refused = await stranger.ask('PUT', queue)
  assert.equal(refused.status, 503)
  assert.match(refused.text, /mymaster of .*NOAUTH/)
})

test('what no sentinel knows is 503 with the reason', async (context) => {
  const redis = await startRedis(context)
  const kuard = await startKuard(context, [
    `--memq-store=redis+sentinel://127.0.0.1:${redis.port},127.0.0.1:1/mymaster`,
  ])
  const refused = await kuard.ask('PUT', queue)
  assert.equal(refused.status, 503)
  assert.match(refused.text, /no sentinel says where mymaster is: .*127\.0\.0\.1:1: /)
})

test('a primary that stands still is left for the one that its sentinels name, and takes nothing when it goes on', async (context) => {
  const watched = await startWatched(context, 1)
  const [old, next] = watched.nodes
  assert.ok(old && next)
  const kuard = await startKuard(context, [`--memq-store=${watched.url}`])
  const reader = await readEvents(context, kuard.port)
  await eventually('the queue to be made', () => isMade(kuard))
  await kuard.post(`${queue}/enqueue`, 'kept')
  await eventually(
    'the replica to have it',
    async () => (await next.cli('DBSIZE')) === (await old.cli('DBSIZE')),
  )
  await old.kill('SIGSTOP')
  const failoverMs = 50_000
  await eventually(
    'the replica to be used',
    async () => (await kuard.post(`${queue}/enqueue`, 'new')).status === 200,
    failoverMs,
  )
  assert.equal(await watched.primary(), next)
  await kuard.logged(new RegExp(`is at 127\\.0\\.0\\.1:${next.port} now`))
  await old.kill('SIGCONT')
  assert.equal((await kuard.post(`${queue}/dequeue`)).json(DeliveredMessage).body, 'kept')
  await reader.latest(
    'memq',
    MemqState,
    ({ away, queues }) => away === undefined && queues[0]?.dequeued === 1,
  )
})
