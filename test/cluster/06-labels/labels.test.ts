/** The labels of alpaca and bandicoot, and everything that selects by them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

const names = ['alpaca-prod', 'alpaca-test', 'bandicoot-prod', 'bandicoot-staging']

test('every selector finds the deployments and pods that it names', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply(...names.map((name) => `06-labels/${name}.yaml`), '06-labels/expressions.yaml')
  const shown = await namespace.kubectl('get', 'deployments', '--show-labels')
  assert.match(shown, /^bandicoot-staging .* app=bandicoot,env=staging,ver=2$/m)

  await namespace.wait('deployments', 'condition=Available', 90, '--all')
  for (const [selector, expected] of [
    ['ver=2', ['alpaca-test', 'bandicoot-prod', 'bandicoot-prod', 'bandicoot-staging']],
    ['app=bandicoot,ver=2', ['bandicoot-prod', 'bandicoot-prod', 'bandicoot-staging']],
    [
      'app in (alpaca,bandicoot),env=prod',
      ['alpaca-prod', 'alpaca-prod', 'bandicoot-prod', 'bandicoot-prod'],
    ],
    ['env!=prod', ['alpaca-test', 'bandicoot-staging']],
    ['env notin (prod,test)', ['bandicoot-staging']],
    ['ver,!env', []],
  ] as const) {
    const pods = await namespace.names('pods', selector)
    assert.deepEqual(
      pods.map((pod) => pod.replace(/-[^-]+-[^-]+$/, '')),
      expected,
      selector,
    )
  }

  await namespace.until('poddisruptionbudget/alpaca', '.status.disruptionsAllowed', /^3$/)

  await namespace.kubectl('label', 'deployments', 'alpaca-test', 'canary=true')
  assert.deepEqual(await namespace.names('deployments', 'canary'), ['alpaca-test'])
  assert.equal((await namespace.names('deployments', '!canary')).length, 3)
  assert.deepEqual(await namespace.names('pods', 'canary'), [])
  const column = await namespace.kubectl('get', 'deployments', '-L', 'canary')
  assert.match(column, /CANARY\n(.*\n)?alpaca-test .* true$/m)
  await namespace.kubectl('label', 'deployments', 'alpaca-test', 'canary-')
  assert.deepEqual(await namespace.names('deployments', 'canary'), [])

  await namespace.kubectl('delete', 'deployments', '--selector=app=alpaca')
  assert.deepEqual(await namespace.names('deployments'), ['bandicoot-prod', 'bandicoot-staging'])
})

test('tools find an application by the labels that they agree on', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('06-labels/recommended-labels.yaml')
  const column = '--label-columns=app.kubernetes.io/version'
  await eventually('the pod', async () =>
    /^kuard-demo-\S+ .* 1\.0\.0$/m.test(
      await namespace.kubectl(
        'get',
        'pods',
        '--selector=app.kubernetes.io/part-of=kubernetes-up-and-running',
        column,
      ),
    ),
  )
})

test('annotations reach the pod as a file, and so do those that are added while it runs', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('06-labels/annotations.yaml')
  await namespace.wait('pod/annotated', 'condition=Ready')
  const forward = await namespace.forward('pod/annotated')
  assert.equal((await forward.get('/fs/podinfo/labels')).text, 'app="annotated"')
  assert.match(
    (await forward.get('/fs/podinfo/annotations')).text,
    /example\.com\/icon-url="https:\/\/example\.com\/icon\.png"/,
  )

  const value = '{"build":7,"by":"anyone"}'
  await namespace.kubectl('annotate', 'pod', 'annotated', `example.com/build=${value}`)
  const selected = await namespace.try('get', 'pods', '--selector=example.com/build')
  assert.match(selected.errors, /No resources found/)
  await eventually(
    'the annotation in the file',
    async () => (await forward.get('/fs/podinfo/annotations')).text.includes(JSON.stringify(value)),
    180_000,
    500,
  )
})
