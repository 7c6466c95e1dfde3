/** What a ReplicaSet does with pods, and which pods it takes for its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, manifestText, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

/** The selector of kuard-rs. */
const selector = 'app=kuard,version=2'

test('a ReplicaSet replaces what is lost, scales, owns its pods, and can be deleted without them', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('08-replicasets/kuard-rs.yaml')
  const [first = ''] = await podsAre(namespace, 1)
  assert.equal(await owner(namespace, first), 'kuard')
  assert.equal(await namespace.read(`pod/${first}`, '.metadata.ownerReferences[0].kind'), 'ReplicaSet')
  assert.equal(await namespace.read(`pod/${first}`, '.metadata.annotations'), '')

  await namespace.kubectl('delete', 'pod', first, '--wait=false')
  const [second] = await podsAre(namespace, 1)
  assert.notEqual(second, first)

  await namespace.kubectl('scale', 'replicasets', 'kuard', '--replicas=3')
  await podsAre(namespace, 3)
  await applyReplicas(namespace, 2)
  const two = await podsAre(namespace, 2)

  await namespace.kubectl('delete', 'rs', 'kuard', '--cascade=orphan')
  await eventually('no owner', async () => (await owner(namespace, two[0] ?? '')) === '')
  assert.deepEqual(await podsAre(namespace, 2), two)
  await applyReplicas(namespace, 2)
  await eventually('the owner', async () => (await owner(namespace, two[0] ?? '')) === 'kuard')
  assert.deepEqual(await podsAre(namespace, 2), two)

  await namespace.kubectl('delete', 'rs', 'kuard')
  await podsAre(namespace, 0)
})

test('a pod with the labels is adopted; one that loses them is left alone, and replaced', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('08-replicasets/kuard-pod-adopted.yaml', '08-replicasets/kuard-service.yaml')
  await podsAre(namespace, 1)
  await namespace.apply('08-replicasets/kuard-rs.yaml')
  await namespace.until('rs/kuard', '.status.readyReplicas', /^1$/)
  assert.deepEqual(await podsAre(namespace, 1), ['kuard'])
  assert.equal(await owner(namespace, 'kuard'), 'kuard')

  const address = await namespace.read('pod/kuard', '.status.podIP')
  await endpointsAre(namespace, (addresses) => addresses.join() === address)
  await namespace.kubectl('label', 'pod', 'kuard', 'version=quarantine', '--overwrite')
  const [replacement] = await podsAre(namespace, 1)
  assert.notEqual(replacement, 'kuard')
  await endpointsAre(namespace, (addresses) => addresses.length === 1 && addresses[0] !== address)
  assert.equal(await owner(namespace, 'kuard'), '')
  const forward = await namespace.forward('pod/kuard')
  assert.equal((await forward.get('/healthy')).text, 'ok')
})

/** Waits until so many pods with the labels are ready, and no other has them, but such as end. @returns their names */
const podsAre = (namespace: Namespace, count: number): Promise<string[]> =>
  eventually(
    `${count} pods`,
    async () => {
      const path = `{range .items[*]}${fields.map((field) => `{.${field}}`).join(',')}{"\\n"}{end}`
      const list = await namespace.kubectl(
        'get',
        'pods',
        `--selector=${selector}`,
        `--output=jsonpath=${path}`,
      )
      const pods = list.split('\n').map((line) => line.split(','))
      const kept = pods.filter(([name = '', , deleted]) => name !== '' && deleted === '')
      return (
        kept.length === count &&
        kept.every(([, ready]) => ready === 'True') &&
        kept.map(([name = '']) => name).sort()
      )
    },
    60_000,
    300,
  )

const fields = ['metadata.name', 'status.conditions[?(@.type=="Ready")].status', 'metadata.deletionTimestamp']

const owner = (namespace: Namespace, pod: string) =>
  namespace.read(`pod/${pod}`, '.metadata.ownerReferences[*].name')

/** As a reader who edits the file. */
const applyReplicas = (namespace: Namespace, replicas: number) =>
  namespace.applyText(
    manifestText('08-replicasets/kuard-rs.yaml').replace('replicas: 1', `replicas: ${replicas}`),
  )

const endpointsAre = (namespace: Namespace, are: (addresses: string[]) => boolean) =>
  eventually(
    'the endpoints',
    async () =>
      are(
        (await namespace.read('endpointslices', '.items[*].endpoints[*].addresses[0]'))
          .split(' ')
          .filter(Boolean),
      ),
    30_000,
    300,
  )
