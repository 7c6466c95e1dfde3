/** The Owners view of the Cluster tab: who makes which pods, and what changes its owner. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { DaemonSet, StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { CronJob } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Locator, Page } from 'playwright-core'
import {
  deployment,
  job,
  meta,
  node,
  pod,
  replicaSet,
  type Traits,
  type WorkloadTraits,
} from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage, type PageOptions } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startPodIn } from '../support/pod.ts'

/** For the page: how far it can be scrolled sideways. */
const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

/** For the page: what the marks of a list are called, those that are there at once. */
const labelsIn = (list: string): string =>
  `[...document.querySelectorAll('ul[aria-label="${list}"] a')].map((mark) => mark.getAttribute('aria-label'))`

/** The view, shown by a pod that the API server knows nothing of. */
async function openOwners(
  context: TestContext,
  api: TestApiServer,
  options: PageOptions = {},
): Promise<Page> {
  const { kuard } = await startPodIn(context, api)
  return openPage(context, kuard, '/-/cluster/owners', options)
}

/** A Deployment with one ReplicaSet and its pods. */
function web(api: TestApiServer, traits: Partial<WorkloadTraits> = {}) {
  const { replicas = 2, name = 'web' } = traits
  const owner = api.put('deployments', deployment({ ...traits, name, replicas }))
  const labels = { app: name, 'pod-template-hash': 'abc' }
  const set = api.put(
    'replicasets',
    replicaSet({ name: `${name}-abc`, replicas, owner, labels, revision: 1 }),
  )
  const pods = Array.from({ length: replicas }, (_, index) =>
    api.put('pods', pod({ name: `${name}-abc-${index + 1}`, owner: set, labels })),
  )
  return { owner, set, pods }
}

/** An owner and what is below it. */
const branch = (page: Page, name: string): Locator =>
  page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name, exact: true }) })
    .last()

/** The marks of a list, by its name. */
const marks = (page: Page, list: string): Locator =>
  page.getByRole('list', { name: list, exact: true }).getByRole('link')

const marksToBe = (page: Page, list: string, names: readonly string[]) =>
  eventually(`${list} to be ${names.join(', ')}`, async () => {
    const shown = await page.evaluate<string[]>(labelsIn(list))
    return shown.map((label) => label.split(':')[0]).join() === names.join()
  })

/** Waits until a Deployment's ReplicaSet stands below it: pods and each kind of owner become known in any order. */
const setsToBeKnown = (page: Page, deployment: string) =>
  branch(page, deployment).locator('h4').first().waitFor()

const counts = async (owner: Locator): Promise<string> =>
  (await owner.locator('dl').first().innerText()).replaceAll(/\s+/g, ' ')

const withoutOwner = ({ metadata, ...object }: Pod, labels: Record<string, string>): Pod => {
  const { ownerReferences: _none, ...kept } = metadata ?? {}
  return { ...object, metadata: { ...kept, labels } }
}

test('a Deployment stands above its ReplicaSets by revision, with what each wants and has; those without pods are folded', async (context) => {
  const api = await startApiServer(context)
  const { owner } = web(api, { replicas: 3, ready: 2 })
  for (const revision of [2, 3])
    api.put(
      'replicasets',
      replicaSet({
        ...{ name: `web-old${revision}`, replicas: 0, owner, revision, image: 'kuard:green' },
        annotations: { 'kubernetes.io/change-cause': `cause ${revision}` },
      }),
    )
  const page = await openOwners(context, api)
  await page.getByRole('heading', { name: 'Deployments 1' }).waitFor()
  await setsToBeKnown(page, 'web')
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2', 'web-abc-3'])
  assert.equal(await counts(branch(page, 'web')), 'desired 3 current 3 ready 2 updated 3 available 2')
  await page
    .getByText('Waiting for deployment "web" rollout to finish: 2 of 3 updated replicas are available...')
    .waitFor()
  assert.match(await branch(page, 'web-abc').innerText(), /revision 1\s+kuard:blue/)
  await page.getByText('2 revisions without pods').click()
  const lines = await page.locator('details li').allInnerTexts()
  assert.deepEqual(
    lines.map((line) => line.replaceAll(/\s+/g, ' ')),
    ['revision 3 web-old3 kuard:green cause 3', 'revision 2 web-old2 kuard:green cause 2'],
  )
})

