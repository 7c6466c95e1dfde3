/** The Pods view: marks that come and go, what a selector lights, what is told of a pod, and a great many of them. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { ago, node, pod, replicaSet, type PodState } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startPodIn } from '../support/pod.ts'

/** A page on the pods of an API server, as the pod `web-1` shows them. @param query with its question mark */
async function openPods(context: TestContext, api: TestApiServer, query = ''): Promise<Page> {
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  return openPage(context, kuard, `/-/cluster${query}`)
}

const mark = (page: Page, name: string) => page.locator(`button[data-pod="${name}"]`)
const field = (page: Page) => page.getByLabel('Selector of labels')
const figure = (page: Page) => page.locator('strong.figure')
const details = (page: Page, name: string) => page.getByRole('region', { name: `Pod ${name}`, exact: true })

const shows = (page: Page, words: string): Promise<boolean> =>
  eventually(`the page to show “${words}”`, async () =>
    (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ').includes(words),
  )

/** Waits until a pod’s mark has these words, in this order. */
const says = (page: Page, name: string, ...words: string[]): Promise<boolean> =>
  eventually(`${name} to say ${words.join(', ')}`, async () => {
    const [text = ''] = await mark(page, name).allInnerTexts()
    return (
      words.join('\n') ===
      text
        .split('\n')
        .slice(1, words.length + 1)
        .join('\n')
    )
  })

/** The names of the marks that are lit. */
const lit = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(
    "[...document.querySelectorAll('button[data-pod]:not(.dim)')].map(({ dataset }) => dataset.pod)",
  )

test('pods come, change their state and go in front of the reader, each with its word', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const page = await openPods(context, api)
  await says(page, 'web-1', 'Ready blue, this pod')
  assert.equal(await figure(page).innerText(), '1 of 1')
  api.put('pods', pod({ name: 'web-2', state: 'ContainerCreating', image: 'kuard:green' }))
  await says(page, 'web-2', 'ContainerCreating green')
  assert.equal(await figure(page).innerText(), '1 of 2')
  api.put('pods', pod({ name: 'web-2', state: 'NotReady', image: 'kuard:green' }))
  await says(page, 'web-2', 'Running green')
  api.put('pods', pod({ name: 'web-2', image: 'kuard:green', restarts: 2 }))
  await says(page, 'web-2', 'Ready green', '2 restarts', 'last Error, exit code 1')
  assert.equal(await figure(page).innerText(), '2 of 2')
  api.put('pods', pod({ name: 'web-2', state: 'Terminating', image: 'kuard:green' }))
  await says(page, 'web-2', 'Terminating green')
  api.remove('pods', 'web-2')
  await eventually('the mark to go', async () => (await mark(page, 'web-2').count()) === 0)
  assert.equal(await figure(page).innerText(), '1 of 1')
})

test('a container that keeps failing has the time to its next try, and why it failed', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const failing = pod({ name: 'failing', state: 'CrashLoopBackOff', restarts: 3 })
  const [status] = failing.status?.containerStatuses ?? []
  assert.ok(status)
  status.lastState = { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: ago(1) } }
  status.state = {
    waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=main' },
  }
  api.put('pods', failing)
  api.put('pods', pod({ name: 'done', state: 'Completed' }))
  const page = await openPods(context, api)
  await says(page, 'failing', 'CrashLoopBackOff blue')
  const text = await mark(page, 'failing').innerText()
  assert.match(text, /next try in 4 min \d+ s\n3 restarts\nlast OOMKilled, exit code 137/)
  await shows(page, '1 of 2 pods ready; 1 ended')
  await shows(page, '1 ready 1 succeeded 1 failing')
})

test('pods stand by node with what is known of the nodes, and by owner; without the right to see nodes, by their names', async (context) => {
  const api = await startApiServer(context)
  const set = replicaSet({ name: 'web' })
  api.put('nodes', node({ name: 'node-1' }))
  const taints = [{ key: 'disk', value: 'hdd', effect: 'NoSchedule' }]
  api.put('nodes', node({ name: 'node-2' }, { unschedulable: true, taints }))
  const away = node({ name: 'node-3' })
  api.put('nodes', {
    ...away,
    status: { ...away.status, conditions: [{ type: 'Ready', status: 'Unknown' }] },
  })
  api.put('pods', pod({ name: 'web-1', owner: set }))
  api.put('pods', pod({ name: 'alone', node: 'node-2' }))
  api.put('pods', pod({ name: 'homeless', state: 'Pending' }))
  const page = await openPods(context, api)
  const group = (name: string) => page.getByRole('region', { name })
  await group('Node node-1 1 of 1 ready').locator('[data-pod=web-1]').waitFor()
  await group('Node node-2 1 of 1 ready cordoned: takes no new pods taint disk=hdd:NoSchedule').waitFor()
  await group('Node node-3 not ready').getByText('no pod of this namespace').waitFor()
  await group('No node yet 0 of 1 ready').locator('[data-pod=homeless]').waitFor()
  await page.getByRole('button', { name: 'by owner' }).click()
  await group('ReplicaSet web 1 of 1 ready').locator('[data-pod=web-1]').waitFor()
  await group('No owner 1 of 2 ready').locator('[data-pod=alone]').waitFor()
  assert.equal(new URL(page.url()).search, '?as=owner')
  api.forbid('nodes')
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const other = await openPage(context, kuard, '/-/cluster')
  await shows(other, 'Of the nodes nothing is known but the names that pods tell.')
  await other.getByRole('region', { name: 'Node node-2 1 of 1 ready', exact: true }).waitFor()
})

