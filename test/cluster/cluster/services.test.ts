/** The Services view on a real cluster: a lamp follows its pod's readiness probe. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProbeStatus } from '../../../server/features/probe/wire.ts'
import { applyAll, container, deployment, podSpec, Viewer } from './viewer.ts'

const patience = { timeout: 60_000 }

test('a readiness probe that fails turns a lamp in under two seconds, and one that passes turns it back', async (context) => {
  const viewer = await Viewer.start(context)
  const { namespace } = viewer
  await applyAll(namespace, deployment('web', 1, probed), service)
  await namespace.wait('deployment/web', 'condition=Available')
  const forward = await namespace.forward('deployment/web')
  const page = await viewer.open('/services')
  const lamp = page
    .getByRole('table', { name: 'The endpoints, those that are there first' })
    .getByRole('row', { name: /web-/ })
  const turns = (word: string) =>
    lamp.filter({ has: page.getByRole('cell', { name: word, exact: true }) }).waitFor(patience)
  await turns('ready')

  const delays: number[] = []
  for (let time = 0; time < 3; time += 1) {
    await forward.put('/ready/api', { failNext: -1 })
    await turns('not ready')
    const seen = Date.now()
    const { history } = (await forward.get('/ready/api')).json(ProbeStatus)
    const failed = history[history.findIndex(({ code }) => code !== 500) - 1]
    assert.ok(failed, JSON.stringify(history))
    delays.push(seen - Date.parse(failed.time))
    await forward.put('/ready/api', { failNext: 0 })
    await turns('ready')
  }
  context.diagnostic(`the lamp turned ${delays.join(', ')} ms after the probe had failed`)
  // A cluster that has much else to do at once may take longer for it once.
  assert.ok(Math.min(...delays) < 2000, String(delays))
})

const readinessProbe = { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1, failureThreshold: 1 }
const probed = podSpec({ containers: [container({ readinessProbe })] })
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 8080 }] },
}
