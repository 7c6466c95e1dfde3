/** The Liveness Probe and Readiness Probe tabs. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { describeRun, latestRun } from '../../ui/src/tabs/probe/latest-run.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

const badge = (page: Page) => page.locator('main .badge')
const strip = (page: Page) => page.getByRole('slider', { name: 'Each probe of the last 5 minutes' })
const marks = (page: Page, kind: 'good' | 'bad') => page.locator(`figure rect.${kind}`)
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function openLiveness(context: TestContext, args: readonly string[] = []): Promise<[Kuard, Page]> {
  const kuard = await startKuard(context, args)
  return [kuard, await openPage(context, kuard, '/-/liveness')]
}

for (const prefix of ['', '/a']) {
  for (const [name, path] of [
    ['liveness', '/healthy'],
    ['readiness', '/ready'],
  ] as const) {
    test(`a ${name} probe appears on ${prefix}/-/${name} within a second of its request`, async (context) => {
      const kuard = await startKuard(context)
      const page = await openPage(context, kuard, `${prefix}/-/${name}`)
      await page.getByText('passing', { exact: true }).waitFor()
      await kuard.get(path)
      await page.getByRole('cell', { name: '200 passed' }).waitFor({ timeout: 1_000 })
      assert.equal(await marks(page, 'good').count(), 1)
      await button(page, 'Fail').click()
      await page.getByText('until told otherwise').waitFor()
      assert.equal((await kuard.get(path)).status, 500)
      await page.getByRole('cell', { name: '500 failed' }).waitFor({ timeout: 1_000 })
    })
  }
}

test('Fail and Succeed change what the next probes are answered, and the page says so', async (context) => {
  const [kuard, page] = await openLiveness(context)
  await button(page, 'Fail').click()
  await badge(page).getByText('failing', { exact: true }).waitFor()
  await badge(page).getByText('until told otherwise').waitFor()
  assert.deepEqual(await answers(kuard, 3), ['fail, permanent', 'fail, permanent', 'fail, permanent'])
  await page.getByText('The last 3 probes failed.').waitFor()
  await badge(page).getByText('since').waitFor()
  await button(page, 'Succeed').click()
  await badge(page).getByText('passing', { exact: true }).waitFor()
  await page.getByText('The last 3 probes failed; none has come since.').waitFor()
  assert.deepEqual(await answers(kuard, 1), ['ok'])
  await page.getByText('The last probe passed.').waitFor()
})

test('each number fails so many probes, counting down on the page', async (context) => {
  const [kuard, page] = await openLiveness(context)
  for (const count of [1, 2, 3, 5, 10]) {
    await page
      .getByRole('toolbar', { name: 'Fail for next N calls:' })
      .getByText(String(count), { exact: true })
      .click()
    await badge(page)
      .getByText(count === 1 ? 'fails the next probe' : `fails the next ${String(count)} probes`, {
        exact: true,
      })
      .waitFor()
    const said = await answers(kuard, count + 1)
    assert.equal(said.filter((words) => words.startsWith('fail')).length, count)
    assert.equal(said.at(-1), 'ok')
    await badge(page).getByText('passing', { exact: true }).waitFor()
  }
  await button(page, '3').click()
  await answers(kuard, 1)
  await badge(page).getByText('fails the next 2 probes').waitFor()
})

test('arrow keys, Home and End go along the numbers, and Enter chooses', async (context) => {
  const [kuard, page] = await openLiveness(context)
  const focused = () => page.evaluate('document.activeElement.textContent')
  await button(page, '1').focus()
  for (const [key, number] of [
    ['ArrowRight', '2'],
    ['ArrowDown', '3'],
    ['ArrowLeft', '2'],
    ['End', '10'],
    ['ArrowRight', '1'],
    ['ArrowUp', '10'],
    ['Home', '1'],
    ['ArrowRight', '2'],
  ] as const) {
    await page.keyboard.press(key)
    assert.equal(await focused(), number, key)
  }
  await page.keyboard.press('Enter')
  await badge(page).getByText('fails the next 2 probes').waitFor()
  assert.equal(await focused(), '2')
  assert.equal((await kuard.get('/healthy')).text, 'fail, 1 left')
})

test('the strip tells each probe to keys and pointer, by its time and outcome', async (context) => {
  const [kuard, page] = await openLiveness(context, ['--liveness-fail-next=1'])
  await page.getByRole('img', { name: 'No probe in the last 5 minutes' }).waitFor()
  await answers(kuard, 3)
  await page.getByText('3 probes in the last 5 minutes, 1 failed').waitFor()
  assert.deepEqual([await marks(page, 'good').count(), await marks(page, 'bad').count()], [2, 1])

  const chosen = () => strip(page).getAttribute('aria-valuetext')
  await strip(page).focus()
  for (const [key, place, outcome] of [
    ['ArrowLeft', '3', '200, passed'],
    ['ArrowLeft', '2', '200, passed'],
    ['ArrowLeft', '1', '500, failed'],
    ['ArrowLeft', '1', '500, failed'],
    ['End', '3', '200, passed'],
    ['ArrowRight', '3', '200, passed'],
    ['Home', '1', '500, failed'],
  ] as const) {
    await page.keyboard.press(key)
    assert.match((await chosen()) ?? '', new RegExp(String.raw`^\d\d:\d\d:\d\d: ${outcome}$`))
    assert.equal(await strip(page).getAttribute('aria-valuenow'), place)
  }
  await page.getByText(/^\d\d:\d\d:\d\d, \d+ s ago: 500, failed$/).waitFor()
  await page.keyboard.press('Tab')
  await page.getByText('3 probes in the last 5 minutes, 1 failed').waitFor()
  await strip(page).hover({ position: { x: 5, y: 5 } })
  await page.getByText(/ago: 500, failed$/).waitFor()
  await page.getByRole('heading').hover()
  await page.getByText('3 probes in the last 5 minutes, 1 failed').waitFor()
})

test('a page that is opened later shows the probes that came before', async (context) => {
  const kuard = await startKuard(context, ['--liveness-fail-next=-1'])
  await answers(kuard, 25)
  const page = await openPage(context, kuard, '/-/liveness')
  await page.getByText('20 probes in the last 5 minutes, 20 failed').waitFor()
  await page.getByText('At least the last 20 probes failed.').waitFor()
  assert.equal(await badge(page).getByText('since').count(), 0)
})

test('600 probes are shown, and each can be reached', async (context) => {
  const [kuard, page] = await openLiveness(context)
  // Slower than they come, the page is told the last 20 at once.
  for (let sent = 0; sent < 620; sent += 20) {
    await Promise.all(Array.from({ length: 20 }, () => kuard.get('/healthy')))
    await page.getByRole('cell', { name: String(sent + 20), exact: true }).waitFor()
  }
  await page.getByText('600 probes in the last 5 minutes, none failed').waitFor()
  await strip(page).press('Home')
  assert.equal(await strip(page).getAttribute('aria-valuenow'), '1')
})

test('a restarted container’s probes join those of the one before', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/liveness', { mayComplain: /ERR_|Failed to load resource/ })
  await answers(kuard, 2)
  await page.getByText('2 probes in the last 5 minutes, none failed').waitFor()
  await kuard.kill()
  const next = await startKuard(context, [`--address=127.0.0.1:${kuard.port}`, '--liveness-fail-next=2'])
  await badge(page).getByText('fails the next 2 probes').waitFor()
  await answers(next, 2)
  await page.getByText('4 probes in the last 5 minutes, 2 failed').waitFor()
})

test('shutting down is told as the reason why readiness fails', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=30'])
  const page = await openPage(context, kuard, '/-/readiness')
  await badge(page).getByText('passing', { exact: true }).waitFor()
  kuard.child.kill('SIGTERM')
  await badge(page).getByText('shutting down: every probe fails until the process ends').waitFor()
  assert.equal((await kuard.get('/ready')).text, 'fail, shutting down')
})

test('a server that refuses says why beside the buttons', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  const page = await openPage(context, kuard, '/-/liveness', { mayComplain: /403/ })
  await button(page, 'Fail').click()
  const alert = page.getByRole('alert')
  await alert.getByText('(PUT /healthy/api: 403)').waitFor()
  assert.match(await alert.innerText(), /read-only/)
  await badge(page).getByText('passing', { exact: true }).waitFor()
})

test('a button is busy while its call is under way, and a second press does nothing', async (context) => {
  const [, page] = await openLiveness(context)
  let calls = 0
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
  await page.route('**/healthy/api', async (route) => {
    calls += 1
    await released
    await route.continue()
  })
  await button(page, '5').click()
  await page.locator('button[aria-busy=true]').getByText('5').waitFor()
  await page.getByText('working').waitFor()
  await button(page, 'Fail').click()
  release(undefined)
  await badge(page).getByText('fails the next 5 probes').waitFor()
  await eventually(
    'no button to be busy',
    async () => (await page.locator('button[aria-busy=true]').count()) === 0,
  )
  assert.equal(calls, 1)
})