test('a selector lights what kubectl would select, says how much that is, and what is wrong with it', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1', labels: { app: 'web', env: 'prod' } }))
  api.put('pods', pod({ name: 'web-2', labels: { app: 'web', env: 'test' } }))
  api.put('pods', pod({ name: 'plain' }))
  const page = await openPods(context, api)
  await mark(page, 'plain').waitFor()
  assert.deepEqual(await lit(page), ['plain', 'web-1', 'web-2'])
  await field(page).fill('env!=prod')
  await shows(page, '2 of 3 pods')
  assert.deepEqual(await lit(page), ['plain', 'web-2'])
  await page.getByText("kubectl -n default get pods -l 'env!=prod'", { exact: true }).waitFor()
  await field(page).fill('app in (nothing)')
  await shows(page, '0 of 3 pods: it matches nothing')
  await field(page).fill('app in (web')
  await field(page).press('Enter')
  await shows(page, 'at character 12: a comma or “)” is expected, not the end')
  assert.deepEqual(await lit(page), ['plain', 'web-1', 'web-2'])
  await field(page).fill('app=web')
  await field(page).press('Enter')
  assert.equal(new URL(page.url()).search, '?selector=app%3Dweb')
  await page.reload()
  await shows(page, '2 of 3 pods')
  assert.deepEqual(await lit(page), ['web-1', 'web-2'])
})

test('by the keyboard alone one goes from mark to mark, to a pod’s details and back', async (context) => {
  const api = await startApiServer(context)
  const set = replicaSet({ name: 'web' })
  for (const name of ['web-1', 'web-2', 'web-3'])
    api.put('pods', pod({ name, owner: set, labels: { app: 'web' }, status: { qosClass: 'Burstable' } }))
  const page = await openPods(context, api)
  await mark(page, 'web-1').waitFor()
  await page.getByRole('button', { name: 'by node' }).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  const told = details(page, 'web-2')
  await told.waitFor()
  const text = (await told.innerText()).replaceAll(/\s+/g, ' ')
  for (const words of [
    'Owner ReplicaSet web',
    'Node node-1',
    'Quality of service Burstable',
    'main app running, ready',
  ])
    assert.ok(text.includes(words), `${words} in ${text}`)
  await told.getByText('kubectl -n default describe pod web-2').waitFor()
  assert.equal(new URL(page.url()).search, '?pod=web-2')
  await told.getByRole('button', { name: 'Close' }).press('Enter')
  await eventually('the mark to have the focus', () =>
    page.evaluate("document.activeElement.dataset.pod === 'web-2'"),
  )
  await page.keyboard.press('Enter')
  await told.getByRole('button', { name: 'app=web' }).click()
  await eventually('the label to be the selector', async () => (await field(page).inputValue()) === 'app=web')
})

test('a pod that goes while its details are shown is told of as gone, and one that never was as missing', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  api.put('pods', pod({ name: 'pending', state: 'Pending' }))
  api.put('pods', pod({ name: 'going', state: 'Terminating' }))
  const page = await openPods(context, api, '?pod=pending')
  await details(page, 'pending').getByText('0/1 nodes are available: 1 Insufficient cpu.').waitFor()
  api.remove('pods', 'pending')
  await details(page, 'pending').getByText('gone', { exact: true }).waitFor()
  await details(page, 'pending').getByRole('button', { name: 'Close' }).click()
  await page.goto(page.url().replace(/\?.*|$/, '?pod=going'))
  await details(page, 'going')
    .getByText(/^gone by [\d:]+ in \d+ s$/)
    .waitFor()
  await page.goto(page.url().replace(/\?.*|$/, '?pod=never'))
  await shows(page, 'There is no pod never in this namespace.')
})

