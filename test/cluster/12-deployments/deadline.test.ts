/** A rollout that gets nowhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'

const progressing = '.status.conditions[?(@.type=="Progressing")].reason'

test('a version that is never ready: the deadline passes, the old pods serve on, until the new one is ready or it is undone', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('12-deployments/kuard-service.yaml', '12-deployments/kuard-deployment.yaml')
  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')

  const old = await namespace.names('pods')
  await namespace.apply('12-deployments/kuard-stuck.yaml')
  const { code, output, errors } = await namespace.try('rollout', 'status', 'deployment', 'kuard')
  assert.equal(code, 1)
  assert.match(output + errors, /deployment "kuard" exceeded its progress deadline/)
  assert.equal(await namespace.read('deployment/kuard', progressing), 'ProgressDeadlineExceeded')
  assert.equal(await namespace.read('deployment/kuard', '.status.availableReplicas'), '3')
  const { output: answer } = await namespace.throughService('kuard', '/request/api')
  assert.match(answer, /"version":"1\.0\.0-blue"/)

  const [stuck = ''] = (await namespace.names('pods')).filter((name) => !old.includes(name))
  const forward = await namespace.forward(`pod/${stuck}`)
  await forward.put('/ready/api', { failNext: 0 })
  await namespace.until('deployment/kuard', '.status.updatedReplicas', /^2$/)

  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard')
  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=60s')
  assert.equal(await namespace.read('deployment/kuard', progressing), 'NewReplicaSetAvailable')
})
