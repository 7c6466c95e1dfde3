/** A version of which three in ten answers are errors: what it costs depends on whether its pods are asked if they are ready. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, manifestText, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { Traffic } from './traffic.ts'

test('with a readiness probe a bad version costs no request; without one it does, until it is undone', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('12-deployments/kuard-service.yaml', '12-deployments/kuard-deployment.yaml')
  await finish(namespace)
  const traffic = await Traffic.start(namespace)

  await namespace.apply('12-deployments/kuard-bad.yaml')
  const { code, output, errors } = await namespace.try('rollout', 'status', 'deployment', 'kuard')
  assert.equal(code, 1)
  assert.match(output + errors, /exceeded its progress deadline/)
  assert.deepEqual(await traffic.next(40), ['1.0.0-blue'])
  await undo(namespace)
  assert.deepEqual(await traffic.failures(), [])

  await namespace.apply('12-deployments/kuard-bad-unprobed.yaml')
  await finish(namespace)
  await eventually('a fifth of what green answers to have failed', async () => {
    const { answerers } = await traffic.status()
    const green = answerers.filter(({ version }) => version === '1.0.0-green')
    const failed = sum(green.map((answerer) => answerer.failed))
    return failed >= 5 && failed > 0.2 * (failed + sum(green.map(({ answered }) => answered)))
  })
  assert.match((await traffic.failures()).join('\n'), /503 /)

  await undo(namespace)
  await traffic.only('blue')
  const cost = await traffic.failed()
  assert.deepEqual(await traffic.next(40), ['1.0.0-blue'])
  assert.equal(await traffic.failed(), cost)
  context.diagnostic(`${cost} requests failed without the probe`)
})

test('a Job that sends exits with 0 when as few requests failed as may, else with 1', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('12-deployments/kuard-service.yaml', '12-deployments/kuard-bluegreen.yaml')
  await finish(namespace)
  await startProof(namespace, 'good', 12)
  await namespace.wait('job/good', 'jsonpath={.status.ready}=1')
  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:green')
  await finish(namespace)
  await namespace.wait('job/good', 'condition=Complete')

  await namespace.apply('12-deployments/kuard-bad-unprobed.yaml')
  await finish(namespace)
  await startProof(namespace, 'bad', 4)
  await startProof(namespace, 'patient', 4, 1000)
  await namespace.wait('job/bad', 'condition=Failed')
  await namespace.wait('job/patient', 'condition=Complete')
  assert.deepEqual(await Promise.all(['good', 'bad', 'patient'].map((name) => exitCode(namespace, name))), [
    '0',
    '1',
    '0',
  ])
})

const finish = (namespace: Namespace) =>
  namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')

async function undo(namespace: Namespace): Promise<void> {
  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard')
  await finish(namespace)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Starts rollout-proof, as it ships but for its name and its limits. */
async function startProof(
  namespace: Namespace,
  name: string,
  seconds: number,
  maxFailures = 0,
): Promise<void> {
  await namespace.applyText(
    manifestText('12-deployments/rollout-proof.yaml')
      .replaceAll('rollout-proof', name)
      .replace(/--traffic-time-to-run=\d+/, `--traffic-time-to-run=${seconds}`)
      .replace(/--traffic-max-failures=\d+/, `--traffic-max-failures=${maxFailures}`),
  )
}

const exitCode = (namespace: Namespace, job: string): Promise<string> =>
  namespace.read(
    'pods',
    '.items[0].status.containerStatuses[0].state.terminated.exitCode',
    `--selector=job-name=${job}`,
  )
