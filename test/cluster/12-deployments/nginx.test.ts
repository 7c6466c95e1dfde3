/** The book's first Deployment: how it and its ReplicaSet hang together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, tryKubectl } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

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

  // A change of status between the two commands makes a conflict.
  await eventually('the replacement', async () => {
    const stored = await namespace.kubectl('get', 'deployments', 'nginx', '--output=yaml')
    const replace = [`--namespace=${namespace.name}`, 'replace', '--filename=-', '--save-config']
    const { code, errors } = await tryKubectl(replace, stored)
    assert.ok(code === 0 || errors.includes('(Conflict)'), errors)
    return code === 0
  })
  const annotations = await namespace.read('deployments/nginx', '.metadata.annotations')
  assert.match(annotations, /last-applied-configuration.*deployment\.kubernetes\.io\/revision/)

  await namespace.kubectl('delete', 'deployments', 'nginx', '--cascade=orphan')
  await namespace.kubectl('scale', 'replicasets', name, '--replicas=2')
  await namespace.until(`rs/${name}`, '.status.readyReplicas', /^2$/)
})