test('a lost server is told beside the buttons', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/liveness', { mayComplain: /ERR_|Failed to load resource/ })
  await badge(page).getByText('passing', { exact: true }).waitFor()
  await kuard.kill()
  await button(page, 'Fail').click()
  await page.getByRole('alert').getByText('the server can’t be reached').waitFor()
})

test('a run of probes begins where the one before ended differently', () => {
  const mark = (id: number, code: number) => ({ id, time: id * 1000, code })
  assert.equal(latestRun([]), undefined)
  assert.deepEqual(latestRun([mark(7, 500), mark(8, 200), mark(9, 200)]), {
    good: true,
    count: 2,
    since: 8000,
  })
  assert.deepEqual(latestRun([mark(1, 200), mark(2, 200)]), { good: true, count: 2, since: 1000 })
  assert.deepEqual(latestRun([mark(6, 500), mark(7, 500)]), { good: false, count: 2, since: undefined })
  assert.equal(describeRun({ good: false, count: 1, since: 1 }, false), 'The last probe failed.')
})

/** Sends so many probes, one after the other. */
async function answers(kuard: Kuard, count: number): Promise<string[]> {
  const said: string[] = []
  for (let sent = 0; sent < count; sent += 1) said.push((await kuard.get('/healthy')).text)
  return said
}
