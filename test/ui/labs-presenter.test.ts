/** A step for a room: one at a time, by keyboard or clicker, with what happens in the cluster beside it. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { currentStep, startLabs, webLab } from '../support/labs-page.ts'

/** Refers to what chapters show, so that the page knows where to look. */
const shown = `---
title: What is shown
minutes: 1
goal: Pictures.
---

## A rollout

See it.

\`\`\`step
do: [12-deployments/a-rollout-by-the-file/green]
expect: []
\`\`\`

## No picture

Only pods.

\`\`\`step
expect: []
\`\`\`
`

async function present(context: TestContext, path = 'web/1') {
  const api = await startApiServer(context)
  const { kuard } = await startLabs(context, api, { 'web.md': webLab, 'shown.md': shown })
  const page = await openPage(context, kuard, '/-/labs')
  await page.goto(`${kuard.url}/-/labs/${path}/present`)
  await page.getByRole('button', { name: 'Next' }).waitFor()
  return { api, kuard, page }
}

const title = (page: Page, words: string) => page.getByRole('heading', { level: 1, name: words }).waitFor()
const pictures = (page: Page) => page.getByRole('region', { name: 'Live' })

test('keys and a clicker lead from step to step, to the first and the last, and back to the lab at that step', async (context) => {
  const { page } = await present(context)
  await title(page, '1 Make it')
  for (const [key, words] of [
    ['PageDown', '2 Think about it'],
    ['ArrowRight', '3 Take it away'],
    ['ArrowRight', '3 Take it away'],
    ['PageUp', '2 Think about it'],
    ['ArrowLeft', '1 Make it'],
    [' ', '2 Think about it'],
    ['End', '3 Take it away'],
    ['Home', '1 Make it'],
    ['PageDown', '2 Think about it'],
  ] as const) {
    await page.keyboard.press(key)
    await title(page, words)
  }
  await page.waitForURL(/\/-\/labs\/web\/2\/present$/)
  // What has the focus is pressed, and nothing else happens.
  await page.getByRole('button', { name: 'Back' }).focus()
  await page.keyboard.press(' ')
  await title(page, '1 Make it')
  await page.keyboard.press('f')
  await eventually('the full screen', () => page.evaluate<boolean>('document.fullscreenElement !== null'))
  await page.keyboard.press('f')
  await eventually('a window', () => page.evaluate<boolean>('document.fullscreenElement === null'))
  await page.keyboard.press('Escape')
  await page.waitForURL(/\/-\/labs\/web\/1$/)
  await page.getByRole('navigation', { name: 'Tabs' }).waitFor()
  await currentStep(page).getByText('There is no pod web.').waitFor()
})

test('the step ticks itself in front of the room, and the pods beside it are live', async (context) => {
  const { api, page } = await present(context)
  await page.getByText('There is no pod web.').waitFor()
  await pictures(page).getByText('0 of 0', { exact: true }).waitFor()
  api.put('pods', pod({ name: 'web' }))
  await page.getByText('It was made for you.').waitFor()
  await pictures(page).getByText('1 of 1', { exact: true }).waitFor()
  await title(page, '1 Make it')
  await page.keyboard.press('PageDown')
  await page.getByText('What is it good for?').waitFor()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByText('For trying.').waitFor()
})

test('beside a step is the view that it names, else the pods; it is to be looked at, and takes no key', async (context) => {
  const { page } = await present(context, 'shown/1')
  await pictures(page)
    .getByText(/^Cluster, Rollout/)
    .waitFor()
  await page.keyboard.press('PageDown')
  await pictures(page)
    .getByText(/^Cluster, Pods/)
    .waitFor()
  await pictures(page).getByText('0 of 0', { exact: true }).waitFor()
  assert.equal(await pictures(page).locator('[inert]').count(), 1)
})

test('it is readable at any size, light and dark, and nothing is wrong with it', async (context) => {
  const { api, page } = await present(context)
  api.put('pods', pod({ name: 'web' }))
  await page.getByText('It was made for you.').waitFor()
  for (const path of ['web/1', 'web/2', 'web/3']) {
    await title(page, path.replace('web/', ''))
    for (const [width, height] of [
      [1280, 720],
      [1920, 1080],
      [360, 800],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        assert.deepEqual(await accessibilityViolations(page), [], `${path}, ${colorScheme}, ${width} px`)
      }
    }
    const sizes = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.prose, .command code')].map((each) => parseFloat(getComputedStyle(each).fontSize))",
    )
    assert.ok(
      sizes.every((size) => size >= 14),
      `${sizes.join()} px`,
    )
    await page.keyboard.press('PageDown')
  }
})
