/** A rollout that gets nowhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'

const progressing = '.status.conditions[?(@.type=="Progressing")].reason'

test('a version that is never ready: the deadline passes, the old pods serve on, and undo ends it', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('12-deployments/kuard-service.yaml', '12-deployments/kuard-deployment.yaml')
  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')

  await namespace.apply('12-deployments/kuard-stuck.yaml')
  const { code, output, errors } = await namespace.try('rollout', 'status', 'deployment', 'kuard')
  assert.equal(code, 1)
  assert.match(output + errors, /deployment "kuard" exceeded its progress deadline/)
  assert.equal(await namespace.read('deployment/kuard', progressing), 'ProgressDeadlineExceeded')
  assert.equal(await namespace.read('deployment/kuard', '.status.availableReplicas'), '3')
  const { output: answer } = await namespace.throughService('kuard', '/request/api')
  assert.match(answer, /"version":"1\.0\.0-blue"/)

  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard')
  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=60s')
  assert.equal(await namespace.read('deployment/kuard', progressing), 'NewReplicaSetAvailable')
})
