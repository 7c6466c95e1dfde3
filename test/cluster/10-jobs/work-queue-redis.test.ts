/** A work queue in Redis, shared by three pods of MemQ, while one of them and Redis are deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { completed, podsOf } from './jobs.ts'
import { assertAllDone, atLeast, loadQueue, stats } from './queue.ts'

test('every item of a queue in Redis is done though pods of MemQ and Redis are deleted meanwhile', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('10-jobs/queue-redis.yaml', '10-jobs/memq-redis.yaml')
  await namespace.wait('statefulset/queue-redis', 'jsonpath={.status.readyReplicas}=1', 150)
  const threeReady = () => namespace.wait('deployment/memq', 'jsonpath={.status.readyReplicas}=3', 150)
  await threeReady()
  const [doomed = '', kept = ''] = await namespace.names('pods', 'app=memq,component=server')
  const [first, second] = [await namespace.forward(`pod/${doomed}`), await namespace.forward(`pod/${kept}`)]
  await loadQueue(first)
  assert.deepEqual(await stats(second), await stats(first))

  await namespace.apply('10-jobs/job-consumers-redis.yaml')
  await namespace.wait('job/consumers-redis', 'jsonpath={.status.ready}=5')
  const consumers = await podsOf(namespace, 'consumers-redis')
  await atLeast(second, 5)
  await namespace.kubectl('delete', 'pod', doomed)
  await threeReady()

  const { dequeued } = await stats(second)
  assert.ok(dequeued < 100, 'the Job still works')
  await namespace.kubectl('delete', 'pod', 'queue-redis-0')
  const answers = async () => (await second.get('/memq/server/stats')).status === 200
  await eventually('MemQ to be back, as Redis is', answers, 90_000, 200)
  await atLeast(second, dequeued + 1)
  assert.deepEqual(await podsOf(namespace, 'consumers-redis'), consumers)

  await completed(namespace, 'consumers-redis')
  await assertAllDone(second)

  await namespace.kubectl('delete', 'sts,deploy,svc,job,secret,pvc', '--selector=app=memq')
  for (const kind of ['statefulsets', 'deployments', 'services', 'jobs', 'secrets', 'persistentvolumeclaims'])
    assert.deepEqual(await namespace.names(kind), [], `nothing of ${kind} is left`)
})
