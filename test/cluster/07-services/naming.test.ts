/** How a pod finds names: what its pages make of what the kubelet wrote, beside those files and what kubectl says of the pod. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Static, TSchema } from 'typebox'
import { ContainerReport, type Naming } from '../../../server/features/container/wire.ts'
import { DnsCost, DnsTrace } from '../../../server/features/dns/wire.ts'
import { makeNamespace, kubectl, type Forward, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { lookUp } from '../../support/look-up.ts'
import { reach } from '../../support/reach.ts'
import { applyAll, pod, podSpec } from '../cluster/viewer.ts'

async function namingOf(pod: Forward, name = 'queue'): Promise<Naming> {
  return (await pod.get(`/container/api?name=${name}`)).json(ContainerReport).naming
}

async function ask<Schema extends TSchema>(
  pod: Forward,
  path: string,
  question: object,
  schema: Schema,
): Promise<Static<Schema>> {
  return (await pod.post(path, JSON.stringify(question))).json(schema)
}

/** The words after a keyword of a pod's resolv.conf, as the kubelet wrote it. */
async function resolvConf(namespace: Namespace, name: string, keyword: string): Promise<string[]> {
  const text = await namespace.kubectl('exec', name, '--', 'cat', '/etc/resolv.conf')
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  return lines.flatMap(([first, ...words]) => (first === keyword ? words : []))
}

test('what dnsPolicy and dnsConfig make of resolv.conf is what the page says, and what names are found by', async (context) => {
  const namespace = await makeNamespace(context)
  const names = ['dns-default', 'dns-config', 'dns-none']
  await namespace.apply(...names.map((name) => `07-services/${name}.yaml`))
  await namespace.wait('pods', 'condition=Ready', 90, '--all')
  const inCluster = [`${namespace.name}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local']
  const expected: Readonly<Record<string, { search?: string[]; ndots?: number; finds: string }>> = {
    'dns-config': { search: [...inCluster, 'kube-system.svc.cluster.local'], ndots: 1, finds: 'found' },
    'dns-default': { finds: 'not found' },
    'dns-none': { search: ['example.com'], ndots: 1, finds: 'not found' },
  }
  for (const [name, { search, ndots, finds }] of Object.entries(expected)) {
    const pod = await namespace.forward(`pod/${name}`)
    const naming = await namingOf(pod)
    assert.equal(naming.hostname, name)
    assert.deepEqual(naming.nameServers, await resolvConf(namespace, name, 'nameserver'), name)
    assert.deepEqual(naming.search, await resolvConf(namespace, name, 'search'), name)
    assert.deepEqual(naming.options, await resolvConf(namespace, name, 'options'), name)
    if (search) assert.deepEqual([naming.search, naming.ndots], [search, ndots], name)
    // Not every policy can be told by what it made; what is told is true.
    const policy = await namespace.read(`pod/${name}`, '.spec.dnsPolicy')
    assert.ok(naming.dnsPolicy === null || naming.dnsPolicy === policy, `${name}: ${naming.dnsPolicy}`)
    assert.notEqual(naming.dnsPolicyWhy, '')

    const { end, hints } = await reach(pod, 'kube-dns:53')
    assert.equal(end === 'reached' ? 'found' : 'not found', finds, `${name}: ${end}`)
    assert.equal(hints.length > 0, finds === 'not found')
  }
})

test('lines of /etc/hosts are told by who put them there: hostAliases, as the pod has them, or the kubelet', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('07-services/host-aliases.yaml')
  await namespace.wait('pod/host-aliases', 'condition=Ready')
  const pod = await namespace.forward('pod/host-aliases')
  const { hosts } = await namingOf(pod)
  const of = (from: string) =>
    (hosts ?? []).filter((line) => line.from === from).map(({ address, names }) => [address, ...names])
  assert.deepEqual(of('hostAliases'), [
    ['127.0.0.1', 'self.example', 'me.example'],
    ['192.0.2.10', 'old-database'],
  ])
  const address = await namespace.read('pod/host-aliases', '.status.podIP')
  assert.ok(of('kubelet').some((line) => line.join(' ') === `${address} host-aliases`))

  const self = await reach(pod, 'self.example:8080')
  assert.deepEqual(
    [self.end, self.addresses.map(({ address, from }) => [address, from])],
    ['reached', [['127.0.0.1', '/etc/hosts']]],
  )
  // Name servers know nothing of it.
  assert.deepEqual(await lookUp(pod, 'A', 'old-database'), [])
})

test('a name is asked for in the order that the page says, and what that costs is what the final dot saves', async (context) => {
  const namespace = await makeNamespace(context)
  await applyAll(
    namespace,
    pod('asker'),
    pod('once', podSpec({ dnsConfig: { options: [{ name: 'ndots', value: '1' }] } })),
  )
  await namespace.wait('pods', 'condition=Ready', 90, '--all')
  const [asker, once] = [await namespace.forward('pod/asker'), await namespace.forward('pod/once')]
  const own = `${namespace.name}.svc.cluster.local.`
  const names = {
    nothing: [`nothing.${own}`, 'nothing.svc.cluster.local.', 'nothing.cluster.local.', 'nothing.'],
    'kube-dns.kube-system': [`kube-dns.kube-system.${own}`, 'kube-dns.kube-system.svc.cluster.local.'],
  }
  for (const [name, tried] of Object.entries(names)) {
    const { example } = await namingOf(asker, name)
    assert.deepEqual(example.wouldAsk.slice(0, tried.length), tried)
    const { queries } = await ask(asker, '/dns/trace', { type: 'A', name }, DnsTrace)
    assert.deepEqual([...new Set(queries.map((query) => query.name))], tried)
  }

  const full = 'kube-dns.kube-system.svc.cluster.local'
  const address = await kubectl([
    '--namespace=kube-system',
    'get',
    'service/kube-dns',
    '--output=jsonpath={.spec.clusterIP}',
  ])
  const costs = async (pod: Forward, name: string) => {
    const cost = await ask(pod, '/dns/cost', { name }, DnsCost)
    assert.deepEqual([cost.answeredBy, cost.addresses], [`${full}.`, [address]])
    return [new Set(cost.queries.map((query) => query.name)).size, cost.queries.length, cost.withFinalDot]
  }
  // It has four dots, so five searches it first; A and AAAA are asked for each.
  assert.deepEqual(await costs(asker, full), [4, 8, 2])
  assert.deepEqual(await costs(asker, `${full}.`), [1, 2, 2])
  assert.deepEqual(await costs(once, full), [1, 2, 2])
})

test('the SRV record of a headless Service is resolved on to the addresses of its pods', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('07-services/alpaca-prod.yaml', '07-services/alpaca-headless.yaml')
  await namespace.wait('deployment/alpaca-prod', 'condition=Available', 120)
  await applyAll(namespace, pod('asker'))
  await namespace.wait('pod/asker', 'condition=Ready')
  const asker = await namespace.forward('pod/asker')
  const addresses = await namespace.read('pods', '.items[*].status.podIP', '--selector=app=alpaca')
  const found = await eventually('three targets', async () => {
    const question = { type: 'SRV', name: '_http._tcp.alpaca-headless' }
    const { targets } = await ask(asker, '/dns/trace', question, DnsTrace)
    return targets.length === 3 && targets
  })
  assert.deepEqual(found.flatMap((target) => target.addresses ?? []).sort(), addresses.split(' ').sort())
  for (const { name, ports } of found) {
    assert.deepEqual(ports, [8080])
    assert.equal((await reach(asker, `http://${name.replace(/\.$/, '')}:8080/healthy`)).end, 'reached')
  }
})
