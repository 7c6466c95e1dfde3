/** The Faults tab, with faults of requests. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { badge, button, endedRow, lineOf, openForm, summaryOf } from '../support/faults-page.ts'
import { startKuard } from '../support/kuard.ts'

/** What faults of requests touch: neither the page nor a probe. */
const asked = '/env/api'

test('/a/-/faults: a fault begun from its form is felt by clients, counted, and ends when its time is up', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/a/-/faults')
  await badge(page, 'no fault is on').waitFor()
  await page.getByText('Nothing yet: no fault has ended').waitFor()
  const form = await openForm(page, 'Errors')
  await form.getByLabel('Share of requests, in %').fill('100')
  await form.getByLabel('Status').fill('429')
  await button(form, '30 s').click()
  await form.getByText(`curl -X PUT -d '{"status":429,"seconds":30}' ${kuard.url}/a/faults/error`).waitFor()
  await form
    .getByText('args: [--fault-error-share=1, --fault-error-status=429, --fault-seconds=30]')
    .waitFor()
  await button(form, 'Begin').click()

  await badge(page, '1 fault is on').waitFor()
  assert.equal((await kuard.get(asked)).status, 429)
  const errors = lineOf(page, /Errors answers all requests with 429/)
  await errors.getByText('1 request touched').waitFor()
  await errors.getByText(/^\d+ s left/).waitFor()
  await summaryOf(page, 'Errors').getByText('is on').waitFor()

  await kuard.put('/faults/error', { status: 500, seconds: 1 })
  await endedRow(page, /Errors answers all requests with 429 .* replaced/).waitFor()
  await endedRow(page, /Errors answers all requests with 500 .* its time was up/).waitFor()
  await badge(page, 'no fault is on').waitFor()
  assert.equal((await kuard.get(asked)).status, 200)
})

test('the time left counts down while nothing is told', async (context) => {
  const kuard = await startKuard(context, ['--fault-error-share=1', '--fault-seconds=600'])
  const page = await openPage(context, kuard, '/-/faults')
  const left = lineOf(page, 'Errors').locator('strong').last()
  await left.getByText(/^9 min/).waitFor()
  const first = await left.innerText()
  await eventually('less time to be left', async () => (await left.innerText()) !== first)
})

test('a fault that is on is replaced and taken back from its form too', async (context) => {
  const kuard = await startKuard(context, ['--fault-error-share=0.5'])
  const page = await openPage(context, kuard, '/-/faults')
  const form = await openForm(page, 'Errors')
  await form.getByLabel('Status').fill('418')
  await button(form, 'Replace').click()
  await lineOf(page, /Errors .* 418/).waitFor()
  await button(form, 'Take back').click()
  await badge(page, 'no fault is on').waitFor()
  await button(form, 'Begin').waitFor()
})

test('what is dangerous says what it will do, and does nothing until that is confirmed', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults')
  for (const [name, label, typed, words] of [
    ['Crash', 'Exit code', '3', /^At once the process exits with code 3; the kubelet starts/],
    ['Deadlock', 'After, in s', '5', /^After 5 s nothing is answered for 120 s/],
    ['Memory leak', 'Rate, in MiB/s', '7.5', /^It takes 7.5 MiB more each second: at the container’s limit/],
    ['Full disk', 'Space, in MiB', '20', /^It writes 20 MiB below \/tmp, and gives them back at its end/],
    ['Ignored SIGTERM', undefined, '', /^When the pod is to end, nothing happens until/],
  ] as const) {
    const form = await openForm(page, name)
    if (label !== undefined) await form.getByLabel(label).fill(typed)
    await button(form, 'Begin').click()
    await form.getByText(words).waitFor()
    await button(form, 'Keep').click()
    await form.getByText(words).waitFor({ state: 'detached' })
  }
  assert.doesNotMatch(kuard.output, /PUT \/faults/)
})

test('what the server refuses is said beside the button', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  const page = await openPage(context, kuard, '/-/faults', { mayComplain: /403/ })
  const form = await openForm(page, 'Errors')
  await button(form, 'Begin').click()
  const alert = form.getByRole('alert')
  await alert.getByText('PUT /faults/error: 403').waitFor()
  assert.match(await alert.innerText(), /read-only/)
  await badge(page, 'no fault is on').waitFor()
})

test('what is typed wrong is named at its field, and neither sent nor put into a command', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults')
  const form = await openForm(page, 'Errors')
  await form.getByLabel('Status').fill('200')
  await form.getByText(/^args: /).waitFor({ state: 'detached' })
  await button(form, 'Begin').click()
  await form.getByText('a whole number from 400 to 599').waitFor()
  await form.getByLabel('Status').fill('503')
  await button(form, 'Begin').click()
  await badge(page, '1 fault is on').waitFor()
  await kuard.logged(/PUT \/faults/)
  assert.equal(kuard.output.match(/PUT \/faults/g)?.length, 1)
})

test('by keyboard alone a fault is chosen, told how long, begun and taken back', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults')
  const focused = (words: string) =>
    eventually(`the focus to be on ${words}`, () =>
      page.evaluate<boolean>(`document.activeElement.textContent.trim().startsWith('${words}')`),
    )
  await summaryOf(page, 'Errors').focus()
  await page.keyboard.press('Enter')
  const form = page.getByRole('form', { name: 'Errors' })
  await form.waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type('1')
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press('Tab')
  await focused('30')
  await page.keyboard.press('End')
  await focused('until taken back')
  await page.keyboard.press('Enter')
  await form.getByText('{"share":0.01}').waitFor()
  await form.getByLabel('Status').focus()
  await page.keyboard.press('Enter')
  await badge(page, '1 fault is on').waitFor()
  await button(page, 'Take back: Errors').focus()
  await page.keyboard.press('Enter')
  await badge(page, 'no fault is on').waitFor()
  await eventually('the keyboard to go on from there', () =>
    page.evaluate<boolean>("document.activeElement.matches('main section')"),
  )
})

test('what was typed stays while another tab is on show', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults')
  await (await openForm(page, 'Delay')).getByLabel('Delay, in ms').fill('1234')
  await page.getByRole('link', { name: 'Memory' }).click()
  await page.getByRole('link', { name: 'Faults' }).click()
  assert.equal(await (await openForm(page, 'Delay')).getByLabel('Delay, in ms').inputValue(), '1234')
})

test('where requests may ask for faults, the page shows how', async (context) => {
  const kuard = await startKuard(context, ['--fault-by-query'])
  const page = await openPage(context, kuard, '/-/faults')
  await page.getByText(`curl '${kuard.url}/?fault.delay=200ms&fault.status=503:30'`).waitFor()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the ${colorScheme} Faults tab has nothing that axe-core objects to`, async (context) => {
    const kuard = await startKuard(context, ['--fault-error-share=1', '--fault-seconds=600'])
    await kuard.put('/faults/error', { seconds: 600 })
    const page = await openPage(context, kuard, '/-/faults', { colorScheme })
    await lineOf(page, 'Errors').waitFor()
    for (const name of ['Errors', 'Cut connections', 'Crash', 'Full disk']) await openForm(page, name)
    const form = page.getByRole('form', { name: 'Crash' })
    await button(form, 'Begin').click()
    await button(form, 'Keep').waitFor()
    const disk = page.getByRole('form', { name: 'Full disk' })
    await disk.getByLabel('Space, in MiB').fill('0')
    await button(disk, 'Begin').click()
    await disk.getByText('a whole number from 1 to 1,048,576').waitFor()
    await endedRow(page, /replaced/).waitFor()
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      assert.deepEqual(await accessibilityViolations(page), [])
    }
  })
}
