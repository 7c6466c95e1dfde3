/** A Job that runs once, and what becomes of it when its pod fails or is evicted. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { completed, evict, keysIn, podsOf, runningPod, waitForKeys } from './jobs.ts'

suite('a one-shot Job', { concurrency: 2 }, () => {
  test('makes its keys in one pod, stays with its log when it is complete, and goes with its pod', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-oneshot.yaml')
    await completed(namespace, 'oneshot')
    assert.match(await namespace.kubectl('get', 'jobs'), /^oneshot +(Complete +)?1\/1 /m)
    assert.match(await namespace.kubectl('describe', 'jobs', 'oneshot'), /0 Active .*1 Succeeded \/ 0 Failed/)
    const [pod = '', ...others] = await podsOf(namespace, 'oneshot')
    assert.deepEqual(others, [])
    assert.match(await namespace.kubectl('get', 'pods'), /^oneshot-\S+ +0\/1 +Completed +0 /m)
    const log = await namespace.kubectl('logs', pod)
    assert.equal(keysIn(log).length, 10)
    assert.match(log, /\(ID 0 10\/10\) Item done/)
    await namespace.kubectl('delete', 'jobs', 'oneshot')
    await namespace.wait(`pod/${pod}`, 'delete')
  })

  test('that fails with OnFailure is restarted in place, and backs off', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-oneshot-failure1.yaml')
    const pod = await runningPod(namespace, 'oneshot')
    const status = '.status.containerStatuses[0]'
    await waitForKeys(namespace, `pod/${pod}`, `jsonpath={${status}.state.waiting.reason}=CrashLoopBackOff`)
    assert.equal(await namespace.read(`pod/${pod}`, `${status}.lastState.terminated.exitCode`), '1')
    assert.match(await namespace.read(`pod/${pod}`, `${status}.restartCount`), /^[1-9]/)
    assert.deepEqual(await podsOf(namespace, 'oneshot'), [pod])
    assert.equal(keysIn(await namespace.previousLog(pod)).length, 3)
  })

  test('that fails with Never gets a new pod each time, and the failed ones stay', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/jobs-oneshot-failure2.yaml')
    await waitForKeys(namespace, 'job/oneshot', 'jsonpath={.status.failed}=2')
    const restarts = await namespace.read(
      'pods',
      '.items[*].status.containerStatuses[0].restartCount',
      '--field-selector=status.phase=Failed',
    )
    assert.match(restarts, /^0( 0)+$/)
    assert.equal(await namespace.read('job/oneshot', '.status.succeeded'), '')
  })

  test('whose pod is evicted is begun anew, and the evicted pod is never counted as done', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/job-oneshot.yaml')
    const evicted = await runningPod(namespace, 'oneshot')
    await evict(namespace, evicted)
    const next = await runningPod(namespace, 'oneshot', [evicted])
    await completed(namespace, 'oneshot')
    assert.equal(await namespace.read('job/oneshot', '.status.succeeded'), '1')
    assert.equal(await namespace.read('job/oneshot', '.status.failed'), '1')
    assert.equal(keysIn(await namespace.kubectl('logs', next)).length, 10)
  })

  test('is made without a file by create job; run makes a pod, whatever its restart policy', async (context) => {
    // Neither command knows a securityContext.
    const namespace = await makeNamespace(context, 'baseline')
    const image = '--image=kuard:blue'
    const work = ['--keygen-enable', '--keygen-exit-on-complete', '--keygen-num-to-gen=1']
    await namespace.kubectl('create', 'job', 'oneshot', image, '--', '/kuard', ...work)
    const run = ['run', 'oneshot', image, '--restart=OnFailure', '--dry-run=server', '--output=name']
    assert.equal(await namespace.kubectl(...run, '--', ...work), 'pod/oneshot')
    await completed(namespace, 'oneshot')
    assert.equal(keysIn(await namespace.kubectl('logs', 'job/oneshot')).length, 1)
  })
})