test('a pod that loses a label moves out of its ReplicaSet and says why; one that gets it is adopted', async (context) => {
  const api = await startApiServer(context)
  const { set, pods } = web(api)
  const page = await openOwners(context, api)
  await setsToBeKnown(page, 'web')
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2'])
  const [first] = pods
  assert.ok(first)
  api.put('pods', withoutOwner(first, { 'pod-template-hash': 'abc' }))
  const log = page.getByRole('log', { name: 'Changed owner' })
  await log
    .getByText(
      'Pod web-abc-1 left ReplicaSet web-abc: its labels no longer match app=web,pod-template-hash=abc',
    )
    .waitFor()
  await marksToBe(page, 'pods without an owner', ['web-abc-1'])
  await marksToBe(page, 'pods of web-abc', ['web-abc-2'])
  // A place is kept for the one that is wanted.
  assert.equal(await page.getByRole('list', { name: 'pods of web-abc' }).locator('.empty').count(), 1)
  api.put('pods', first)
  await log
    .getByText(
      'Pod web-abc-1 was adopted by ReplicaSet web-abc: its labels match app=web,pod-template-hash=abc',
    )
    .waitFor()
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2'])
  assert.equal(await page.getByRole('heading', { name: 'No owner' }).count(), 0)
  api.remove('replicasets', set.metadata?.name ?? '')
  await page.getByText('ReplicaSet: gone').waitFor()
  for (const one of pods) api.put('pods', withoutOwner(one, one.metadata?.labels ?? {}))
  await log
    .getByText(
      '2 Pods: web-abc-1, web-abc-2 left ReplicaSet web-abc, which was deleted with --cascade=orphan',
    )
    .waitFor()
  await marksToBe(page, 'pods without an owner', ['web-abc-1', 'web-abc-2'])
})

test('what changed its owner is told for five minutes', async (context) => {
  const api = await startApiServer(context)
  const { pods } = web(api)
  const page = await openOwners(context, api)
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2'])
  const [first] = pods
  assert.ok(first)
  api.put('pods', withoutOwner(first, {}))
  await page.getByRole('log').waitFor()
  await page.clock.setFixedTime(Date.now() + 6 * 60_000)
  await page.getByRole('log').waitFor({ state: 'detached' })
})

test('the pods of an owner that may not be read are shown below its name', async (context) => {
  const api = await startApiServer(context)
  web(api)
  api.forbid('replicasets')
  const page = await openOwners(context, api)
  await branch(page, 'web-abc').getByText('ReplicaSet: can’t be seen').waitFor()
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2'])
  assert.equal(await counts(branch(page, 'web')), 'desired 2 current 2 ready 2 updated 2 available 2')
  api.allow('replicasets')
  await eventually(
    'the ReplicaSet to be below its Deployment',
    async () => (await branch(page, 'web').locator('h4').count()) === 1,
  )
})

test('an Indexed Job shows what has become of each index', async (context) => {
  const api = await startApiServer(context)
  const indexed = api.put(
    'jobs',
    job(
      { name: 'indexed', replicas: 10 },
      {
        spec: { completionMode: 'Indexed', completions: 10, parallelism: 2, template: {} },
        status: {
          active: 1,
          ready: 1,
          succeeded: 4,
          failed: 1,
          completedIndexes: '0,2-4',
          failedIndexes: '1',
        },
      },
    ),
  )
  const labels = { 'batch.kubernetes.io/job-completion-index': '5' }
  api.put('pods', pod({ name: 'indexed-5-xyz', owner: indexed, labels }))
  const page = await openOwners(context, api)
  const shown = branch(page, 'indexed')
  await shown.getByText('Indexed: each of 10 indexes, 2 at a time').waitFor()
  await eventually('the states of the indexes', async () => {
    const states = await shown.locator('dl').last().innerText()
    return states.replaceAll(/\s+/g, ' ') === '4 complete 0, 2–4 1 active 5 1 failed 1 4 waiting 6–9'
  })
  const cells = await Promise.all(
    (await shown.locator('.grid .cell').all()).map((cell) => cell.getAttribute('title')),
  )
  assert.deepEqual(cells.slice(0, 6), [
    '0: complete',
    '1: failed',
    '2: complete',
    '3: complete',
    '4: complete',
    '5: active',
  ])
  assert.equal(cells.length, 10)
})

const cronJob = (
  traits: Traits,
  spec: Partial<CronJob['spec']> = {},
  status: CronJob['status'] = {},
): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: meta(traits),
  spec: {
    schedule: '* * * * *',
    concurrencyPolicy: 'Allow',
    jobTemplate: { spec: { template: { spec: { containers: [{ name: 'main', image: 'kuard:blue' }] } } } },
    ...spec,
  },
  status,
})

