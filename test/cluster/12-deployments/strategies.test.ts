/** What each strategy does with the pods, and to whoever asks them. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { makeNamespace, type Namespace } from '../../support/cluster.ts'
import { PodsOverTime, serving, SizesOverTime, type Moment } from './over-time.ts'
import { Traffic } from './traffic.ts'

test('Recreate: every old pod has ended before the first new one is there, and meanwhile nothing answers', async (context) => {
  const namespace = await deploy(context, 'kuard-recreate')
  await namespace.apply('12-deployments/kuard-service.yaml')
  const traffic = await Traffic.start(namespace)
  for (const moment of await moments(namespace, 3))
    assert.ok(!moment.some(isNew) || !moment.some((pod) => !isNew(pod) && pod.running), say(moment))
  await traffic.only('green')
  assert.ok((await traffic.failed()) > 0)
})

test('blue/green by a surge of 100 %: all new pods are made beside the old ones, of which one goes for each new one that serves', async (context) => {
  const all = await moments(await deploy(context, 'kuard-bluegreen'), 3)
  for (const moment of all) {
    assert.ok(serving(moment) >= 3, say(moment))
    const gone = 3 - moment.filter((pod) => !isNew(pod) && !pod.ending).length
    assert.ok(gone <= serving(moment.filter(isNew)), say(moment))
    assert.ok(gone === 0 || moment.filter(isNew).length === 3, say(moment))
  }
})

test('maxUnavailable of 50 % without a surge: half of the pods at a time, and never one more', async (context) => {
  const namespace = await deploy(context, 'kuard-maxunavailable')
  const sizes = new SizesOverTime(namespace)
  const all = await moments(namespace, 4)
  for (const moment of all) assert.ok(serving(moment) >= 2, say(moment))
  assert.equal(Math.max(...sizes.totals()), 4)
  assert.ok(all.some((moment) => serving(moment) === 2))
})

const isNew = ({ colour }: Moment[number]): boolean => colour === 'green'

const say = (moment: Moment): string => JSON.stringify(moment)

/** @param name of the manifest */
async function deploy(context: TestContext, name: string): Promise<Namespace> {
  const namespace = await makeNamespace(context)
  await namespace.apply(`12-deployments/${name}.yaml`)
  await finish(namespace)
  return namespace
}

/** Rolls out green. @returns the pods from before until after it, after each event */
async function moments(namespace: Namespace, replicas: number): Promise<Moment[]> {
  const pods = await new PodsOverTime(namespace).started(replicas)
  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:green')
  await finish(namespace)
  return pods.moments(replicas)
}

const finish = (namespace: Namespace) =>
  namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')
