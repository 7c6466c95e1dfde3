/** Redis with its replicas and sentinels, as the book plays with it, and without its master. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

const pods = ['redis-0', 'redis-1', 'redis-2'] as const

test('replicas follow the master, and when it is deleted the sentinels choose another', async (context) => {
  const namespace = await makeNamespace(context)
  /** What redis-cli prints in a pod; an error of Redis included. */
  const redis = async (pod: string, ...command: string[]): Promise<string> =>
    (await namespace.try('exec', pod, '--container=redis', '--', 'redis-cli', ...command)).output.trim()
  const master = async (pod: string): Promise<string> =>
    (await redis(pod, '-p', '26379', 'sentinel', 'get-master-addr-by-name', 'redis')).split('\n')[0] ?? ''
  const until = (what: string, holds: () => Promise<boolean>, seconds = 60): Promise<boolean> =>
    eventually(what, holds, seconds * 1000, 500)

  await namespace.apply(
    '14-applications/redis-config.yaml',
    '14-applications/redis-service.yaml',
    '14-applications/redis.yaml',
  )
  await namespace.wait('statefulset/redis', 'jsonpath={.status.readyReplicas}=3', 120)
  for (const pod of pods)
    await until(`${pod} to know the others`, async () => {
      const known = await redis(pod, '-p', '26379', 'sentinel', 'master', 'redis')
      return known.includes('num-slaves\n2\nnum-other-sentinels\n2\n')
    })

  assert.equal(await master('redis-2'), 'redis-0.redis')
  assert.equal(await redis('redis-2', 'get', 'foo'), '')
  assert.match(await redis('redis-2', 'set', 'foo', '10'), /^READONLY/)
  assert.equal(await redis('redis-0', 'set', 'foo', '10'), 'OK')
  await until('the value at a replica', async () => (await redis('redis-2', 'get', 'foo')) === '10')

  await namespace.kubectl('delete', 'pod', 'redis-0')
  // Two sentinels may each vote for itself; they try again after twice the failover timeout.
  await until('another master', async () => /^redis-[12]\.redis$/.test(await master('redis-2')), 150)
  const chosen = (await master('redis-2')).replace('.redis', '')
  await until('writes to go on', async () => (await redis(chosen, 'set', 'bar', '20')) === 'OK')
  await until(
    'redis-0 to come back as a replica',
    async () => (await redis('redis-0', 'get', 'bar')) === '20',
  )
  assert.equal(await redis('redis-0', 'get', 'foo'), '10')
  assert.match(await redis('redis-0', 'set', 'foo', '30'), /^READONLY/)
  for (const pod of pods)
    await until(`${pod} to name the new master`, async () => (await master(pod)) === `${chosen}.redis`)
})
