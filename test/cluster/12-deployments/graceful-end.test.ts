/** What the end of a pod costs whoever asks its Service. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, manifestText, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { Traffic } from './traffic.ts'

const abrupt = manifestText('12-deployments/kuard-abrupt.yaml')
const often = '--traffic-rate=40'

test('pods that end as soon as they are told to cost requests', async (context) => {
  const namespace = await deploy(await makeNamespace(context), abrupt)
  const traffic = await Traffic.start(namespace, 'steady-traffic', [often])
  // How many depends on how soon the nodes know.
  const costs = async () => {
    await restart(namespace)
    return (await traffic.failed()) > 0
  }
  await eventually('requests to fail', costs, 120_000)
  context.diagnostic((await traffic.failures()).join('; '))
})

const graceful = {
  'a preStop that sleeps': manifestText('12-deployments/kuard-prestop.yaml'),
  'a --shutdown-delay': abrupt.replace('--shutdown-delay=0', '--shutdown-delay=5'),
}

for (const [name, text] of Object.entries(graceful))
  test(`${name} costs none, neither of those on new connections nor of those on kept ones`, async (context) => {
    const namespace = await deploy(await makeNamespace(context), text)
    const clients = [
      await Traffic.start(namespace, 'steady-traffic', [often]),
      await Traffic.start(namespace, 'keeping', [often, '--traffic-connections=kept']),
    ]
    await restart(namespace)
    for (const client of clients) assert.deepEqual(await client.failures(), [])
  })

async function deploy(namespace: Namespace, text: string): Promise<Namespace> {
  await namespace.apply('12-deployments/kuard-service.yaml')
  await namespace.applyText(text)
  await finish(namespace)
  return namespace
}

/** Replaces all pods, and waits until the last of the old ones is gone. */
async function restart(namespace: Namespace): Promise<void> {
  const old = await namespace.names('pods', 'app=kuard')
  await namespace.kubectl('rollout', 'restart', 'deployment', 'kuard')
  await finish(namespace)
  await namespace.kubectl('wait', '--for=delete', '--timeout=60s', ...old.map((name) => `pod/${name}`))
}

const finish = (namespace: Namespace) =>
  namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')
