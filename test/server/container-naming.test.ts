/** How names are found, on the Container page: policy, /etc/hosts, and what would be asked in which order. */
import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { ContainerReport, type Naming } from '../../server/features/container/wire.ts'
import { startKuard } from '../support/kuard.ts'
import { managedHosts, podMounts, type PodMountsOptions } from '../support/pod-mounts.ts'
import { etcFiles, startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'

const clusterFirst =
  'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'

async function namingIn(context: TestContext, options: PodMountsOptions, name = ''): Promise<Naming> {
  const { under } = await podMounts(context, options)
  const hostname = 'hostname web && exec "$@"'
  const kuard = await startKuard(context, [], {
    under: ['unshare', '--uts', 'sh', '-c', hostname, 'sh', ...under],
  })
  return (await kuard.get(`/container/api${name}`)).json(ContainerReport).naming
}

suite('the names of a pod', { skip: whyNoResolvConf() }, () => {
  test('ClusterFirst is known by its search list; the queue is asked for within each domain first', async (context) => {
    const naming = await namingIn(context, { settings: clusterFirst })
    assert.equal(naming.dnsPolicy, 'ClusterFirst')
    assert.deepEqual(naming.nameServers, ['10.96.0.10'])
    assert.deepEqual([naming.ndots, naming.options], [5, ['ndots:5']])
    assert.equal(naming.example.name, 'queue')
    assert.deepEqual(naming.example.wouldAsk, [
      'queue.default.svc.cluster.local.',
      'queue.svc.cluster.local.',
      'queue.cluster.local.',
      'queue.',
    ])
    assert.match(naming.example.why, /0 dots, and ndots is 5/)
  })

  test('on the host’s network it is ClusterFirstWithHostNet, and the lines are the node’s', async (context) => {
    const hosts = [
      '# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n10.0.0.1 node-1',
      '\n# Entries added by HostAliases.\n10.9.8.7\tdb.example\tdb\n',
    ].join('\n')
    const naming = await namingIn(context, { settings: clusterFirst, hosts }, '?name=db')
    assert.equal(naming.dnsPolicy, 'ClusterFirstWithHostNet')
    assert.deepEqual(naming.hosts, [
      { address: '127.0.0.1', names: ['localhost'], from: 'node' },
      { address: '10.0.0.1', names: ['node-1'], from: 'node' },
      { address: '10.9.8.7', names: ['db.example', 'db'], from: 'hostAliases' },
    ])
    assert.deepEqual(naming.example.wouldAsk, [])
    assert.match(naming.example.why, /\/etc\/hosts has it, 10\.9\.8\.7/)
  })

  test('what else the search list may be, more than one policy makes so', async (context) => {
    const { dnsPolicy, dnsPolicyWhy } = await namingIn(context, {
      settings: 'search corp.example\nnameserver 10.1.2.3\n',
    })
    assert.equal(dnsPolicy, null)
    assert.match(dnsPolicyWhy, /Default.* or None.* the two are alike/)
  })

  test('on the host’s network, ClusterFirst is as Default', async (context) => {
    const { dnsPolicy, dnsPolicyWhy } = await namingIn(context, {
      settings: 'search corp.example\nnameserver 10.1.2.3\n',
      hosts: '# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n',
    })
    assert.equal(dnsPolicy, null)
    assert.match(dnsPolicyWhy, /Default.* None.* or ClusterFirst, which is as Default on the node’s network/)
  })

  test('lines are told by who writes them: the kubelet its own, and nobody knows whose the others are', async (context) => {
    const { hosts } = await namingIn(context, { hosts: `${managedHosts}10.0.0.9 added\n` })
    const from = new Map(hosts?.map((line) => [line.names[0], line.from]))
    assert.equal(from.get('localhost'), 'kubelet')
    assert.equal(from.get('web.sub.default.svc.cluster.local'), 'kubelet')
    assert.equal(from.get('added'), 'unknown')
  })
})

const orders = [
  ['queue.', ['queue.'], /ends with a dot/],
  ['a.b', ['a.b.', 'a.b.one.test.', 'a.b.two.test.'], /with as many or more it is asked for as it is/],
  ['queue', ['queue.one.test.', 'queue.two.test.', 'queue.'], /with fewer/],
  ['10.0.0.1', [], /an address/],
  ['a..b', [], /nothing between two dots/],
] as const

suite('a name that is explained', { skip: whyNoResolvConf() }, () => {
  test('is asked for as the resolver would, or not at all', async (context) => {
    const { kuard } = await startWithResolvConf(context, 'search one.test two.test\nnameserver 127.0.0.9\n')
    for (const [name, wouldAsk, why] of orders) {
      const { naming } = (await kuard.get(`/container/api?name=${name}`)).json(ContainerReport)
      assert.deepEqual(naming.example.wouldAsk, wouldAsk, name)
      assert.match(naming.example.why, why, name)
      assert.equal(naming.dnsPolicy, null, 'this is no pod')
    }
  })

  test('is explained by the environment too', async (context) => {
    const { under } = await etcFiles(context, { 'resolv.conf': 'search one.test\noptions ndots:3\n' })
    const env = { LOCALDOMAIN: 'own.test', RES_OPTIONS: 'ndots:1' }
    const kuard = await startKuard(context, [], { under, env })
    const { naming } = (await kuard.get('/container/api?name=a.b')).json(ContainerReport)
    assert.deepEqual(naming.example.wouldAsk, ['a.b.', 'a.b.own.test.'])
    assert.deepEqual([naming.ndots, naming.options], [1, ['ndots:3']])
  })
})
