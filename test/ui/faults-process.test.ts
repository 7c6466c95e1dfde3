/** The Faults tab, with faults of the process. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultsState } from '../../server/features/faults/wire.ts'
import { faultForms, type FaultForm } from '../../ui/src/tabs/faults/forms.ts'
import { flagsOf, initialSettings, orderOf } from '../../ui/src/tabs/faults/settings.ts'
import { openPage } from '../support/browser.ts'
import { badge, button, endedRow, lineOf, openForm } from '../support/faults-page.ts'
import { faultsOf } from '../support/faults.ts'
import { startKuard } from '../support/kuard.ts'

test('one fault is taken back alone, and End all ends the others', async (context) => {
  const kuard = await startKuard(context)
  await kuard.put('/faults/error', { path: '/never' })
  await kuard.put('/faults/cpu', { cores: 0.01 })
  await kuard.put('/faults/ignore-sigterm', {})
  const page = await openPage(context, kuard, '/-/faults')
  await badge(page, '3 faults are on').waitFor()
  await lineOf(page, 'until taken back').first().waitFor()
  await button(page, 'Take back: Errors').click()
  await badge(page, '2 faults are on').waitFor()
  await endedRow(page, /Errors .* taken back/).waitFor()
  assert.deepEqual(
    (await faultsOf(kuard)).faults.map(({ kind }) => kind),
    ['cpu', 'ignore-sigterm'],
  )
  await button(page, 'End all').click()
  await badge(page, 'no fault is on').waitFor()
  assert.deepEqual((await faultsOf(kuard)).faults, [])
})

test('after a crash the page says that its server is gone, and with the next process that the fault went with it', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults', { mayComplain: /ERR_/ })
  await kuard.put('/faults/ignore-sigterm', {})
  const form = await openForm(page, 'Crash')
  await form.getByLabel('Exit code').fill('3')
  await button(form, 'Begin').click()
  await button(form, 'Begin').click()
  assert.equal((await kuard.ended).code, 3)
  await page.getByText(/^The server has been out of reach since/).waitFor()

  await startKuard(context, [`--address=127.0.0.1:${kuard.port}`])
  await page.getByText(/Gone with it:\s+ignores SIGTERM; crashes with code 3/).waitFor()
  await badge(page, 'no fault is on').waitFor()
  await button(page, 'Dismiss').click()
  await page.getByText('The container was restarted').waitFor({ state: 'detached' })
})

test('a restart while another tab is on show is told with the Faults tab', async (context) => {
  const first = await startKuard(context, ['--fault-ignore-sigterm'])
  const page = await openPage(context, first, '/-/faults', { mayComplain: /ERR_/ })
  await badge(page, '1 fault is on').waitFor()
  await page.getByRole('link', { name: 'Memory' }).click()
  await first.kill()
  await page.getByText(/^The server has been out of reach since/).waitFor()
  await startKuard(context, [`--address=127.0.0.1:${first.port}`])
  await page.getByText('connected', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Faults' }).click()
  await page
    .getByText(
      /The container was restarted\s+while another tab was on show\. Gone with it:\s+ignores SIGTERM/,
    )
    .waitFor()
  await badge(page, 'no fault is on').waitFor()
})

test('the flags that a form shows begin the fault that the form begins', async (context) => {
  const forms = Object.values<FaultForm>(faultForms)
  for (const form of forms.filter(({ flagAfter }) => flagAfter === undefined)) {
    const settings = initialSettings(form)
    const byFlags = await startKuard(context, flagsOf(form, settings))
    const [fault] = (await faultsOf(byFlags)).faults
    const answer = await byFlags.put(`/faults/${form.kind}`, orderOf(form, settings))
    const [again] = answer.json(FaultsState).faults
    assert.deepEqual([fault?.kind, fault?.order, fault?.words], [form.kind, again?.order, again?.words])
    await byFlags.kill()
  }
})

test('while nothing is answered, the page says so, and when the deadlock is over, that it is', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults', { mayComplain: /ERR_/ })
  const form = await openForm(page, 'Deadlock')
  await form.getByLabel('For, in s').fill('20')
  await button(form, 'Begin').click()
  await form.getByText(/^At once nothing is answered for 20 s, nor can this be taken back then/).waitFor()
  await button(form, 'Begin').click()
  await page.getByText(/^The server has been out of reach since/).waitFor()
  await lineOf(page, 'Deadlock').waitFor()
  await endedRow(page, /Deadlock/).waitFor()
  await badge(page, 'no fault is on').waitFor()
})

test('a fault says how far it has come, such as how much of the disk it holds', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/faults')
  const form = await openForm(page, 'Full disk')
  await form.getByLabel('Space, in MiB').fill('3')
  await button(form, 'Begin').click()
  await button(form, 'Begin').click()
  const disk = lineOf(page, 'Full disk')
  await disk.getByText('3 MiB taken').waitFor()
  await button(disk, 'Take back: Full disk').click()
  await endedRow(page, /Full disk .* taken back/).waitFor()
})
