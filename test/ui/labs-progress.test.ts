/** How far a learner is: kept by the browser, apart for each namespace, and taken elsewhere in a file. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { startApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { currentStep, startLabs } from '../support/labs-page.ts'
import {
  fileOf,
  merged,
  readFile,
  readKept,
  standingOf,
  withDone,
  withoutDone,
} from '../../ui/src/tabs/labs/progress.ts'

/** Of steps that the learner ticks. */
const words = `---
title: Three words
minutes: 1
goal: You say them.
---

## One

Say one.

## Two

Say two.

## Three

Say three.
`

const says = (page: Page, text: string | RegExp) => page.locator('main').getByText(text).first().waitFor()
const done = (page: Page) => currentStep(page).getByRole('button', { name: 'Done', exact: true })
const isDone = (page: Page, count: number) => says(page, `${String(count)} of 3 steps done`)

async function startWords(context: TestContext) {
  const api = await startApiServer(context)
  return startLabs(context, api, { 'words.md': words })
}

test('it outlasts a reload, and other pages of the browser follow it', async (context) => {
  const { kuard } = await startWords(context)
  const page = await openPage(context, kuard, '/-/labs/words')
  const other = await page.context().newPage()
  await other.goto(`${kuard.url}/-/labs/words`)
  await isDone(other, 0)
  await done(page).click()
  await isDone(other, 1)
  await done(other).click()
  await isDone(page, 2)
  await page.reload()
  await isDone(page, 2)
  await currentStep(page).getByText('Say three.').waitFor()
})

test('what is done in one namespace is not done in another, at the same address', async (context) => {
  const api = await startApiServer(context)
  const start = async (namespace: string) => startLabs(context, api, { 'words.md': words }, { namespace })
  const [here, there] = [await start('team-a'), await start('team-b')]
  const page = await openPage(context, here.kuard, '/-/labs/words')
  await done(page).click()
  await isDone(page, 1)
  const keys = (where: Page) => where.evaluate<string[]>('Object.keys(localStorage)')
  const [key = ''] = (await keys(page)).filter((name) => name.startsWith('kuard-labs'))
  assert.match(key, /^kuard-labs \S+ team-a$/)
  const kept = await page.evaluate<string>(`localStorage.getItem(${JSON.stringify(key)})`)

  // A port-forward leads to another pod tomorrow, and the browser takes it for the same page.
  const another = await openPage(context, there.kuard, '/-/labs/words')
  await another.evaluate(`localStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(kept)})`)
  await another.reload()
  await isDone(another, 0)
  await done(another).click()
  await isDone(another, 1)
  assert.equal((await keys(another)).filter((name) => name.startsWith('kuard-labs')).length, 2)
})

test('it is saved as a file, and put back in another browser, where nothing is lost; a file that is none says why', async (context) => {
  const { kuard } = await startWords(context)
  const page = await openPage(context, kuard, '/-/labs')
  const save = page.getByRole('button', { name: 'Save as a file' })
  await save.waitFor()
  assert.equal(await save.isDisabled(), true)
  await page.getByRole('link', { name: 'Three words' }).click()
  await done(page).click()
  await isDone(page, 1)
  await page.getByRole('link', { name: 'All labs' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()])
  assert.equal(download.suggestedFilename(), 'kuard-labs-default.json')
  const saved = readFileSync(await download.path(), 'utf8')

  const elsewhere = await openPage(context, kuard, '/-/labs/words/2')
  await done(elsewhere).click()
  await isDone(elsewhere, 1)
  await elsewhere.getByRole('link', { name: 'All labs' }).click()
  const put = (name: string, text: string) =>
    elsewhere
      .getByLabel('Put back from a file')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
  for (const [text, fault] of [
    ['{', 'it is not JSON'],
    ['[]', 'it is not a file of progress in labs, which this page saves'],
    [saved.replace(/"begun": \d+/, '"begun": "now"'), 'what it says of labs is not as this page saves it'],
  ] as const) {
    await put('odd.json', text)
    await says(elsewhere, `odd.json: ${fault}.`)
  }
  await says(elsewhere, '1 of 3')
  await put('mine.json', saved)
  await says(elsewhere, 'mine.json: 1 tick more.')
  await says(elsewhere, '2 of 3')
  await put('mine.json', saved)
  await says(elsewhere, 'mine.json: nothing new.')
  assert.deepEqual(await accessibilityViolations(elsewhere), [])
})

test('where the browser keeps nothing the page says so, and counts all the same', async (context) => {
  const { kuard } = await startWords(context)
  const page = await openPage(context, kuard)
  await page.addInitScript(
    "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })",
  )
  await page.goto(`${kuard.url}/-/labs`)
  await says(page, /^It is not kept: this browser gives the page no storage/)
  await page.getByRole('link', { name: 'Three words' }).click()
  await done(page).click()
  await isDone(page, 1)
  await page.getByRole('link', { name: 'All labs' }).click()
  await says(page, '1 of 3')
  await eventually('a file to be had', async () =>
    page.getByRole('button', { name: 'Save as a file' }).isEnabled(),
  )
})

test('a tick counts from when the learner came, the first time it came, and whatever it is called', () => {
  const lab = { id: 'constructor', steps: [{ id: 'constructor' }, { id: 'two' }] }
  assert.deepEqual(standingOf(lab, {}), { done: 0, of: 2, next: 1, seconds: undefined })
  const one = withDone({}, lab.id, 'two', 1000, 5000)
  assert.deepEqual(standingOf(lab, one), { done: 1, of: 2, next: 1, seconds: undefined })
  const both = withDone(withDone(one, lab.id, 'constructor', 9000, 61_000), lab.id, 'two', 0, 99_000)
  assert.deepEqual(standingOf(lab, both), { done: 2, of: 2, next: undefined, seconds: 60 })
  assert.deepEqual(withoutDone(one, lab.id, 'two'), {})
})

test('two browsers’ progress is put together: no tick is lost, and the earlier time counts', () => {
  const one = { a: { begun: 10, done: { x: 20, y: 40 } }, b: { begun: 1, done: { z: 2 } } }
  const other = { a: { begun: 5, done: { y: 30, w: 50 } }, c: { begun: 3, done: { v: 4 } } }
  const both = {
    a: { begun: 5, done: { x: 20, y: 30, w: 50 } },
    b: { begun: 1, done: { z: 2 } },
    c: { begun: 3, done: { v: 4 } },
  }
  assert.deepEqual(merged(one, other), both)
  assert.deepEqual(merged(other, one), both)
  const place = { cluster: 'abc', namespace: 'team-a' }
  assert.deepEqual(readFile(fileOf(both, place)), { progress: both })
  assert.deepEqual(readKept(JSON.stringify(both)), both)
  for (const spoiled of [null, '', '{', '[1]', '{"a":{"begun":1}}', '{"a":{"begun":1,"done":{"x":1e99}}}'])
    assert.deepEqual(readKept(spoiled), {})
})
