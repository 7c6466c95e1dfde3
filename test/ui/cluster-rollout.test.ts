/** The Rollout view of the Cluster tab: each stage in words, the areas over time, and what is remembered across pods. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { DeploymentCondition } from 'kubernetes-types/apps/v1.d.ts'
import type { Page } from 'playwright-core'
import { ago, deployment, pod, replicaSet } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { startPodIn } from '../support/pod.ts'

const web = deployment({ name: 'web', replicas: 3 })
const blue = replicaSet({ name: 'web-1', owner: web, replicas: 3, revision: 1, image: 'kuard:blue' })
const green = replicaSet({ name: 'web-2', owner: web, replicas: 3, revision: 2, image: 'kuard:green' })

/** How far the controller is: pods of each revision, those there and those ready. */
interface Stage {
  readonly old: readonly [current: number, ready: number]
  readonly new?: readonly [current: number, ready: number]
  readonly reason: string
  readonly paused?: boolean
}

function put(api: TestApiServer, { old, new: news = [0, 0], reason, paused = false }: Stage): void {
  const isNew = news[0] > 0
  const progressing: DeploymentCondition = {
    ...{ type: 'Progressing', status: 'True', reason },
    ...{ lastUpdateTime: ago(0), lastTransitionTime: ago(0) },
  }
  const image = isNew ? 'kuard:green' : 'kuard:blue'
  const { spec } = deployment({ name: 'web', replicas: 3, image })
  const ready = old[1] + news[1]
  api.put('deployments', {
    ...web,
    metadata: {
      ...web.metadata,
      annotations: {
        'deployment.kubernetes.io/revision': isNew ? '2' : '1',
        'kubernetes.io/change-cause': 'try',
      },
    },
    ...(spec ? { spec: { ...spec, paused } } : {}),
    status: {
      ...{ replicas: old[0] + news[0], updatedReplicas: isNew ? news[0] : old[0] },
      ...{ readyReplicas: ready, availableReplicas: ready, observedGeneration: 1, conditions: [progressing] },
    },
  })
  const counts = ([replicas, readyReplicas]: readonly [number, number]) => ({
    status: { replicas, readyReplicas, availableReplicas: readyReplicas },
  })
  api.put('replicasets', { ...blue, ...counts(old) })
  if (isNew) api.put('replicasets', { ...green, ...counts(news) })
}

const done = 'NewReplicaSetAvailable'
const moving = 'ReplicaSetUpdated'

async function openRollout(context: TestContext, api: TestApiServer, query = ''): Promise<Page> {
  const { kuard } = await startPodIn(context, api, { name: 'web-1-a' })
  return openPage(context, kuard, `/-/cluster/rollout${query}`)
}

const badge = (page: Page, word: string, sentence: string) =>
  page.locator('main .badge').filter({ hasText: word }).getByText(sentence).waitFor()
const legend = (page: Page, text: string) =>
  page.locator('figure li').filter({ hasText: text }).first().waitFor()
const picture = (page: Page) => page.getByRole('img', { name: 'Pods of web by revision' })

test('a rollout from blue to green is told at each stage, in words and in areas', async (context) => {
  const api = await startApiServer(context)
  put(api, { old: [3, 3], reason: done })
  const page = await openRollout(context, api)
  await badge(page, 'complete', 'deployment "web" successfully rolled out')
  await legend(page, 'revision 1, blue 3 ready, 0 not')
  await legend(page, 'desired + surge 4')
  await legend(page, 'desired − unavailable 3')

  put(api, { old: [3, 3], new: [1, 0], reason: moving })
  await badge(page, 'progressing', '1 out of 3 new replicas have been updated')
  await legend(page, 'revision 2, green 0 ready, 1 not')
  await page.getByText('10 min 0 s without progress; 9 min').waitFor()
  const images = page.locator('dd').filter({ hasText: '→' })
  assert.match((await images.innerText()).replaceAll(/\s+/g, ' '), /kuard:blue → kuard:green/)

  put(api, { old: [2, 2], new: [2, 1], reason: 'DeploymentPaused', paused: true })
  await badge(page, 'paused', '2 out of 3 new replicas have been updated')
  await page.getByText('kubectl -n default rollout resume deployment/web').waitFor()
  await picture(page).getByText('paused').waitFor()

  put(api, { old: [1, 1], new: [3, 2], reason: moving })
  await badge(page, 'progressing', '1 old replicas are pending termination')
  put(api, { old: [0, 0], new: [3, 2], reason: moving })
  await badge(page, 'progressing', '2 of 3 updated replicas are available')
  put(api, { old: [0, 0], new: [3, 2], reason: 'ProgressDeadlineExceeded' })
  await badge(page, 'failed', 'deployment "web" exceeded its progress deadline')
  await page.getByText('10 min 0 s without progress; it has passed').waitFor()
  put(api, { old: [0, 0], new: [3, 3], reason: done })
  await badge(page, 'complete', 'deployment "web" successfully rolled out')

  await page.getByText('The same as a table').click()
  const table = page.getByRole('table', { name: 'The pods of each revision' })
  await table
    .getByRole('row')
    .filter({ hasText: '2 of 2 ready' })
    .filter({ hasText: 'paused' })
    .first()
    .waitFor()
  const revisions = page.getByRole('table', { name: 'The revisions of web' })
  assert.match(await revisions.getByRole('row').nth(1).innerText(), /2\s+kuard:green/)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await accessibilityViolations(page), [], colorScheme)
  }
})

