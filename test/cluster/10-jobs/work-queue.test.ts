/** A Job whose pods draw their work from a queue, while the queue's pod and one of theirs are deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Stats } from '../../../server/features/memq/wire.ts'
import { makeNamespace, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { applyWithCheapKeys, completed, podsOf } from './jobs.ts'
import { assertAllDone, atLeast, loadQueue } from './queue.ts'

/** Forwards to the queue's pod that is not one of those known. */
async function forwardToQueue(namespace: Namespace, known: readonly string[] = []) {
  const selector = 'app=work-queue,component=queue'
  const pod = await eventually(
    'a pod of the queue',
    async () => (await namespace.names('pods', selector)).find((name) => !known.includes(name)),
    60_000,
    500,
  )
  await namespace.wait(`pod/${pod}`, 'condition=Ready')
  return { pod, forward: await namespace.forward(`pod/${pod}`) }
}

test('five consumers work a queue off though its pod and one of theirs are deleted', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('10-jobs/rs-queue.yaml', '10-jobs/service-queue.yaml')
  const first = await forwardToQueue(namespace)
  await loadQueue(first.forward)
  await applyWithCheapKeys(namespace, '10-jobs/job-consumers.yaml')
  await namespace.wait('job/consumers', 'jsonpath={.status.ready}=5')
  const consumers = await podsOf(namespace, 'consumers')
  await atLeast(first.forward, 5)

  // What it held was in its memory, and has to be put in again; the consumers wait for it.
  await namespace.kubectl('delete', 'pod', first.pod, '--wait=false')
  const second = await forwardToQueue(namespace, [first.pod])
  await namespace.wait(`pod/${first.pod}`, 'delete')
  assert.deepEqual((await second.forward.get('/memq/server/stats')).json(Stats).queues, [])
  await loadQueue(second.forward)
  await atLeast(second.forward, 5)
  assert.deepEqual(await podsOf(namespace, 'consumers'), consumers)

  // What it had taken comes back.
  await namespace.kubectl('delete', 'pod', consumers[0] ?? '', '--wait=false')
  await completed(namespace, 'consumers')
  await assertAllDone(second.forward)

  await namespace.kubectl('delete', 'rs,svc,job', '--selector=chapter=jobs')
  for (const kind of ['replicasets', 'services', 'jobs'])
    assert.deepEqual(await namespace.names(kind), [], `nothing of ${kind} is left`)
})
