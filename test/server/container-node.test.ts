/** The node and what the downward API tells, by GET /container/api. */
import assert from 'node:assert/strict'
import { hostname, networkInterfaces } from 'node:os'
import { test, type TestContext } from 'node:test'
import { containerOf, reportFromInside } from '../support/container-report.ts'
import { podsClaims, startWithVolumes, tokenOf, type Volumes } from '../support/volumes.ts'

async function nodeWith(context: TestContext, volumes: Volumes) {
  const { kuard, mounted } = await startWithVolumes(context, volumes)
  const { node } = await (volumes.ownNetwork ? reportFromInside(kuard) : containerOf(kuard))
  const facts = node.facts.map(({ field, values, from }) => [
    field,
    values.map(({ value }) => value).join(),
    from,
  ])
  return { node, facts, mounted }
}

const withToken = { serviceAccount: { token: tokenOf(podsClaims), namespace: 'who' } }

test('a token tells the node, the pod, its namespace and its account', async (context) => {
  const { node, facts } = await nodeWith(context, withToken)
  assert.equal(node.name, 'node-1')
  assert.deepEqual(facts, [
    ['spec.nodeName', 'node-1', 'the token'],
    ['metadata.name', 'kuard', 'the token'],
    ['metadata.namespace', 'who', 'the token'],
    ['spec.serviceAccountName', 'default', 'the token'],
    ['metadata.namespace', 'who', 'file /var/run/secrets/kubernetes.io/serviceaccount/namespace'],
  ])
})

test('variables are believed where what is known otherwise speaks for them, and not where it speaks against them', async (context) => {
  const { facts } = await nodeWith(context, {
    ...withToken,
    env: { NODE_NAME: 'node-1', MY_POD_NAME: 'kuard', POD_NAMESPACE: 'other', VAULT_NAMESPACE: 'admin' },
  })
  const ofVariables = facts.filter(([, , from]) => from?.startsWith('variable'))
  assert.deepEqual(ofVariables, [
    ['metadata.name', 'kuard', 'variable MY_POD_NAME'],
    ['spec.nodeName', 'node-1', 'variable NODE_NAME'],
  ])
})

test('where nothing else tells, a variable of a usual name is told as just that', async (context) => {
  const { node, facts } = await nodeWith(context, {
    ownNetwork: true,
    env: { NODE_NAME: 'node-7', HOST_IP: '192.0.2.7', NODE_IP: 'nowhere', OLD_NODE_NAME: 'node-6' },
  })
  assert.deepEqual([node.name, node.address, node.labels], ['node-7', '192.0.2.7', null])
  assert.deepEqual(facts, [
    ['status.hostIP', '192.0.2.7', 'variable HOST_IP, by its name alone'],
    ['spec.nodeName', 'node-7', 'variable NODE_NAME, by its name alone'],
  ])
})

test('a pod’s name and address are held against the host’s own', async (context) => {
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, address }) => !internal && !address.startsWith('fe80:'))?.address
  const env = { POD_NAME: hostname(), POD_IP: own ?? '', OTHER_POD_IP: '192.0.2.1' }
  const { facts } = await nodeWith(context, { env })
  assert.deepEqual(facts, [
    ...(own === undefined ? [] : [['status.podIP', own, 'variable POD_IP']]),
    ['metadata.name', hostname(), 'variable POD_NAME'],
  ])
})

test('labels and annotations are read from their files, as Kubernetes quotes them', async (context) => {
  const { node, mounted } = await nodeWith(context, {
    other: {
      labels: 'app="who"\ntopology.kubernetes.io/zone="north"',
      annotations: 'note="a \\"b\\"\\n\\x7f\\U0001f600 ü"\nseen="\\a"\n',
      words: 'free text',
    },
    env: { MY_APP: 'who', MY_ZONE: 'south' },
  })
  assert.deepEqual(node.labels, [{ name: 'topology.kubernetes.io/zone', value: 'north' }])
  assert.deepEqual(node.facts, [
    { field: "metadata.labels['app']", values: [{ name: null, value: 'who' }], from: 'variable MY_APP' },
    {
      field: 'metadata.annotations',
      values: [
        { name: 'note', value: 'a "b"\n\x7f😀 ü' },
        { name: 'seen', value: '\x07' },
      ],
      from: `file ${mounted}/annotations`,
    },
    {
      field: 'metadata.labels',
      values: [
        { name: 'app', value: 'who' },
        { name: 'topology.kubernetes.io/zone', value: 'north' },
      ],
      from: `file ${mounted}/labels`,
    },
  ])
})

test('a file that only has the name of one is no fact', async (context) => {
  const { facts } = await nodeWith(context, {
    other: { labels: 'whatever\n', annotations: '', 'node-name': 'node-3' },
  })
  assert.deepEqual(facts, [])
})
