/** The Memory tab's other side: the limit of the pod's spec, and the last OOM kill. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startPodIn } from '../support/pod.ts'

const resources = { requests: { memory: '100Mi' }, limits: { memory: '256Mi' } }
const spec = { containers: [{ name: 'main', image: 'kuard:blue', resources }] }

test('the spec’s limit and the last OOM kill are told, with when and how often', async (context) => {
  const api = await startApiServer(context)
  const before = pod({ name: 'kuard', spec })
  api.put('pods', before)
  const { kuard } = await startPodIn(context, api)
  const page = await openPage(context, kuard, '/-/mem')
  const text = async () => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
  const says = (words: RegExp) => eventually(String(words), async () => words.test(await text()))
  await says(/Memory in the spec request 100Mi, limit 256Mi Restarts none/)
  const terminated = { reason: 'OOMKilled', exitCode: 137, finishedAt: ago(12) }
  const [status] = before.status?.containerStatuses ?? []
  assert.ok(status)
  api.put('pods', {
    ...before,
    status: {
      ...before.status,
      containerStatuses: [{ ...status, restartCount: 2, lastState: { terminated } }],
    },
  })
  await says(/Restarts 2 restarts; before, it ended: OOMKilled, exit code 137, \d\d:\d\d:\d\d \d+ s ago/)
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('outside a cluster nothing is said of one', async (context) => {
  const page = await openPage(context, await startKuard(context), '/-/mem')
  await page.getByRole('heading', { name: 'Control group' }).waitFor()
  assert.equal(await page.getByText('In the cluster').count(), 0)
})
