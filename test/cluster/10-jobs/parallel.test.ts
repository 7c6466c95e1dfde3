/** A Job with a number of completions, and a limit to how many of its pods run at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { applyWithCheapKeys, completed, keysIn, podsOf } from './jobs.ts'

test('ten pods make ten keys each, never more than five at once', async (context) => {
  const namespace = await makeNamespace(context)
  await applyWithCheapKeys(namespace, '10-jobs/job-parallel.yaml')
  await namespace.wait('job/parallel', 'jsonpath={.status.active}=5')
  assert.equal((await podsOf(namespace, 'parallel')).length, 5, 'the others wait for their turn')
  await completed(namespace, 'parallel')
  assert.equal(await namespace.read('job/parallel', '.status.succeeded'), '10')
  assert.equal((await podsOf(namespace, 'parallel')).length, 10)
  const logs = await namespace.kubectl(
    'logs',
    '--selector=job-name=parallel',
    '--tail=-1',
    '--max-log-requests=10',
  )
  assert.equal(new Set(keysIn(logs)).size, 100)
})