test('a CronJob says when it ran last, when it runs next and what it holds back, above its Jobs', async (context) => {
  const api = await startApiServer(context)
  const minutes = Math.floor(Date.now() / 60_000)
  const due = new Date((minutes - 3) * 60_000).toISOString()
  const tick = api.put(
    'cronjobs',
    cronJob(
      { name: 'tick', ageSeconds: 600 },
      { concurrencyPolicy: 'Forbid' },
      { lastScheduleTime: due, active: [{ name: `tick-${minutes - 3}` }] },
    ),
  )
  api.put('jobs', job({ name: `tick-${minutes - 3}`, owner: tick }))
  api.put(
    'cronjobs',
    cronJob({ name: 'stopped' }, { suspend: true, timeZone: 'Europe/Zurich', schedule: '0 4 * * 1' }),
  )
  const page = await openOwners(context, api)
  const shown = branch(page, 'tick')
  await shown.getByText(`waits for tick-${minutes - 3} to end`).waitFor()
  await shown.getByText(/^next run/).waitFor()
  const facts = (await shown.locator('dl').nth(1).innerText()).replaceAll(/\s+/g, ' ')
  assert.match(facts, /last run \d\d:\d\d:00 [34] min \d+ s ago/)
  assert.match(facts, /next run \d\d:\d\d:00 in (\d+ s|1 min 0 s)/)
  assert.match(facts, /policy Forbid: no run starts while one is active/)
  assert.match(await branch(page, `tick-${minutes - 3}`).innerText(), /running\s+due \d\d:\d\d:00/)
  const stopped = await branch(page, 'stopped').innerText()
  assert.match(stopped, /suspended/)
  assert.match(stopped, /0 4 \* \* 1\s+Europe\/Zurich/)
  assert.match(stopped.replaceAll(/\s+/g, ' '), /next run none: it is suspended/)
})

const statefulSet = (traits: Traits, { spec, status }: Partial<StatefulSet> = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: meta(traits),
  spec: { replicas: 4, selector: { matchLabels: { app: 'db' } }, serviceName: 'db', template: {}, ...spec },
  status: { replicas: 3, readyReplicas: 3, currentRevision: 'db-old', updateRevision: 'db-new', ...status },
})

test('a StatefulSet shows its ordinals in order, with the revision of each and what is still to be made', async (context) => {
  const api = await startApiServer(context)
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
  const db = api.put(
    'statefulsets',
    statefulSet(
      { name: 'db' },
      { spec: { replicas: 4, updateStrategy, selector: {}, serviceName: 'db', template: {} } },
    ),
  )
  for (const [ordinal, revision] of ['db-old', 'db-old', 'db-new'].entries())
    api.put(
      'pods',
      pod({ name: `db-${ordinal}`, owner: db, labels: { 'controller-revision-hash': revision } }),
    )
  const page = await openOwners(context, api)
  const shown = branch(page, 'db')
  await shown.getByText('partition 2: ordinals below 2 keep the old revision').waitFor()
  const ordinals = shown.locator('ol > li')
  await eventually('four ordinals', async () => {
    const words = (await ordinals.allInnerTexts()).map((text) => text.trim().replaceAll(/\s+/g, ' '))
    return words.join('; ') === '0 old old; 1 old old; 2 new new; 3 to be made'
  })
  await ordinals.first().getByRole('link').hover()
  await wordsToFit(page)
})

/** Waits until the words of a mark stand within the window, wide enough to be read, with nothing in front of them. */
const wordsToFit = (page: Page): Promise<unknown> =>
  eventually('the words to be seen whole', () =>
    page.evaluate<boolean>(`(() => {
      const words = document.querySelector('.marks .words')
      if (!words) return false
      const { left, right, top, bottom, width } = words.getBoundingClientRect()
      const corners = [[left + 4, top + 4], [right - 4, bottom - 4]]
      const isWhole = corners.every(([x, y]) => words.contains(document.elementFromPoint(x, y)))
      return isWhole && left >= 0 && right <= innerWidth && width >= 160
    })()`),
  )

test('a DaemonSet stands over the nodes, and says why one runs none of its pods', async (context) => {
  const api = await startApiServer(context)
  api.put('nodes', node({ name: 'node-1', labels: { disk: 'ssd' } }))
  api.put('nodes', node({ name: 'node-2' }))
  api.put(
    'nodes',
    node({ name: 'node-3', labels: { disk: 'ssd' } }, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
  )
  const agent: DaemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: meta({ name: 'agent' }),
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'main', image: 'kuard:blue' }] },
      },
    },
    status: { desiredNumberScheduled: 1, currentNumberScheduled: 1, numberReady: 1, numberMisscheduled: 0 },
  }
  const owner = api.put('daemonsets', agent)
  api.put('pods', pod({ name: 'agent-1', owner, node: 'node-1' }))
  const page = await openOwners(context, api)
  await marksToBe(page, 'pods of agent on node-1', ['agent-1'])
  const rows = page.getByRole('table', { name: 'agent over the nodes' }).getByRole('row')
  const words = (await rows.allInnerTexts()).map((row) => row.trim().replaceAll(/\s+/g, ' '))
  await page.setViewportSize({ width: 360, height: 900 })
  await page.getByRole('link', { name: /^agent-1/ }).hover()
  await wordsToFit(page)
  assert.deepEqual(words.slice(1), [
    'node-1',
    'node-2 none its labels lack disk=ssd',
    'node-3 none its taint gpu:NoSchedule is not tolerated',
  ])
})

