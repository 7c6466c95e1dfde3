/** A disruption budget, and the drain of a node. Only the pods of this test leave it, but for a while no new pod of any other comes there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, makeNamespace, manifestText, tryKubectl, type Namespace } from '../../support/cluster.ts'
import { atEnd } from '../../support/at-end.ts'
import { holdNodes } from '../../support/cluster-lock.ts'
import { PodsOverTime, serving } from './over-time.ts'

test('a drain waits while the budget is spent, and then empties the node with two pods always ready', async (context) => {
  // From the start: where another test has drained a node, all pods come to the other one.
  await holdNodes(context)
  const namespace = await makeNamespace(context)
  await namespace.apply('12-deployments/kuard-pdb.yaml')
  await namespace.applyText(deploymentWithLabel(`drained: ${namespace.name}`))
  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')
  await namespace.until('poddisruptionbudget/kuard', '.status.disruptionsAllowed', /^1$/)
  const pods = await new PodsOverTime(namespace).started(3)
  const [sick, others, node] = await sickAndNode(namespace)

  const forward = await namespace.forward(`pod/${sick}`)
  await forward.put('/ready/api', { failNext: -1 })
  await namespace.until('poddisruptionbudget/kuard', '.status.disruptionsAllowed', /^0$/)
  for (const name of others) {
    const { code, errors } = await evict(namespace, name)
    assert.equal(code, 1)
    assert.match(errors, /TooManyRequests.*violate the pod's disruption budget/)
  }

  atEnd(context, () => kubectl(['uncordon', node]))
  const drain = namespace.start(
    'drain',
    node,
    `--pod-selector=drained=${namespace.name}`,
    '--ignore-daemonsets',
    '--delete-emptydir-data',
    '--timeout=120s',
  )
  await drain.printed(/violate the pod's disruption budget/)
  await forward.put('/ready/api', { failNext: 0 })
  await drain.printed(/drained/, 120)
  await kubectl(['uncordon', node])

  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=60s')
  assert.ok(!(await namespace.read('pods', '.items[*].spec.nodeName')).includes(node))
  for (const moment of pods.moments(3)) assert.ok(serving(moment) >= 2, JSON.stringify(moment))
})

/** A drain's selector knows no namespace, and pods of other tests have the label app=kuard too. */
const deploymentWithLabel = (label: string): string =>
  manifestText('12-deployments/kuard-deployment.yaml').replace(
    / {8}app: kuard\n/,
    (line) => `${line}        ${label}\n`,
  )

/** @returns a pod to make unready, the other pods, and a node to drain: one that the first is not on */
async function sickAndNode(namespace: Namespace): Promise<[string, string[], string]> {
  const names = await namespace.names('pods')
  const nodes = await Promise.all(names.map((name) => namespace.read(`pod/${name}`, '.spec.nodeName')))
  const [node = ''] = nodes
  const sick = names.find((_, index) => nodes[index] !== node)
  assert.ok(sick, `every pod is on ${node}: there have to be two nodes`)
  return [sick, names.filter((name) => name !== sick), node]
}

/** Asks for what a drain asks for each pod. */
const evict = (namespace: Namespace, name: string) =>
  tryKubectl(
    ['create', '--raw', `/api/v1/namespaces/${namespace.name}/pods/${name}/eviction`, '--filename=-'],
    JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }),
  )
