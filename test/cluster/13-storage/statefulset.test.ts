/** Pods that have an identity. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { lookUp } from './lookup.ts'

const pods = ['kuard-0', 'kuard-1', 'kuard-2'] as const

async function start(namespace: Namespace): Promise<void> {
  await namespace.apply('13-storage/kuard-statefulset-service.yaml', '13-storage/kuard-statefulset.yaml')
  await namespace.wait('statefulset/kuard', 'jsonpath={.status.readyReplicas}=3', 150)
}

test('each pod is made when the one before it is ready, and has its name in DNS', async (context) => {
  const namespace = await makeNamespace(context)
  await start(namespace)
  assert.deepEqual(await namespace.names('pods'), pods)
  const times = async (path: string): Promise<string[]> =>
    Promise.all(pods.map((pod) => namespace.read(`pod/${pod}`, path)))
  const made = await times('.metadata.creationTimestamp')
  const ready = await times('.status.conditions[?(@.type=="Ready")].lastTransitionTime')
  assert.deepEqual([made[0], ready[0], made[1], ready[1], made[2]].toSorted(), [
    made[0],
    ready[0],
    made[1],
    ready[1],
    made[2],
  ])

  const addresses = await times('.status.podIP')
  const page = await namespace.forward('pod/kuard-1')
  assert.match((await page.get('/request/api')).text, /"hostname":"kuard-1"/)
  await eventually('every pod in DNS', async () => (await lookUp(page, 'A', 'kuard')).length === 3)
  assert.deepEqual(await lookUp(page, 'A', 'kuard'), addresses.toSorted())
  for (const [index, pod] of pods.entries())
    assert.deepEqual(await lookUp(page, 'A', `${pod}.kuard`), [addresses[index]])
})

test('a new image reaches the pods from the partition up, and the others when it is lowered', async (context) => {
  const namespace = await makeNamespace(context)
  await start(namespace)
  const images = (): Promise<string> => namespace.read('pods', '.items[*].spec.containers[0].image')
  await namespace.kubectl('set', 'image', 'statefulset/kuard', 'kuard=kuard:green')
  await namespace.wait('statefulset/kuard', 'jsonpath={.status.updatedReplicas}=1')
  await namespace.until('statefulset/kuard', '.status.readyReplicas', /^3$/)
  assert.equal(await images(), 'kuard:blue kuard:blue kuard:green')

  const patch = '{"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}}'
  await namespace.kubectl('patch', 'statefulset', 'kuard', `--patch=${patch}`)
  await namespace.kubectl('rollout', 'status', 'statefulset/kuard', '--timeout=120s')
  assert.equal(await images(), 'kuard:green kuard:green kuard:green')
})

test('pods go from the last to the first, claims stay for them, and go with the set', async (context) => {
  const namespace = await makeNamespace(context)
  await start(namespace)
  await namespace.kubectl('exec', 'kuard-2', '--', 'sh', '-c', 'echo kept > /data/note')
  await namespace.kubectl('scale', 'statefulset', 'kuard', '--replicas=1')
  const ending = '.items[?(@.metadata.deletionTimestamp)].metadata.name'
  const seen = new Set<string>()
  await eventually(
    'one pod to be left',
    async () => {
      seen.add(await namespace.read('pods', ending))
      return (await namespace.names('pods')).length === 1
    },
    60_000,
  )
  assert.deepEqual([...seen].filter(Boolean), ['kuard-2', 'kuard-1'])
  const claims = pods.map((pod) => `data-${pod}`)
  assert.deepEqual(await namespace.names('persistentvolumeclaims'), claims)

  await namespace.kubectl('scale', 'statefulset', 'kuard', '--replicas=3')
  await namespace.wait('statefulset/kuard', 'jsonpath={.status.readyReplicas}=3', 150)
  const page = await namespace.forward('pod/kuard-2')
  assert.equal((await page.get('/fs/data/note')).text, 'kept\n')

  await namespace.kubectl('delete', 'statefulset', 'kuard')
  await eventually(
    'the claims to be gone',
    async () => (await namespace.names('persistentvolumeclaims')).length === 0,
    60_000,
    500,
  )
})