test('marks are one stop for the keyboard; arrow keys go through them, say what each is, and lead to its details', async (context) => {
  const api = await startApiServer(context)
  const { set } = web(api)
  api.put(
    'pods',
    pod({ name: 'web-abc-3', owner: set, state: 'CrashLoopBackOff', restarts: 4, node: 'node-7' }),
  )
  const page = await openOwners(context, api)
  await setsToBeKnown(page, 'web')
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2', 'web-abc-3'])
  await page.getByRole('button', { name: 'web', exact: true }).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('End')
  const words = page.locator('.marks .words')
  await words.getByText(/CrashLoopBackOff · blue · on node-7 · 4 restarts · Error, exit code 1/).waitFor()
  await page.keyboard.press('ArrowLeft')
  await words.getByText('web-abc-2').waitFor()
  await page.keyboard.press('Escape')
  await words.waitFor({ state: 'detached' })
  await page.keyboard.press('Home')
  await words.getByText('web-abc-1').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Pod web-abc-1' }).waitFor()
  await page.goBack()
  await marksToBe(page, 'pods of web-abc', ['web-abc-1', 'web-abc-2', 'web-abc-3'])
  await page.getByRole('button', { name: 'web', exact: true }).focus()
  await page.keyboard.press('Enter')
  await branch(page, 'web').getByText('3 pods: 2 Ready, 1 CrashLoopBackOff').waitFor()
  await words.waitFor({ state: 'detached' })
})

test('a namespace without pods says what would be here, and the command that makes some', async (context) => {
  const page = await openOwners(context, await startApiServer(context))
  await page.getByText('There are no pods, and nothing that makes any.').waitFor()
  await page.getByText('create deployment kuard --image=kuard:blue --replicas=3').waitFor()
  assert.deepEqual(await accessibilityViolations(page), [])
})

const longName = (start: string): string => start.padEnd(253, 'x')

for (const viewport of [
  { width: 360, height: 800 },
  { width: 1920, height: 1080 },
])
  for (const colorScheme of ['light', 'dark'] as const)
    test(`every kind is accessible at ${viewport.width} px, ${colorScheme}, with names of 253 characters`, async (context) => {
      const api = await startApiServer(context)
      const { pods } = web(api, { name: longName('web') })
      const [first] = pods
      assert.ok(first)
      const db = api.put('statefulsets', statefulSet({ name: longName('db') }))
      api.put('pods', pod({ name: longName('db-0'), owner: db }))
      api.put('nodes', node({ name: longName('node') }))
      api.put('daemonsets', {
        ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: meta({ name: longName('agent') }) },
        spec: { selector: {}, template: {} },
      })
      api.put('cronjobs', cronJob({ name: 'tick' }))
      const spec = { completionMode: 'Indexed', completions: 2000, parallelism: 2, template: {} }
      api.put(
        'jobs',
        job({ name: longName('job') }, { spec, status: { completedIndexes: '0-7', failedIndexes: '9' } }),
      )
      const page = await openOwners(context, api, { viewport, colorScheme })
      await marksToBe(page, `pods of ${longName('web')}-abc`, [
        `${longName('web')}-abc-1`,
        `${longName('web')}-abc-2`,
      ])
      api.put('pods', withoutOwner(first, {}))
      await page.getByRole('log').waitFor()
      await page.getByRole('list', { name: 'pods without an owner' }).getByRole('link').focus()
      assert.deepEqual(await accessibilityViolations(page), [])
      assert.equal(await page.evaluate(overflow), 0)
    })

test('300 owners and 5,000 pods are closed, counted in words, found by a filter, and stay quick', async (context) => {
  const api = await startApiServer(context)
  for (let owner = 0; owner < 300; owner += 1)
    web(api, { name: `web-${String(owner).padStart(3, '0')}`, replicas: owner === 0 ? 518 : 15 })
  const page = await openOwners(context, api)
  await page.getByRole('heading', { name: 'Deployments 300' }).waitFor()
  await branch(page, 'web-299').getByText('15 pods: 15 Ready').waitFor()
  assert.equal(await page.locator('.marks').count(), 0)
  await page.getByRole('searchbox').fill('web-000-abc-7')
  await page.getByText('1 of 300 owners').waitFor()
  await page.getByRole('button', { name: 'web-000', exact: true }).waitFor()
  await page.getByText('The first 200 of 518 are shown.').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.getByText('300 owners', { exact: true }).waitFor()
  const started = performance.now()
  await page.getByRole('button', { name: 'web-150', exact: true }).click()
  await marks(page, 'pods of web-150-abc').last().waitFor()
  assert.ok(performance.now() - started < 2_000, 'an owner should open within 2 s')
})
