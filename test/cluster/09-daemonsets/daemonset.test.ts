/** DaemonSets over nodes. Every test that labels or taints nodes with `kuard` or `ssd` is in this file, so that none disturbs another. */
import assert from 'node:assert/strict'
import { before, test, type TestContext } from 'node:test'
import { atEnd } from '../../support/at-end.ts'
import { kubectl, makeNamespace, manifestText, tryKubectl, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { lookUp } from '../../support/look-up.ts'

/** Nodes that the pods of any DaemonSet may come to. */
let nodes: string[] = []

before(async () => {
  const path = '{range .items[*]}{.metadata.name},{.spec.taints[*].key}{"\\n"}{end}'
  const list = await kubectl(['get', 'nodes', `--output=jsonpath=${path}`])
  // A cordon is a taint, which a DaemonSet's pods tolerate.
  const free = list.split('\n').filter((line) => /,(node\.kubernetes\.io\/unschedulable)?$/.test(line))
  nodes = free.map((line) => line.replace(/,.*/, '')).sort()
  assert.ok(nodes.length > 0, list)
})

test('a pod comes to a node that gets the label ssd=true, and goes when the label does', async (context) => {
  const namespace = await makeNamespace(context, 'baseline')
  const [node = ''] = nodes
  await namespace.apply('09-daemonsets/nginx-fast-storage.yaml')
  await namespace.until('daemonset/nginx-fast-storage', '.status.observedGeneration', /^1$/)
  assert.deepEqual(await nodesOf(namespace, 'app=nginx'), [])
  await label(context, node, 'ssd=true')
  assert.equal(await kubectl(['get', 'nodes', '--selector=ssd=true', '--output=name']), `node/${node}`)
  await podsAreOn(namespace, 'app=nginx', [node])
  await namespace.until('daemonset/nginx-fast-storage', '.status.numberReady', /^1$/)
  await kubectl(['label', 'node', node, 'ssd-'])
  await podsAreOn(namespace, 'app=nginx', [])
})

test('RollingUpdate: a pod on each node, all found by name, and replaced one by one', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('09-daemonsets/kuard-rollingupdate.yaml', '09-daemonsets/kuard-nodes-service.yaml')
  await rolledOut(namespace, 'kuard-rollingupdate')
  await podsAreOn(namespace, 'app=kuard-rollingupdate', nodes)
  assert.equal(await namespace.read('pods', '.items[0].spec.schedulerName'), 'default-scheduler')
  assert.ok(nodes.includes(await namespace.read('pods', `.items[0].${matchedFields}.values[0]`)))

  const [pod = ''] = await namespace.names('pods')
  const forward = await namespace.forward(`pod/${pod}`)
  const addresses = (await namespace.read('pods', '.items[*].status.podIP')).split(' ')
  await eventually('every address', async () => {
    const found = await lookUp(forward, 'A', 'kuard-nodes')
    return addresses.every((address) => found.includes(address))
  })

  const watch = namespace.start(
    'get',
    'daemonset',
    'kuard-rollingupdate',
    '--watch',
    '--output=jsonpath={.status.numberUnavailable}{"\\n"}',
  )
  await namespace.kubectl('set', 'image', 'daemonset/kuard-rollingupdate', 'kuard=kuard:green')
  await rolledOut(namespace, 'kuard-rollingupdate')
  assert.ok(
    watch.lines.every((unavailable) => Number(unavailable) <= 1),
    watch.output,
  )
  assert.ok(watch.lines.includes('1'), watch.output)
  // Those that have been replaced may still be about to end.
  await eventually('nothing but green', async () =>
    (await images(namespace)).every((image) => image === 'kuard:green'),
  )
})

