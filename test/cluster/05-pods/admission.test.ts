/** What may be made in a namespace, how much of it, and by whom. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, manifest } from '../../support/cluster.ts'

test('a quota refuses the pod that is too much, and a container that asks for nothing gets the defaults', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/quota.yaml', '05-pods/two-containers.yaml', '05-pods/kuard-pod-reslim.yaml')
  assert.equal(await namespace.read('pod/kuard', '.spec.containers[0].resources.limits.memory'), '256Mi')
  const defaults = '.spec.containers[0].resources'
  assert.equal(await namespace.read('pod/two-containers', `${defaults}.requests.cpu`), '10m')
  assert.equal(await namespace.read('pod/two-containers', `${defaults}.limits.memory`), '256Mi')

  const { code, errors } = await namespace.try(
    'apply',
    `--filename=${manifest('05-pods/qos-guaranteed.yaml')}`,
  )
  assert.equal(code, 1)
  assert.match(errors, /exceeded quota: kuard-quota, requested: requests\.cpu=200m, used: requests\.cpu=520m/)
  assert.match(
    await namespace.kubectl('describe', 'resourcequota', 'kuard-quota'),
    /^requests\.cpu +520m +600m$/m,
  )
})

test('an account may do what its roles say, and nothing else', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/rbac.yaml')
  const account = `--as=system:serviceaccount:${namespace.name}:pod-reader`
  const may = async (...question: string[]) =>
    (await namespace.try('auth', 'can-i', ...question, account)).output.trim()
  assert.equal(await may('list', 'pods'), 'yes')
  assert.equal(await may('get', 'pods', '--subresource=log'), 'yes')
  assert.equal(await may('delete', 'pods'), 'no')
  assert.equal(await may('list', 'secrets'), 'no')
  assert.match((await namespace.try('get', 'secrets', account)).errors, /Forbidden.*cannot list resource/)
})

test('a namespace for restricted pods refuses a folder of the node, and says why', async (context) => {
  const namespace = await makeNamespace(context, 'restricted')
  for (const [path, reason] of [
    ['05-pods/kuard-pod-vol.yaml', /violates PodSecurity "restricted:latest": restricted volume types/],
    ['05-pods/kuard-pod-root.yaml', /violates PodSecurity "restricted:latest": runAsNonRoot != true/],
  ] as const) {
    const { code, errors } = await namespace.try('apply', `--filename=${manifest(path)}`)
    assert.equal(code, 1, path)
    assert.match(errors, reason)
  }
})
