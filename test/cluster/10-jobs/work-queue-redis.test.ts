/** A work queue in Redis, shared by three pods of MemQ, while one of them and Redis are deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { applyWithCheapKeys, completed, podsOf } from './jobs.ts'
import { assertAllDone, atLeast, hasRedis, loadQueue, stats } from './queue.ts'

test('every item of a queue in Redis is done though pods of MemQ and Redis are deleted meanwhile', async (context) => {
  const namespace = await makeNamespace(context)
  const threeReady = () => namespace.wait('deployment/memq', 'jsonpath={.status.readyReplicas}=3', 150)
  await namespace.apply('10-jobs/queue-redis.yaml', '10-jobs/memq-redis.yaml')
  await threeReady()
  const [doomed = '', kept = ''] = await namespace.names('pods', 'app=memq,component=server')
  const [first, second] = [await namespace.forward(`pod/${doomed}`), await namespace.forward(`pod/${kept}`)]
  await Promise.all([hasRedis(first), hasRedis(second)])
  await loadQueue(first)
  assert.deepEqual(await stats(second), await stats(first))

  await applyWithCheapKeys(namespace, '10-jobs/job-consumers-redis.yaml')
  await namespace.wait('job/consumers-redis', 'jsonpath={.status.ready}=5')
  const consumers = await podsOf(namespace, 'consumers-redis')
  await atLeast(second, 5)
  await namespace.kubectl('delete', 'pod', doomed, '--wait=false')
  await atLeast(second, 20)
  await namespace.kubectl('delete', 'pod', 'queue-redis-0')
  await hasRedis(second)
  assert.ok((await stats(second)).depth > 0, 'what Redis held is on its claim')

  await completed(namespace, 'consumers-redis')
  await assertAllDone(second)
  assert.deepEqual(await podsOf(namespace, 'consumers-redis'), consumers)
  await threeReady()

  await namespace.kubectl('delete', 'sts,deploy,svc,job,secret,pvc', '--selector=app=memq')
  for (const kind of ['statefulsets', 'deployments', 'services', 'jobs', 'secrets', 'persistentvolumeclaims'])
    assert.deepEqual(await namespace.names(kind), [], `nothing of ${kind} is left`)
})