test('OnDelete: a pod stays blue until it is deleted; orphans outlive their DaemonSet', async (context) => {
  const namespace = await makeNamespace(context)
  const [node = ''] = nodes
  await label(context, node, 'kuard=true')
  await namespace.apply('09-daemonsets/kuard-ondelete.yaml')
  await podsAreOn(namespace, 'app=kuard-ondelete', [node])
  await namespace.kubectl('set', 'image', 'daemonset/kuard-ondelete', 'kuard=kuard:green')
  await namespace.until('daemonset/kuard-ondelete', '.status.observedGeneration', /^2$/)
  await namespace.until('daemonset/kuard-ondelete', '.status.numberReady', /^1$/)
  assert.deepEqual(await images(namespace), ['kuard:blue'])
  assert.equal(await namespace.read('daemonset/kuard-ondelete', '.status.updatedNumberScheduled'), '')

  const [blue = ''] = await namespace.names('pods')
  await namespace.kubectl('delete', 'pod', blue)
  await namespace.until('daemonset/kuard-ondelete', '.status.updatedNumberScheduled', /^1$/)
  await namespace.until('daemonset/kuard-ondelete', '.status.numberReady', /^1$/)
  assert.deepEqual(await images(namespace), ['kuard:green'])

  const orphans = await namespace.names('pods')
  await namespace.kubectl('delete', 'daemonset', 'kuard-ondelete', '--cascade=orphan')
  await namespace.until(`pod/${orphans[0]}`, '.metadata.ownerReferences', /^$/)
  assert.deepEqual(await namespace.names('pods'), orphans)
})

test('tolerations, node affinity and a node by its name decide where the pods are', async (context) => {
  const namespace = await makeNamespace(context)
  const [node = ''] = nodes
  const others = nodes.filter((name) => name !== node)
  const named = manifestText('09-daemonsets/kuard-matchfields.yaml')
  await namespace.applyText(named.replaceAll('target-host-name', node))
  await podsAreOn(namespace, 'app=kuard-matchfields', [node])

  atEnd(context, () => tryKubectl(['taint', 'node', node, 'kuard:NoSchedule-']))
  await kubectl(['taint', 'node', node, 'kuard=true:NoSchedule'])
  await namespace.apply('09-daemonsets/kuard-tolerations.yaml', '09-daemonsets/kuard-nodeaffinity.yaml')
  await podsAreOn(namespace, 'app=kuard-nodeaffinity', others)
  const tolerant = await eventually('a pod', async () => {
    const on = await nodesOf(namespace, 'app=kuard-tolerations')
    return on.includes(node) && on
  })
  assert.ok(nodes.every((name) => tolerant.includes(name)))
  await kubectl(['taint', 'node', node, 'kuard:NoSchedule-'])
  await podsAreOn(namespace, 'app=kuard-nodeaffinity', nodes)

  await label(context, node, 'kuard=false')
  await podsAreOn(namespace, 'app=kuard-nodeaffinity', others)
})

/** How today's DaemonSets tell the scheduler which node a pod is for. */
const matchedFields =
  'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0]'

/** Labels a node until the test ends. @param pair as `ssd=true` */
async function label(context: TestContext, node: string, pair: string): Promise<void> {
  const [key = ''] = pair.split('=')
  atEnd(context, () => kubectl(['label', 'node', node, `${key}-`]))
  await kubectl(['label', 'node', node, pair])
}

const rolledOut = (namespace: Namespace, name: string) =>
  namespace.kubectl('rollout', 'status', 'daemonset', name, '--timeout=120s')

/** The nodes of the pods that have not been told to end, sorted. */
async function nodesOf(namespace: Namespace, selector: string): Promise<string[]> {
  const path = '{range .items[*]}{.spec.nodeName},{.metadata.deletionTimestamp}{"\\n"}{end}'
  const list = await namespace.kubectl('get', 'pods', `--selector=${selector}`, `--output=jsonpath=${path}`)
  const pods = list.split('\n').map((line) => line.split(','))
  return pods.flatMap(([node = '', deleted = '']) => (node === '' || deleted !== '' ? [] : [node])).sort()
}

const podsAreOn = (namespace: Namespace, selector: string, expected: readonly string[]) =>
  eventually(
    `pods with ${selector} on ${expected.join(' and ') || 'no node'}`,
    async () => (await nodesOf(namespace, selector)).join() === expected.join(),
    60_000,
    300,
  )

const images = async (namespace: Namespace): Promise<string[]> =>
  (await namespace.read('pods', '.items[*].spec.containers[0].image')).split(' ')
