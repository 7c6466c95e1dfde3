/** A rollout, as the Traffic tab of whoever sends shows it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPageOfPod } from '../../support/cluster-page.ts'
import { makeNamespace } from '../../support/cluster.ts'
import { Traffic } from './traffic.ts'

const patience = { timeout: 120_000 }

test('a rollout watched in the Traffic tab: the marks go from blue to both and to green, and none failed', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('12-deployments/kuard-service.yaml', '12-deployments/kuard-deployment.yaml')
  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=120s')
  // So that 400 answers, which are as many as there are marks, take as long as the rollout.
  const traffic = await Traffic.start(namespace, 'steady-traffic', ['--traffic-rate=25'])
  const page = await openPageOfPod(context, await namespace.forward('pod/steady-traffic'), '/-/traffic')
  const marks = page.getByRole('figure').filter({
    has: page.getByRole('img', { name: /^The last \d+ answers, the newest at the right: none failed$/ }),
  })
  const shown = (blue: boolean, green: boolean) =>
    marks
      .filter(blue ? { hasText: /-blue \d+ answered/ } : { hasNotText: '-blue' })
      .filter(green ? { hasText: /-green \d+ answered/ } : { hasNotText: '-green' })
      .waitFor(patience)
  await shown(true, false)

  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:green')
  await shown(true, true)
  await shown(false, true)
  await page.getByText('0 failed', { exact: true }).waitFor(patience)
  const pods = page.getByRole('table', { name: 'Who answered' }).getByRole('row')
  for (const version of ['1.0.0-blue', '1.0.0-green'])
    assert.equal(await pods.filter({ hasText: version }).count(), 3, version)
  assert.deepEqual(await traffic.failures(), [])
})
