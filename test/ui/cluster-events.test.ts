/** The Cluster tab's events: newest first, counted, those of this pod on their own, searched, and seen as they come. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { event, pod } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage, type PageOptions } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startPodIn } from '../support/pod.ts'

async function openEvents(context: TestContext, api: TestApiServer, options: PageOptions = {}) {
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  return openPage(context, kuard, '/-/cluster/events', options)
}

const [own, other] = [pod({ name: 'web-1' }), pod({ name: 'web-2' })]
const about = { about: own, reason: 'Pulled', message: 'Container image already present' }
const unhealthy = {
  about: other,
  reason: 'Unhealthy',
  message: 'Readiness probe failed: HTTP probe failed with statuscode: 500',
  type: 'Warning',
} as const

/** The rows of a section, in a reader's words. */
const rows = async (page: Page, heading: string) => {
  const section = page.locator('section').filter({ has: page.getByRole('heading', { name: heading }) })
  const texts = await section.locator('tbody tr').allInnerTexts()
  return texts.map((text) => text.replace(/\s+/g, ' '))
}
const status = (page: Page, words: string) =>
  page.locator('main [role=status]').getByText(words, { exact: true }).waitFor()
const field = (page: Page, name: string) => page.getByRole('searchbox', { name })
const choice = (page: Page, name: string) => page.getByRole('combobox', { name })

test('events are listed newest first, each counted over its time, those of this pod on their own', async (context) => {
  const api = await startApiServer(context)
  api.put('events', event({ ...about, secondsAgo: 300 }))
  api.put('events', event({ ...unhealthy, count: 12, secondsAgo: 20 }))
  api.put('events', event({ about: other, reason: 'Started', message: 'Started it', secondsAgo: 90 }))
  const page = await openEvents(context, api)
  await status(page, '3 events, 1 warning')
  const [first = '', second = '', ...rest] = await rows(page, 'All others')
  assert.match(
    first,
    /^\d\d:\d\d:\d\d \d+ s ago Warning Unhealthy Pod\/web-2 ×12 in 1 min 0 s Readiness probe failed: .* kubelet$/,
  )
  assert.match(second, /Normal Started Pod\/web-2 once Started it kubelet$/)
  assert.deepEqual(rest, [])
  const ofThis = await rows(page, 'This pod')
  assert.equal(ofThis.length, 1)
  assert.match(ofThis[0] ?? '', /Normal Pulled once Container image already present kubelet$/)
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('they are searched by type, object and words, and arranged by object', async (context) => {
  const api = await startApiServer(context)
  api.put('events', event(about))
  api.put('events', event(unhealthy))
  api.put('events', event({ about: other, reason: 'Started', message: 'Started it', secondsAgo: 90 }))
  const page = await openEvents(context, api)
  await status(page, '3 events, 1 warning')
  await choice(page, 'Type').selectOption('Warning')
  await status(page, '1 of 3 events, 1 warning')
  await choice(page, 'Type').selectOption('All')
  await field(page, 'Object').fill('pod/WEB-2')
  await status(page, '2 of 3 events, 1 warning')
  await field(page, 'Words').fill('statuscode')
  await status(page, '1 of 3 events, 1 warning')
  await field(page, 'Words').fill('nothing of the kind')
  await page.getByText('None of them has all of this.').waitFor()
  await field(page, 'Words').fill('')
  await choice(page, 'Arranged').selectOption('by object')
  const object = page.getByRole('button', { name: 'Pod/web-2' })
  assert.equal(await object.getAttribute('aria-expanded'), 'false')
  await object.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('table', { name: 'Events of Pod/web-2, newest first' }).waitFor()
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('one that comes, or comes again, is marked as new for a while, and those before it are not', async (context) => {
  const api = await startApiServer(context)
  const old = event(unhealthy)
  api.put('events', old)
  const page = await openEvents(context, api)
  await status(page, '1 event, 1 warning')
  const isNew = async () => (await rows(page, 'All')).map((row) => row.includes(' ago new '))
  assert.deepEqual(await isNew(), [false])
  api.put('events', event({ ...unhealthy, reason: 'Killing', secondsAgo: 0 }))
  await eventually('the one that came to be marked', async () => String(await isNew()) === 'true,false')
  api.put('events', { ...old, count: 2 })
  await eventually('the other one too', async () => String(await isNew()) === 'true,true')
  await eventually('both to be old', async () => String(await isNew()) === 'false,false')
})

test('a thousand of them can be searched at once, and a long message is whole at a click', async (context) => {
  const api = await startApiServer(context)
  const long = 'x'.repeat(1_000)
  for (let index = 0; index < 1_000; index += 1)
    api.put('events', event({ ...unhealthy, message: `${String(index)} ${long}`, secondsAgo: index }))
  const page = await openEvents(context, api, { viewport: { width: 360, height: 800 } })
  await status(page, 'the newest 1,000 events, 1,000 warnings')
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= 360, `${String(width)} px`)
  const started = performance.now()
  await field(page, 'Words').fill('998 ')
  await status(page, '1 of the newest 1,000 events, 1,000 warnings')
  const milliseconds = performance.now() - started
  assert.ok(milliseconds < 2_000, `${String(milliseconds)} ms`)
  await page.getByRole('button', { name: 'all 1,004 characters' }).click()
  await page.getByText(`998 ${long}`).waitFor()
})

test('where there are none, it says what brings some', async (context) => {
  const page = await openEvents(context, await startApiServer(context))
  await page.getByText('There are none now.').waitFor()
  assert.deepEqual(await accessibilityViolations(page), [])
})