test('the picture is read by arrow keys, and pauses meanwhile', async (context) => {
  const api = await startApiServer(context)
  put(api, { old: [3, 3], reason: done })
  const page = await openRollout(context, api)
  await legend(page, 'revision 1, blue 3 ready, 0 not')
  put(api, { old: [3, 3], new: [1, 0], reason: moving })
  await legend(page, 'revision 2, green 0 ready, 1 not')
  await picture(page).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('End')
  const reading = page.locator('figcaption')
  await reading.getByText('revision 2, green: 0 ready, 1 not ready').waitFor()
  put(api, { old: [2, 2], new: [1, 1], reason: moving })
  await badge(page, 'progressing', '1 out of 3 new replicas have been updated')
  await legend(page, 'revision 2, green 0 ready, 1 not')
  await page.keyboard.press('Escape')
  await legend(page, 'revision 2, green 1 ready, 0 not')
})

test('what happened stays in the picture when the pod that serves the page is replaced', async (context) => {
  const api = await startApiServer(context)
  put(api, { old: [3, 3], reason: done })
  const { kuard } = await startPodIn(context, api, { name: 'web-1-a' })
  const page = await openPage(context, kuard, '/-/cluster/rollout', { mayComplain: /ERR_/ })
  await legend(page, 'revision 1, blue 3 ready, 0 not')
  put(api, { old: [2, 2], new: [2, 1], reason: moving })
  await legend(page, 'revision 2, green 1 ready, 1 not')
  await page.getByRole('link', { name: 'Pods', exact: true }).click()
  const { port } = kuard
  await kuard.kill()
  await startPodIn(context, api, { name: 'web-2-a', args: [`--address=127.0.0.1:${port}`] })
  await page.getByRole('heading', { name: 'web-2-a' }).or(page.getByText('web-2-a').first()).first().waitFor()
  put(api, { old: [0, 0], new: [3, 3], reason: done })
  await page.getByRole('link', { name: 'Rollout', exact: true }).click()
  await legend(page, 'revision 2, green 3 ready, 0 not')
  await page.getByText('The same as a table').click()
  const table = page.getByRole('table', { name: 'The pods of each revision' })
  await table.getByRole('row').filter({ hasText: '3 of 3 ready' }).first().waitFor()
  await table
    .getByRole('row')
    .filter({ hasText: '2 of 2 ready' })
    .filter({ hasText: '1 of 2 ready' })
    .first()
    .waitFor()
  await table.getByRole('row').filter({ hasText: 'not known' }).first().waitFor()
})

test('of several Deployments this pod’s own is shown first, and another can be chosen', async (context) => {
  const api = await startApiServer(context)
  put(api, { old: [3, 3], reason: done })
  api.put('pods', pod({ name: 'web-1-a', owner: blue }))
  api.put(
    'deployments',
    deployment({ name: 'alpha' }, { spec: { strategy: { type: 'Recreate' }, selector: {}, template: {} } }),
  )
  const page = await openRollout(context, api)
  await page.getByRole('heading', { name: 'web', exact: true }).waitFor()
  await page.getByLabel('Deployment').selectOption('alpha')
  await page.getByRole('heading', { name: 'alpha', exact: true }).waitFor()
  await page.getByText('all old pods end before the first new one is made').waitFor()
  assert.match(page.url(), /\?deployment=alpha$/)
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Rollout' }).click()
  await page.getByRole('heading', { name: 'web', exact: true }).waitFor()
  await page.getByLabel('Deployment').selectOption('alpha')
  await page.setViewportSize({ width: 360, height: 900 })
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('images that several containers share are all shown, and a deadline that never comes is none', async (context) => {
  const api = await startApiServer(context)
  const template = (image: string) => ({
    selector: {},
    template: { spec: { containers: ['a', 'b'].map((name) => ({ name, image })) } },
  })
  const annotations = { 'deployment.kubernetes.io/revision': '2' }
  const spec = { ...template('kuard:green'), replicas: 3, progressDeadlineSeconds: 2_147_483_647 }
  api.put('deployments', { ...web, metadata: { ...web.metadata, annotations }, spec })
  api.put('replicasets', { ...blue, spec: template('kuard:blue') })
  const page = await openRollout(context, api)
  const images = page.locator('dd').filter({ hasText: '→' })
  await images.waitFor()
  assert.match(
    (await images.innerText()).replaceAll(/\s+/g, ' '),
    /kuard:blue kuard:blue → kuard:green kuard:green$/,
  )
  await page
    .locator('dt', { hasText: 'Deadline' })
    .locator('+ dd')
    .getByText('none', { exact: true })
    .waitFor()
})

test('a namespace without Deployments says how to make one', async (context) => {
  const page = await openRollout(context, await startApiServer(context))
  await page.getByText('There is no Deployment in this namespace.').waitFor()
  await page.getByText('kubectl -n default create deployment kuard').waitFor()
})
