/** The probe pages' other side: the probes as the pod's spec has them, and what the kubelet made of the answers. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Probe } from 'kubernetes-types/core/v1.d.ts'
import type { Page } from 'playwright-core'
import type { ProbeSpec } from '../../server/features/cluster/wire.ts'
import { consequenceOf, manners } from '../../ui/src/tabs/probe/kubelet-words.ts'
import { event, pod } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startPodIn } from '../support/pod.ts'

const get = (path: string): Probe => ({ httpGet: { path, port: 8080 } })
const own = (restarts: number, probes: Record<string, Probe>) =>
  pod({ name: 'kuard', restarts, spec: { containers: [{ name: 'main', image: 'kuard:blue', ...probes }] } })
const probes = {
  livenessProbe: { ...get('/healthy'), periodSeconds: 10 },
  readinessProbe: { ...get('/ready'), periodSeconds: 2, initialDelaySeconds: 5 },
}

async function openProbe(context: TestContext, api: TestApiServer, path: string) {
  const { kuard } = await startPodIn(context, api)
  return openPage(context, kuard, `/-/${path}`)
}
const section = (page: Page) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'What the kubelet makes of it' }) })
const text = async (page: Page) => (await section(page).innerText()).replace(/\s+/g, ' ')
const says = (page: Page, words: RegExp) =>
  eventually(`the page to say ${String(words)}`, async () => words.test(await text(page)))

test('the liveness page has the probe of the spec, each restart with how the one before ended, and the events about it', async (context) => {
  const api = await startApiServer(context)
  const kuard = own(0, probes)
  api.put('pods', kuard)
  const page = await openProbe(context, api, 'liveness')
  await says(
    page,
    /livenessProbe GET http:\/\/:8080\/healthy, every 10 s, 1 s to answer. 3 failures × 10 s: restarted after some 30 s. Restarts none$/,
  )
  const about = { about: kuard, type: 'Warning', secondsAgo: 3 } as const
  const told = 'probe failed: HTTP probe failed with statuscode: 500'
  api.put('events', event({ ...about, reason: 'Unhealthy', message: `Liveness ${told}`, count: 3 }))
  api.put('events', event({ ...about, reason: 'Unhealthy', message: `Readiness ${told}` }))
  api.put('events', event({ ...about, reason: 'Killing', message: 'Container main failed liveness probe' }))
  api.put('events', event({ ...about, reason: 'Pulled', message: 'Container image present' }))
  api.put(
    'events',
    event({ ...about, about: own(0, probes), reason: 'BackOff', message: 'of one before it' }),
  )
  api.put('pods', { ...own(1, probes), ...(kuard.metadata ? { metadata: kuard.metadata } : {}) })
  await says(page, /1 restart; before, it ended: Error, exit code 1, \d\d:\d\d:\d\d \d+ s ago/)
  await says(page, /Unhealthy ×3 in 1 min 0 s Liveness probe failed/)
  assert.match(await text(page), /Killing/)
  assert.doesNotMatch(await text(page), /Readiness|Pulled|of one before it/)
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('the readiness page says whether the pod is ready, and a pod without the probe says that it has none', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', own(0, probes))
  const page = await openProbe(context, api, 'readiness')
  await says(page, /every 2 s, 1 s to answer, first after 5 s. 3 failures × 2 s: not ready after some 6 s/)
  await says(page, /Pod ready since \d\d:\d\d:\d\d/)
  api.put('pods', own(0, {}))
  await says(page, /readinessProbe none: the kubelet does not ask, and takes it for ready while it runs/)
})

test('without the right to see this pod it says so in a line, and outside a cluster nothing', async (context) => {
  const api = await startApiServer(context)
  api.forbid()
  const page = await openProbe(context, api, 'liveness')
  await page.getByText('this pod may not read itself').waitFor()
  await page.locator('main').getByRole('link', { name: 'Cluster' }).click()
  await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
  const outside = await openPage(context, await startKuard(context), '/-/liveness')
  await outside.getByText('passing').waitFor()
  assert.equal(await outside.getByText('kubelet makes').count(), 0)
})

test('what comes of failures is said of each probe', () => {
  const spec: ProbeSpec = {
    container: 'main',
    type: 'startup',
    action: 'exec true',
    initialDelaySeconds: 0,
    periodSeconds: 5,
    timeoutSeconds: 2,
    successThreshold: 1,
    failureThreshold: 30,
  }
  assert.equal(manners(spec), 'every 5 s, 2 s to answer')
  assert.match(consequenceOf(spec), /^It has 2 min 30 s to pass; the other probes wait for it/)
  const readiness = { ...spec, type: 'readiness', failureThreshold: 1, successThreshold: 2 } as const
  assert.equal(
    consequenceOf(readiness),
    'One failure: not ready after some 5 s, and out of its Services; 2 successes bring it back.',
  )
})
