/** The KeyGen Workload tab. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { KeyGenStatus } from '../../server/features/keygen/wire.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { cheapKeys } from '../support/cheap-keys.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

const status = async (kuard: Kuard): Promise<KeyGenStatus> => (await kuard.get('/keygen')).json(KeyGenStatus)

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

const state = (page: Page, word: string) => page.getByText(word, { exact: true })

test('/a/-/keygen: a workload runs to its end in front of the reader', async (context) => {
  // So slowly that all that is seen while it runs can be seen on a slow machine.
  const kuard = await startKuard(context, [], cheapKeys({ milliseconds: 900 }))
  const page = await openPage(context, kuard, '/a/-/keygen')
  await state(page, 'never started').waitFor()
  await page.getByText('Nothing yet. Start a workload above').waitFor()

  await page.getByLabel('Keys to make').fill('15')
  await button(page, 'Start').click()
  await state(page, 'running').waitFor()
  await page.getByText(/^[1-9] of 15 keys$/).waitFor()
  const progress = page.getByRole('progressbar', { name: 'Progress' })
  const share = Number(await progress.getAttribute('value'))
  assert.ok(share > 0 && share < 1, `it is at ${share}`)
  await page.getByRole('img', { name: /^Plot of keys made .* all 15/ }).waitFor()
  await page.locator('canvas').waitFor()
  await page.getByText(/^[3-7]\d\.\d keys per minute$/).waitFor()
  await page.getByText(/^about \d+ s$/).waitFor()

  await state(page, 'complete').waitFor()
  await page.getByText('15 of 15 keys').waitFor()
  await page.getByText(/^[3-7]\d\.\d keys per minute$/).waitFor()
  await page.getByText(/^(?:1[3-9]|2\d) s$/).waitFor()
  await page.getByRole('cell', { name: /^\(ID 0 15\/15\) Item done: SHA256:/ }).waitFor()
  const newest = page.getByRole('row').nth(1).getByRole('cell')
  assert.equal((await newest.nth(1).textContent())?.trim(), '(ID 0) Workload exiting')
})

test('a workload that only time limits shows the time left, Submit replaces it, and Stop ends it', async (context) => {
  const kuard = await startKuard(context, [], cheapKeys({ milliseconds: 200 }))
  const page = await openPage(context, kuard, '/-/keygen')
  await page.getByLabel('Time to run, in seconds').fill('300')
  await button(page, 'Start').click()
  await page.getByText(/^4 min 5\d s$/).waitFor()
  await page.getByRole('progressbar').waitFor()

  await page.getByLabel('Time to run, in seconds').fill('0')
  await button(page, 'Submit').click()
  await page.getByRole('cell', { name: '(ID 1) Workload starting' }).waitFor()
  await page.getByRole('progressbar').waitFor({ state: 'detached' })

  await button(page, 'Stop').click()
  await state(page, 'stopped').waitFor()
  await button(page, 'Start').waitFor()
  const { config, progress } = await status(kuard)
  assert.deepEqual([config.enable, config.timeToRun, progress.running], [false, 0, false])
})

test('everything that is set is sent, with a queue to choose from those that are known', async (context) => {
  const kuard = await startKuard(context, [], cheapKeys())
  await kuard.ask('PUT', '/memq/server/queues/work')
  await kuard.post('/memq/server/queues/work/enqueue', 'item')
  const page = await openPage(context, kuard, '/-/keygen')
  await page.locator('datalist option[value=work]').waitFor({ state: 'attached' })
  await page.getByLabel('MemQ server').fill(`${kuard.url}/memq/server`)
  await page.getByLabel('MemQ queue').fill('work')
  await page.getByText('ignored: the queue is what limits it').first().waitFor()
  await page.getByLabel('Exit code').fill('7')
  await page.getByLabel('Exit when complete').check()
  await page.getByText(/^This process will exit when the workload is complete, with code 7/).waitFor()
  await page.getByLabel('Exit when complete').uncheck()
  await page.getByLabel('Exit code').press('Enter')
  await page.getByRole('cell', { name: /^Item done: SHA256:/ }).waitFor()
  await page.getByText('1 key', { exact: true }).waitFor()
  assert.deepEqual((await status(kuard)).config, {
    enable: true,
    numToGen: 0,
    timeToRun: 0,
    memQServer: `${kuard.url}/memq/server`,
    memQQueue: 'work',
    exitOnComplete: false,
    exitCode: 7,
  })
})

test('the form is there too when its tab is opened after the server’s settings have come', async (context) => {
  const kuard = await startKuard(context, ['--keygen-num-to-gen=3'])
  const page = await openPage(context, kuard, '/-/mem')
  await page
    .getByRole('table', { name: 'Control group' })
    .or(page.getByText('memory.usage'))
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'KeyGen Workload' }).click()
  await page.getByLabel('Keys to make').waitFor({ timeout: 5_000 })
  assert.equal(await page.getByLabel('Keys to make').inputValue(), '3')
})

test('with exit on completion the process exits with the code, and the page says that it is gone', async (context) => {
  const kuard = await startKuard(context, [], cheapKeys({ milliseconds: 100 }))
  const page = await openPage(context, kuard, '/-/keygen', { mayComplain: /ERR_/ })
  await page.getByLabel('Keys to make').fill('2')
  await page.getByLabel('Exit code').fill('7')
  await page.getByLabel('Exit when complete').check()
  await button(page, 'Start').click()
  assert.equal((await kuard.ended).code, 7)
  await page.getByText(/^The server has been out of reach since/).waitFor()
  // Whether the last state still came is up to chance.
  await page.getByRole('button', { name: /^(Start|Submit)$/ }).click()
  await page.getByRole('alert').getByText('the server can’t be reached').waitFor()
})

test('what is typed wrong is named at its field, before anything is sent', async (context) => {
  const kuard = await startKuard(context, [], cheapKeys())
  const page = await openPage(context, kuard, '/-/keygen')
  for (const [label, typed, right, words] of [
    ['Keys to make', 'ten', '1', 'a whole number of keys; 0 is no limit'],
    ['Time to run, in seconds', '-1', '0', 'a whole number of seconds; 0 is no limit'],
    ['Exit code', '256', '0', 'a whole number from 0 to 255'],
    ['MemQ queue', 'work', '', 'a queue needs its server too'],
    ['MemQ server', 'queue:8080', '', 'a URL such as http://queue:8080/memq/server'],
    ['MemQ server', 'http://queue:8080/memq/server', '', 'a server needs the name of a queue too'],
  ] as const) {
    const field = page.getByLabel(label)
    await field.fill(typed)
    await button(page, 'Start').click()
    await page.getByText(words, { exact: true }).waitFor()
    await field.fill(right)
    await page.getByText(words, { exact: true }).waitFor({ state: 'detached' })
  }
  assert.doesNotMatch(kuard.output, /PUT \/keygen/)
  await button(page, 'Start').click()
  await state(page, 'complete').waitFor()
})

test('what the reader types stays when the server’s settings change, which the page says, and takes over when told', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/keygen')
  const keys = page.getByLabel('Keys to make')
  await kuard.put('/keygen', { numToGen: 5 })
  await eventually('the form to follow', async () => (await keys.inputValue()) === '5')

  await keys.fill('6')
  await kuard.put('/keygen', { numToGen: 7 })
  await page.getByText('The server’s settings have changed since.').waitFor()
  await page.getByRole('link', { name: 'Memory' }).click()
  await page.getByRole('link', { name: 'KeyGen Workload' }).click()
  assert.equal(await keys.inputValue(), '6')
  await button(page, 'Take them over').click()
  assert.equal(await keys.inputValue(), '7')
  await page.getByText('The server’s settings have changed since.').waitFor({ state: 'detached' })
})

test('what the server refuses is said beside the button', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  const page = await openPage(context, kuard, '/-/keygen', { mayComplain: /403/ })
  await button(page, 'Start').click()
  await page.getByRole('alert').getByText('PUT /keygen: 403').waitFor()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the ${colorScheme} KeyGen Workload tab has nothing that axe-core objects to`, async (context) => {
    const kuard = await startKuard(
      context,
      ['--keygen-enable', '--keygen-num-to-gen=1000'],
      cheapKeys({ milliseconds: 200 }),
    )
    const page = await openPage(context, kuard, '/-/keygen', { colorScheme })
    await page.locator('canvas').waitFor()
    await page.getByLabel('Exit when complete').check()
    await page.getByLabel('Exit code').fill('300')
    await button(page, 'Submit').click()
    await page.getByText('a whole number from 0 to 255').waitFor()
    await button(page, 'Stop').click()
    await state(page, 'stopped').waitFor()
    assert.deepEqual(await accessibilityViolations(page), [])
  })
}
