/** The Liveness Probe and Readiness Probe tabs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from '../support/browser.ts'
import { startKuard } from '../support/kuard.ts'

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
      assert.equal(await page.locator('svg rect.good').count(), 1)
    })
  }
}
