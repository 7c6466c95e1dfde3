/** A rollout under steady traffic. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, type Namespace } from '../../support/cluster.ts'
import { PodsOverTime, serving, SizesOverTime } from './over-time.ts'
import { Traffic } from './traffic.ts'

test('a rollout from blue to green, its pause and its undo: not one request fails', async (context) => {
  const namespace = await makeNamespace(context)
  const replicas = namespace.start(
    'get',
    'deployments',
    '--watch',
    '--output=jsonpath={.status.readyReplicas}/{.status.availableReplicas}{"\\n"}',
  )
  await namespace.apply('12-deployments/kuard-service.yaml', '12-deployments/kuard-deployment.yaml')
  await finish(namespace)
  await replicas.printed(/^3\/[^3]*\n[^]*^3\/3$/m)
  const pods = await new PodsOverTime(namespace).started(3)
  const sizes = new SizesOverTime(namespace)
  const short = await Traffic.start(namespace)
  // As browsers and proxies do.
  const keeping = await Traffic.start(namespace, 'keeping', keepsOneConnection)
  const clients = [short, keeping]
  await Promise.all(clients.map((client) => client.only('blue')))

  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:green')
  await namespace.until('deployment/kuard', '.status.updatedReplicas', /[1-3]/)
  await namespace.kubectl('rollout', 'pause', 'deployment', 'kuard')
  await bothStay(namespace, short)

  await namespace.kubectl('rollout', 'resume', 'deployment', 'kuard')
  await finish(namespace)
  await Promise.all(clients.map((client) => client.only('green')))

  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard')
  await finish(namespace)
  await Promise.all(clients.map((client) => client.only('blue')))

  for (const client of clients) {
    const { progress } = await client.status()
    assert.equal(progress.failed, 0, (await client.failures()).join('\n'))
    context.diagnostic(`${progress.sent} requests`)
  }
  for (const moment of pods.moments(3)) assert.ok(serving(moment) >= 3, JSON.stringify(moment))
  assert.equal(Math.max(...sizes.totals()), 4)
})

const keepsOneConnection = ['--traffic-connections=kept', '--traffic-concurrency=1', '--traffic-rate=20']

/** Waits for a rollout's end, as a reader would. */
const finish = (namespace: Namespace) =>
  namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')

/** A paused rollout stands still, with the old and the new version answering. */
async function bothStay(namespace: Namespace, client: Traffic): Promise<void> {
  await namespace.until('deployment/kuard', '.status.conditions[?(@.type=="Progressing")].reason', /Paused/)
  await namespace.wait('pods', 'condition=Ready', 60, '--selector=app=kuard')
  const sizes = () => namespace.read('replicasets', '.items[*].spec.replicas')
  const before = await sizes()
  assert.deepEqual(await client.next(40), ['1.0.0-blue', '1.0.0-green'])
  assert.equal(await sizes(), before)
}
