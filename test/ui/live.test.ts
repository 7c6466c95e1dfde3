/** What the page asks the event stream for, and how it gets it where a stream does not come through or a state can't be read. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { atEnd } from '../support/at-end.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard } from '../support/kuard.ts'
import { startBufferingProxy, startPod, startService } from '../support/service.ts'

const passed = (page: Page) => page.getByRole('cell', { name: '200 passed' })
const openTab = (page: Page, word: string) => page.getByRole('link', { name: word, exact: true }).click()

/** The queries of the event streams that were opened, in their order. */
async function startCounted(context: TestContext) {
  const kuard = await startKuard(context)
  const asked: URLSearchParams[] = []
  const service = await startService(context, ({ url = '' }) => {
    if (url.startsWith('/events')) asked.push(new URL(url, kuard.url).searchParams)
    return kuard
  })
  return { kuard, service, asked }
}

test('the page asks for what its tab shows, by one stream, and for its pod alone where nothing else is live', async (context) => {
  const { kuard, service, asked } = await startCounted(context)
  const page = await openPage(context, service)
  const own = 'cluster.this;rate=1'
  const topics = () => asked.at(-1)?.get('topics')
  assert.deepEqual([asked.length, topics()], [1, own])
  const streams = async () => /^event_streams (\d+)$/m.exec((await kuard.get('/metrics')).text)?.[1]
  for (const [tab, expected] of [
    ['Memory', `${own},memory;rate=10`],
    ['KeyGen Workload', `${own},keygen;rate=10,memq;rate=1`],
    ['Liveness Probe', `${own},liveness;rate=10`],
    ['File system browser', own],
  ] as const) {
    await openTab(page, tab)
    await eventually(`the topics of ${tab}`, () => topics() === expected)
    await eventually('one stream', async () => (await streams()) === '1')
  }
  await eventually('the folder to be watched', () => asked.at(-1)?.getAll('watch').join() === '/')
  assert.equal(await page.getByText('reconnecting').count(), 0)

  // Another page of the same browser asks for more, and the first one misses nothing.
  await openTab(page, 'Liveness Probe')
  const other = await page.context().newPage()
  await other.goto(`${service.url}/-/memq`)
  await eventually('both topics', () => topics() === `${own},liveness;rate=10,memq;rate=10`)
  await other.getByText('There is no queue.').waitFor()
  await kuard.get('/healthy')
  await passed(page).waitFor({ timeout: 2_000 })
  assert.equal(await streams(), '1')
})

test('a change of tab does not change the pod, where that can be', async (context) => {
  const pods = [await startPod(context, 'pod-a'), await startPod(context, 'pod-b')] as const
  let turn = 0
  const service = await startService(context, () => pods[turn++ % 2] ?? pods[0])
  const page = await openPage(context, service, '/-/liveness')
  const pod = await page.locator('header .pod').innerText()
  for (const tab of ['Readiness Probe', 'Memory', 'Liveness Probe']) {
    await openTab(page, tab)
    await page.getByText(tab === 'Memory' ? 'Control group' : 'passing', { exact: true }).waitFor()
    assert.equal(await page.locator('header .pod').innerText(), pod)
  }
  assert.equal(await page.getByText('This page now follows').count(), 0)
})

test('a tab of which a topic is switched off shows the rest', async (context) => {
  const kuard = await startKuard(context, ['--disable=memq'])
  const page = await openPage(context, kuard, '/-/keygen')
  await page.getByText('never started', { exact: true }).waitFor()
})

test('behind a proxy that holds the stream back the page asks every second, says so, and shows a click’s answer at once', async (context) => {
  const kuard = await startKuard(context)
  let [loses, lost] = [false, 0]
  const proxy = await startBufferingProxy(context, kuard, ({ url = '' }) => {
    const isLost = loses && url.startsWith('/events') && url.includes('once=true')
    if (isLost) lost += 1
    return isLost
  })
  const visitor = await (await launchBrowser()).newContext()
  atEnd(context, () => visitor.close())
  const page = await visitor.newPage()
  await page.goto(`${proxy.url}/-/liveness`)
  const opened = performance.now()
  await page.getByText('asking every second').waitFor()
  await page.getByText('passing', { exact: true }).waitFor()
  context.diagnostic(`noticed after ${(performance.now() - opened).toFixed()} ms`)
  assert.ok(performance.now() - opened < 5_000)
  for (const [button, word] of [
    ['Fail', 'failing'],
    ['Succeed', 'passing'],
  ] as const) {
    // While one is not answered, no other is due for as long as the page is patient.
    const before = lost
    loses = true
    await eventually('a request that is not answered', () => lost > before)
    loses = false
    await page.getByRole('button', { name: button, exact: true }).click()
    await page.getByText(word, { exact: true }).waitFor({ timeout: 8_000 })
  }
  await kuard.get('/healthy')
  await passed(page).waitFor({ timeout: 3_000 })
  await openTab(page, 'MemQ Server')
  await page.getByText('There is no queue.').waitFor({ timeout: 2_000 })
  assert.equal(await page.getByText('reconnecting').count(), 0)
  await kuard.kill()
  await page.getByRole('status').getByText('reconnecting').waitFor()
})

test('a state that can not be read is said in its place, and shown as soon as it can be', async (context) => {
  const file = join(temporaryFolder(context), 'broken')
  writeFileSync(file, '')
  const kuard = await startKuard(context, [], {
    nodeArgs: ['--import', join(import.meta.dirname, '../support/broken-memory-preload.ts')],
    env: { BROKEN_BY: file },
  })
  const page = await openPage(context, kuard, '/-/mem')
  const problem = page
    .getByRole('alert')
    .filter({ hasText: 'the state of memory can’t be read: out of order' })
  await problem.waitFor()
  rmSync(file)
  await page.getByText('Control group', { exact: true }).waitFor()
  await problem.waitFor({ state: 'detached' })
})
