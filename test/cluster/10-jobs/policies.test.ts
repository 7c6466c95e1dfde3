/** What a Job says about when to start, to give up, to count a failure, and to vanish. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { completed, evict, failureOf, keysIn, podsOf, runningPod } from './jobs.ts'

suite('a Job', { concurrency: true }, () => {
  test('that is stuck is restarted in place by its liveness probe, and then finishes', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-liveness.yaml')
    const pod = await runningPod(namespace, 'stuck')
    await completed(namespace, 'stuck')
    assert.deepEqual(await podsOf(namespace, 'stuck'), [pod])
    assert.equal(await namespace.read(`pod/${pod}`, '.status.containerStatuses[0].restartCount'), '1')
    assert.match(await namespace.kubectl('get', 'events'), /Liveness probe failed: .*statuscode: 500/)
    assert.match(await namespace.kubectl('logs', pod), /\(ID 0 2\/2\) Item done/)
  })

  test('that takes too long is ended by its deadline', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-deadline.yaml')
    const pod = await runningPod(namespace, 'deadline')
    assert.equal(await failureOf(namespace, 'deadline'), 'DeadlineExceeded')
    await namespace.wait(`pod/${pod}`, 'delete')
    assert.equal(await namespace.read('job/deadline', '.status.succeeded'), '')
  })

  test('with a time to live is gone after it, and its pod too', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-ttl.yaml')
    await completed(namespace, 'ttl')
    await namespace.wait('job/ttl', 'delete', 60)
    await namespace.wait('pods', 'delete', 60, '--selector=job-name=ttl')
  })

  test('that is suspended starts no pod until it is resumed', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-suspended.yaml')
    await namespace.wait('job/suspended', 'condition=Suspended')
    assert.deepEqual(await podsOf(namespace, 'suspended'), [])
    assert.match(await namespace.kubectl('get', 'jobs'), /^suspended +(Suspended +)?0\/1 /m)
    await namespace.kubectl('patch', 'job/suspended', '--patch={"spec":{"suspend":false}}')
    await completed(namespace, 'suspended')
  })

  test('ignores an eviction, and fails at once on the exit code that no retry can help', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-failure-policy.yaml')
    const evicted = await runningPod(namespace, 'failure-policy')
    await evict(namespace, evicted)
    const next = await runningPod(namespace, 'failure-policy', [evicted])
    assert.match(await namespace.read('job/failure-policy', '.status.failed'), /^0?$/)

    const forward = await namespace.forward(`pod/${next}`)
    assert.equal((await forward.ask('PUT', '/memq/server/queues/work')).status, 200)
    assert.equal(await failureOf(namespace, 'failure-policy'), 'PodFailurePolicy')
    assert.equal(await namespace.read('job/failure-policy', '.status.failed'), '1')
    const log = await namespace.kubectl('logs', next)
    assert.match(log, /Queue is empty\. All work is done\./)
    assert.deepEqual(keysIn(log), [])
  })
})
