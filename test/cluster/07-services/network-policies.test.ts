/** Network policies, as the pods notice them that they are about: what a policy lets pass is reached, and all else waits in vain. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { makeNamespace, type Forward, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { notEnforced as skip } from '../../support/network-policies.ts'
import { reach } from '../../support/reach.ts'
import { applyAll, pod } from '../cluster/viewer.ts'

/** A policy for the pods of a namespace. @param app whom it selects; all, if it is left out */
const policy = (name: string, app: string | undefined, spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: selecting(app), ...spec },
})

const selecting = (app: string | undefined): object => (app === undefined ? {} : { matchLabels: { app } })

const service = (app: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app },
  spec: { selector: { app }, ports: [{ port: 8080 }] },
})

const dns = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
}

/** Starts pods in a namespace, and opens a way to each: what is forwarded to a pod is not the network's. */
async function startPods(namespace: Namespace, ...names: readonly string[]): Promise<Forward[]> {
  await applyAll(namespace, ...names.map((name) => pod(name)))
  await namespace.wait('pods', 'condition=Ready', 90, '--all')
  return Promise.all(names.map((name) => namespace.forward(`pod/${name}`)))
}

/** Waits until a target ends for a pod as it should: a policy takes effect a moment after it is made. */
function ends(pod: Forward, target: string, end: string): Promise<unknown> {
  const what = `${target} to end with ${end}`
  return eventually(what, async () => (await reach(pod, target)).end === end, 60_000, 200)
}

/** @returns a namespace with `server` and its Service, and ways to `client` and `other` */
async function startThree(context: TestContext) {
  const namespace = await makeNamespace(context)
  await applyAll(namespace, service('server'))
  const [client, other, server] = await startPods(namespace, 'client', 'other', 'server')
  assert.ok(client && other && server)
  await ends(other, 'http://server:8080/healthy', 'reached')
  return { namespace, client, other, server }
}

test(
  'a policy lets in whom it names by label, to the port that it names; others wait in vain',
  { skip },
  async (context) => {
    const { namespace, client, other } = await startThree(context)
    const from = { from: [{ podSelector: selecting('client') }], ports: [{ port: 8080 }] }
    await applyAll(namespace, policy('from-client', 'server', { policyTypes: ['Ingress'], ingress: [from] }))

    await ends(other, 'http://server:8080/healthy', 'timed out')
    const { words, hints, addresses, names } = await reach(other, 'http://server:8080/healthy', 3000)
    assert.match(words, /no answer within 3 s/i)
    assert.match(hints[0] ?? '', /NetworkPolicy/)
    const address = await namespace.read('service/server', '.spec.clusterIP')
    assert.deepEqual(
      addresses.map((one) => [one.address, one.end]),
      [[address, 'timed out']],
    )
    assert.ok(
      names.some(({ status }) => status === 'NOERROR'),
      'its name is found',
    )

    const allowed = await reach(client, 'http://server:8080/healthy')
    assert.deepEqual([allowed.end, allowed.answer?.status], ['reached', 200])
    // A port that the policy doesn't name: nothing listens there, and the client is not told so.
    const direct = await namespace.read('pod/server', '.status.podIP')
    await ends(client, `${direct}:8081`, 'timed out')
    // The kubelet's probes are not the network's, and what the server began itself comes back.
    await namespace.wait('pod/server', 'condition=Ready')

    await namespace.kubectl('delete', 'networkpolicy', 'from-client')
    await ends(other, 'http://server:8080/healthy', 'reached')
    await ends(client, `${direct}:8081`, 'refused')
  },
)

test('a policy lets in the pods of a namespace by its labels', { skip }, async (context) => {
  const { namespace, client } = await startThree(context)
  const [friends, strangers] = [await makeNamespace(context), await makeNamespace(context)]
  await friends.kubectl('label', 'namespace', friends.name, 'team=friends')
  const [friend] = await startPods(friends, 'friend')
  const [stranger] = await startPods(strangers, 'stranger')
  assert.ok(friend && stranger)
  const from = [{ namespaceSelector: { matchLabels: { team: 'friends' } } }]
  await applyAll(
    namespace,
    policy('from-friends', 'server', { policyTypes: ['Ingress'], ingress: [{ from }] }),
  )

  const target = `http://server.${namespace.name}:8080/healthy`
  await ends(stranger, target, 'timed out')
  await ends(friend, target, 'reached')
  // The own namespace is none of them.
  await ends(client, target, 'timed out')

  await strangers.kubectl('label', 'namespace', strangers.name, 'team=friends')
  await ends(stranger, target, 'reached')
})

test(
  'where all is denied, DNS is the first to be allowed, then the way out, then the way in',
  { skip },
  async (context) => {
    const { namespace, client, other } = await startThree(context)
    const target = 'http://server:8080/healthy'
    await applyAll(namespace, policy('deny-all', undefined, { policyTypes: ['Ingress', 'Egress'] }))
    await ends(client, target, 'no name server')
    const { hints } = await reach(client, target)
    assert.match(hints[0] ?? '', /egress .*port 53/)

    await applyAll(namespace, policy('dns', undefined, { policyTypes: ['Egress'], egress: [dns] }))
    await ends(client, target, 'timed out')
    const found = await reach(client, target)
    assert.deepEqual(
      found.addresses.map(({ address }) => address),
      [await namespace.read('service/server', '.spec.clusterIP')],
    )

    const to = [{ podSelector: selecting('server') }]
    await applyAll(namespace, policy('out', 'client', { policyTypes: ['Egress'], egress: [{ to }] }))
    const from = [{ podSelector: selecting('client') }]
    await applyAll(namespace, policy('in', 'server', { policyTypes: ['Ingress'], ingress: [{ from }] }))
    await ends(client, target, 'reached')
    assert.equal((await reach(other, target)).end, 'timed out')
  },
)
