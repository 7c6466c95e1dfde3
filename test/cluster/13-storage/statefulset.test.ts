/** Pods that have an identity. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { lookUp } from '../../support/look-up.ts'

const pods = ['kuard-0', 'kuard-1', 'kuard-2'] as const
const claims = pods.map((pod) => `data-${pod}`)

test('a StatefulSet', async (context) => {
  const namespace = await makeNamespace(context)
  const allReady = (): Promise<void> =>
    namespace.wait('statefulset/kuard', 'jsonpath={.status.readyReplicas}=3', 150)
  const images = (): Promise<string> => namespace.read('pods', '.items[*].spec.containers[0].image')
  await namespace.apply('13-storage/kuard-statefulset-service.yaml', '13-storage/kuard-statefulset.yaml')
  await allReady()

  await context.test('makes each pod when the one before it is ready', async () => {
    const order: string[] = []
    for (const pod of pods)
      for (const path of [
        '.metadata.creationTimestamp',
        '.status.conditions[?(@.type=="Ready")].lastTransitionTime',
      ])
        order.push(await namespace.read(`pod/${pod}`, path))
    assert.deepEqual(order, order.toSorted())
  })

  await context.test('gives each pod its own name, in itself and in DNS', async () => {
    const addresses = await Promise.all(pods.map((pod) => namespace.read(`pod/${pod}`, '.status.podIP')))
    const page = await namespace.forward('pod/kuard-1')
    assert.match((await page.get('/request/api')).text, /"hostname":"kuard-1"/)
    await eventually('every pod in DNS', async () => (await lookUp(page, 'A', 'kuard')).length === 3)
    assert.deepEqual(await lookUp(page, 'A', 'kuard'), addresses.toSorted())
    for (const [index, pod] of pods.entries())
      assert.deepEqual(await lookUp(page, 'A', `${pod}.kuard`), [addresses[index]])
  })

  await context.test('takes a new image to the pods from the partition up', async () => {
    await namespace.kubectl('set', 'image', 'statefulset/kuard', 'kuard=kuard:green')
    await namespace.wait('statefulset/kuard', 'jsonpath={.status.updatedReplicas}=1')
    await allReady()
    assert.equal(await images(), 'kuard:blue kuard:blue kuard:green')
    const patch = '{"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}}'
    await namespace.kubectl('patch', 'statefulset', 'kuard', `--patch=${patch}`)
    await namespace.kubectl('rollout', 'status', 'statefulset/kuard', '--timeout=120s')
    assert.equal(await images(), 'kuard:green kuard:green kuard:green')
  })

  await context.test('removes the last pod first, and keeps its claim for when it comes back', async () => {
    await namespace.kubectl('exec', 'kuard-2', '--', 'sh', '-c', 'echo kept > /data/note')
    await namespace.kubectl('scale', 'statefulset', 'kuard', '--replicas=1')
    const ending = '.items[?(@.metadata.deletionTimestamp)].metadata.name'
    const seen = new Set<string>()
    const oneIsLeft = async (): Promise<boolean> => {
      seen.add(await namespace.read('pods', ending))
      return (await namespace.names('pods')).length === 1
    }
    await eventually('one pod to be left', oneIsLeft, 60_000)
    assert.deepEqual([...seen].filter(Boolean), ['kuard-2', 'kuard-1'])
    assert.deepEqual(await namespace.names('persistentvolumeclaims'), claims)

    await namespace.kubectl('scale', 'statefulset', 'kuard', '--replicas=3')
    await allReady()
    assert.equal((await (await namespace.forward('pod/kuard-2')).get('/fs/data/note')).text, 'kept\n')
  })

  await context.test('takes its claims along when it is deleted', async () => {
    await namespace.kubectl('delete', 'statefulset', 'kuard')
    const allGone = async (): Promise<boolean> =>
      (await namespace.names('persistentvolumeclaims')).length === 0
    await eventually('the claims to be gone', allGone, 60_000, 500)
  })
})
