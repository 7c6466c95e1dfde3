/** Jobs whose pods have a number, and failures that are counted for each. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ServerEnv } from '../../../server/features/env/wire.ts'
import { makeNamespace } from '../../support/cluster.ts'
import { failureOf, podsOf } from './jobs.ts'

const indexes = '.metadata.annotations.batch\\.kubernetes\\.io/job-completion-index'

suite('an Indexed Job', { concurrency: true }, () => {
  test('gives each pod its number, for its environment, its arguments and its name, and is complete when each is done', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/rs-queue.yaml', '10-jobs/service-queue.yaml', '10-jobs/job-indexed.yaml')
    await namespace.wait('job/indexed', 'jsonpath={.status.ready}=3')
    const pods = await podsOf(namespace, 'indexed')
    for (const [index, pod] of pods.entries()) {
      assert.match(pod, new RegExp(`^indexed-${index}-`))
      const forward = await namespace.forward(`pod/${pod}`)
      const { commandLine, env } = (await forward.get('/env/api')).json(ServerEnv)
      assert.equal(env.JOB_COMPLETION_INDEX, String(index))
      assert.equal(env.HOSTNAME, `indexed-${index}`)
      assert.ok(commandLine.includes(`--keygen-memq-queue=shard-${index}`))
    }
    await namespace.wait('replicaset/queue', 'jsonpath={.status.readyReplicas}=1')
    const queue = await namespace.forward('service/queue')
    for (const [index, done] of [
      [1, '1'],
      [0, '0,1'],
      [2, '0-2'],
    ] as const) {
      assert.equal((await queue.ask('PUT', `/memq/server/queues/shard-${index}`)).status, 200)
      await namespace.wait('job/indexed', `jsonpath={.status.completedIndexes}=${done}`)
    }
    await namespace.wait('job/indexed', 'condition=Complete')
    assert.deepEqual(await podsOf(namespace, 'indexed'), pods)
  })

  test('tries an index as often as it may, and lets the others finish', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-backoff-per-index.yaml')
    assert.equal(await failureOf(namespace, 'backoff-per-index'), 'FailedIndexes')
    assert.equal(await namespace.read('job/backoff-per-index', '.status.completedIndexes'), '0')
    assert.equal(await namespace.read('job/backoff-per-index', '.status.failedIndexes'), '1')
    assert.equal(await namespace.read('pods', `.items[*]${indexes}`), '0 1 1')
  })

  test('is ended when more indexes have failed than may', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-max-failed-indexes.yaml')
    assert.equal(await failureOf(namespace, 'max-failed-indexes'), 'MaxFailedIndexesExceeded')
    assert.equal(await namespace.read('job/max-failed-indexes', '.status.completedIndexes'), '0')
    assert.equal(await namespace.read('job/max-failed-indexes', '.status.failedIndexes'), '1,2')
    assert.equal(await namespace.read('pods', `.items[*]${indexes}`), '0 1 2')
  })
})
