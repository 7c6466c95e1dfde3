/** How one pod finds another: by name, by variable, by label, by port of a node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { ServerEnv } from '../../../server/features/env/wire.ts'
import { RequestDetails } from '../../../server/features/request/wire.ts'
import { Value } from 'typebox/value'
import { kubectl, makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { lookUp } from '../../support/look-up.ts'

test('pods find a service by its names, its variables and its labels, and the pods behind it', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('07-services/alpaca-prod.yaml', '07-services/alpaca-headless.yaml')
  await namespace.apply('07-services/bandicoot-prod.yaml')
  await namespace.wait('deployments', 'condition=Available', 120, '--all')
  const address = await namespace.read('service/alpaca-prod', '.spec.clusterIP')
  const services = await namespace.kubectl('get', 'services', '-o', 'wide')
  assert.match(services, new RegExp(`^alpaca-prod +ClusterIP +${address} .* app=alpaca,env=prod,ver=1$`, 'm'))

  const bandicoot = await namespace.forward('deployment/bandicoot-prod')
  const full = `alpaca-prod.${namespace.name}.svc.cluster.local.`
  for (const name of ['alpaca-prod', `alpaca-prod.${namespace.name}`, full])
    assert.deepEqual(await lookUp(bandicoot, 'A', name), [address], name)

  const { env } = (await bandicoot.get('/env/api')).json(ServerEnv)
  const port = `tcp://${address}:8080`
  assert.deepEqual(
    Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('ALPACA_PROD_'))),
    {
      ALPACA_PROD_PORT: port,
      ALPACA_PROD_PORT_8080_TCP: port,
      ALPACA_PROD_PORT_8080_TCP_ADDR: address,
      ALPACA_PROD_PORT_8080_TCP_PORT: '8080',
      ALPACA_PROD_PORT_8080_TCP_PROTO: 'tcp',
      ALPACA_PROD_SERVICE_HOST: address,
      ALPACA_PROD_SERVICE_PORT: '8080',
    },
  )

  const addresses = (await namespace.read('pods', '.items[*].status.podIP', '--selector=app=alpaca,env=prod'))
    .split(' ')
    .sort()
  assert.equal(addresses.length, 3)
  const endpoints = '--selector=kubernetes.io/service-name=alpaca-prod'
  // An endpoint is listed a moment after its pod is ready, and DNS learns of it another moment later.
  await eventually('an endpoint for each pod', async () => {
    const listed = await namespace.read('endpointslices', '.items[*].endpoints[*].addresses[0]', endpoints)
    return isDeepStrictEqual(listed.split(' ').sort(), addresses)
  })
  await eventually('the address of each pod', async () =>
    isDeepStrictEqual(await lookUp(bandicoot, 'A', 'alpaca-headless'), addresses),
  )
  const targets = await eventually('three targets', async () => {
    const found = await lookUp(bandicoot, 'SRV', '_http._tcp.alpaca-headless')
    return found.length === 3 && found
  })
  assert.ok(
    targets.every((target) => /^\d+ \d+ 8080 \S+\.alpaca-headless\./.test(target)),
    targets.join(),
  )

  // From another namespace the short name is nobody's.
  const other = await makeNamespace(context)
  await other.apply('05-pods/kuard-pod.yaml')
  await other.wait('pod/kuard', 'condition=Ready')
  const stranger = await other.forward('pod/kuard')
  assert.deepEqual(await lookUp(stranger, 'A', 'alpaca-prod'), [])
  assert.deepEqual(await lookUp(stranger, 'A', `alpaca-prod.${namespace.name}`), [address])
  const page = `http://alpaca-prod.${namespace.name}:8080/healthy`
  assert.equal(await other.kubectl('exec', 'kuard', '--', '/kuard', `--check=${page}`), 'ok')
})

test('a NodePort answers on every node with any of the pods; a load balancer is waited for', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('07-services/alpaca-prod.yaml', '05-pods/kuard-pod.yaml')
  await namespace.apply('07-services/alpaca-prod-nodeport.yaml')
  const port = await namespace.read('service/alpaca-prod', '.spec.ports[0].nodePort')
  assert.match(await namespace.kubectl('get', 'services'), new RegExp(`NodePort .* 8080:${port}/TCP `))
  await namespace.wait('deployment/alpaca-prod', 'condition=Available')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const nodes = await kubectl([
    'get',
    'nodes',
    '--output=jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}',
  ])
  for (const node of nodes.split(' ')) {
    const seen = new Set<string>()
    await eventually(`two pods to have answered on ${node}`, async () => {
      const url = `http://${node.includes(':') ? `[${node}]` : node}:${port}/request/api`
      const output = await namespace.kubectl('exec', 'kuard', '--', 'wget', '-q', '-O', '-', url)
      seen.add(Value.Parse(RequestDetails, JSON.parse(output)).hostname)
      return seen.size >= 2
    })
    assert.ok([...seen].every((name) => name.startsWith('alpaca-prod-')))
  }

  await namespace.apply('07-services/alpaca-prod-loadbalancer.yaml')
  assert.equal(await namespace.read('service/alpaca-prod', '.spec.type'), 'LoadBalancer')
  assert.match(
    await namespace.kubectl('get', 'services'),
    /^alpaca-prod +LoadBalancer +\S+ +\S+ +8080:\d+\/TCP /m,
  )
})
