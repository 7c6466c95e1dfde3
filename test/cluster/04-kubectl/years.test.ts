/** Commands of the book that no longer do what it says, and those that do it today. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, makeNamespace } from '../../support/cluster.ts'

test('kubectl refuses what the book still could do, and does it when it is asked as today', async (context) => {
  const namespace = await makeNamespace(context, 'baseline')
  const refused = async (pattern: RegExp, ...args: string[]) => {
    const { code, errors } = await namespace.try(...args)
    assert.equal(code, 1, args.join(' '))
    assert.match(errors, pattern)
  }
  const run = ['run', 'kuard', '--image=kuard:1', '--image-pull-policy=IfNotPresent']
  await refused(/unknown flag: --replicas/, ...run, '--replicas=2')
  assert.equal(await namespace.kubectl(...run), 'pod/kuard created')
  await namespace.wait('pod/kuard', 'condition=Ready')
  await refused(/"kuard" not found/, 'delete', 'deployments/kuard')

  await refused(/exec \[POD\] -- \[COMMAND\]/, 'exec', 'kuard', 'date')
  assert.match(await namespace.kubectl('exec', 'kuard', '--', 'date', '-u', '+%Y'), /^20\d\d$/)

  await refused(/unknown shorthand flag: 'a'/, 'get', 'pods', '-a')
  await namespace.kubectl('delete', 'pods/kuard', '--now')

  const create = ['create', 'deployment', 'alpaca-prod', '--image=kuard:1', '--replicas=2', '--port=8080']
  assert.equal(await namespace.kubectl(...create), 'deployment.apps/alpaca-prod created')
  assert.equal(await namespace.read('deployment/alpaca-prod', '.spec.replicas'), '2')
  await namespace.kubectl('expose', 'deployment', 'alpaca-prod')
  assert.equal(await namespace.read('service/alpaca-prod', '.spec.ports[0].port'), '8080')
})

test('what the API server calls deprecated it warns of, and what took its place is there', async (context) => {
  const namespace = await makeNamespace(context)
  assert.match((await namespace.try('get', 'componentstatuses')).errors, /ComponentStatus is deprecated/)
  assert.equal(await kubectl(['get', '--raw', '/readyz']), 'ok')

  await namespace.kubectl('create', 'service', 'clusterip', 'queue', '--tcp=8080')
  await namespace.until('endpointslices', '.items[*].metadata.labels.kubernetes\\.io/service-name', /^queue$/)
})