test('the table has the same facts, and follows the selector', async (context) => {
  const api = await startApiServer(context)
  const set = replicaSet({ name: 'web' })
  api.put('pods', pod({ name: 'web-1', owner: set, labels: { app: 'web' }, restarts: 2 }))
  api.put('pods', pod({ name: 'failed', state: 'Error', image: 'redis:8' }))
  const page = await openPods(context, api, '?as=table')
  const rows = async () =>
    (await page.locator('tbody tr').allInnerTexts()).map((row) =>
      row
        .split(/\s+/)
        .join(' ')
        .replace(/ \d\d:\d\d:\d\d.*/, '')
        .trim(),
    )
  await eventually('both rows', async () => (await rows()).length === 2)
  assert.deepEqual(await rows(), [
    'failed Error 0 Error, exit code 1 redis:8 node-1',
    'web-1 this pod Ready 2 Error, exit code 1 blue ReplicaSet web node-1',
  ])
  await field(page).fill('app')
  await eventually('one row', async () => (await rows()).length === 1)
  await page.getByRole('button', { name: 'web-1', exact: true }).click()
  await details(page, 'web-1').waitFor()
  await field(page).fill('!app')
  await page.getByRole('button', { name: 'failed', exact: true }).waitFor()
  await details(page, 'web-1').waitFor()
})

test('axe-core finds nothing wrong with marks, details and table, and none is wider than the window', async (context) => {
  const api = await startApiServer(context)
  const longName = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  const long = { [`${'p'.repeat(200)}.example.com/${'k'.repeat(63)}`]: 'v'.repeat(63) }
  const states: PodState[] = ['Running', 'NotReady', 'Pending', 'ContainerCreating', 'ImagePullBackOff']
  states.push('CrashLoopBackOff', 'OOMKilled', 'Error', 'Completed', 'Terminating')
  api.put('nodes', node({ name: 'node-1' }, { unschedulable: true }))
  for (const [index, state] of states.entries()) api.put('pods', pod({ name: `web-${index}`, state }))
  api.put('pods', pod({ name: longName, labels: long, image: `kuard:${'t'.repeat(128)}` }))
  const page = await openPods(context, api)
  for (const query of [`?pod=${longName}&selector=a`, `?as=table&pod=${longName}`, '?as=owner&pod=web-5']) {
    await page.goto(page.url().replace(/\?.*|$/, query))
    await page.getByRole('region', { name: /^Pod / }).waitFor()
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
      assert.ok(wide <= width, `${query} is ${wide} px wide in ${width}`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        assert.deepEqual(
          await accessibilityViolations(page),
          [],
          `${query}, ${colorScheme}, ${width} px wide`,
        )
      }
    }
  }
})

test('5,000 pods are a few pictures, which keys go through and a selector lights', async (context) => {
  const api = await startApiServer(context)
  const count = 5_000
  const states: PodState[] = ['Running', 'NotReady', 'Pending', 'CrashLoopBackOff']
  const one = (index: number, state = states[index % states.length] ?? 'Running') =>
    pod({
      name: `web-${String(index).padStart(4, '0')}`,
      state,
      node: `node-${index % 20}`,
      image: index % 2 === 0 ? 'kuard:blue' : 'kuard:green',
      labels: { half: index % 2 === 0 ? 'even' : 'odd' },
    })
  for (let index = 0; index < count; index += 1) api.put('pods', one(index))
  const page = await openPods(context, api)
  await shows(page, '1,250 of 5,000 pods ready')
  const elements = await page.evaluate<number>("document.querySelectorAll('main *').length")
  assert.ok(elements < 2_000, `${elements} elements`)
  api.put('pods', one(1, 'Running'))
  await shows(page, '1,251 of 5,000 pods ready')
  await field(page).fill('half=odd')
  await shows(page, '2,500 of 5,000 pods')
  const list = page.getByRole('listbox', { name: 'Pods: Node node-1', exact: true })
  await list.focus()
  await page.keyboard.press('ArrowRight')
  const option = list.getByRole('option')
  const [name] = (await option.innerText()).split(':')
  assert.equal(await option.getAttribute('aria-posinset'), '2')
  api.remove('pods', 'web-0001')
  await eventually('the same pod one place further ahead', async () => {
    const text = await option.innerText()
    return text.startsWith(`${name ?? ''}:`) && (await option.getAttribute('aria-posinset')) === '1'
  })
  await page.keyboard.press('Enter')
  await details(page, name ?? '').waitFor()
  assert.equal(await option.getAttribute('aria-selected'), 'true')
  assert.deepEqual(await accessibilityViolations(page), [])
})
