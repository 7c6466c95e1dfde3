/** The book's first Deployment: how it and its ReplicaSet hang together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, makeNamespace } from '../../support/cluster.ts'

test('a Deployment sets the size of its ReplicaSet, whatever is said to that, and can be deleted without it', async (context) => {
  const namespace = await makeNamespace(context, 'baseline')
  await namespace.apply('12-deployments/nginx-deployment.yaml')
  await namespace.kubectl('rollout', 'status', 'deployment', 'nginx', '--timeout=120s')
  assert.equal(await namespace.read('deployments/nginx', '.spec.selector.matchLabels'), '{"run":"nginx"}')

  const [name = ''] = await namespace.names('replicasets', 'run=nginx')
  await namespace.kubectl('scale', 'deployments', 'nginx', '--replicas=1')
  await namespace.until(`rs/${name}`, '.spec.replicas', /^1$/)
  const before = Number(await namespace.read(`rs/${name}`, '.metadata.generation'))
  await namespace.kubectl('scale', 'replicasets', name, '--replicas=2')
  await namespace.until(`rs/${name}`, '.metadata.generation', new RegExp(`^${before + 2}$`))
  assert.equal(await namespace.read(`rs/${name}`, '.spec.replicas'), '1')

  const stored = await namespace.kubectl('get', 'deployments', 'nginx', '--output=yaml')
  await kubectl([`--namespace=${namespace.name}`, 'replace', '--filename=-', '--save-config'], stored)
  await namespace.kubectl('rollout', 'status', 'deployment', 'nginx', '--timeout=60s')

  await namespace.kubectl('delete', 'deployments', 'nginx', '--cascade=orphan')
  await namespace.kubectl('scale', 'replicasets', name, '--replicas=2')
  await namespace.until(`rs/${name}`, '.status.readyReplicas', /^2$/)
})
