/** The way from view to view in the Cluster tab. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startPodIn } from '../support/pod.ts'

const links = (page: Page) => page.getByRole('navigation', { name: 'Views' }).getByRole('link')
const titled = (page: Page, title: string): Promise<boolean> =>
  eventually(`the title ${title}`, async () => (await page.title()) === title)

test('each view has its address, its title and its mark, and a keyboard goes on from the page’s heading', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const page = await openPage(context, kuard, '/-/cluster')
  await titled(page, 'Pods – Cluster – kuard on web-1')
  const words = await links(page).allInnerTexts()
  assert.ok(words.length > 6)
  for (const word of words) {
    await links(page).getByText(word, { exact: true }).press('Enter')
    await titled(page, `${word} – Cluster – kuard on web-1`)
    assert.deepEqual(await page.locator('nav[aria-label=Views] [aria-current=page]').allInnerTexts(), [word])
    await eventually('the heading to be focused', () =>
      page.evaluate("document.activeElement.tagName === 'H1'"),
    )
    const wanted = page.url()
    await page.reload()
    await titled(page, `${word} – Cluster – kuard on web-1`)
    assert.equal(page.url(), wanted)
  }
  await page.getByRole('link', { name: 'Memory' }).click()
  await titled(page, 'Memory – kuard on web-1')
})

test('an address without a view says so', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const page = await openPage(context, kuard, "/-/cluster/pods-that-don't-exist")
  await page.getByText("There is no view at -/cluster/pods-that-don't-exist.").waitFor()
  await titled(page, 'No such view – Cluster – kuard on web-1')
})

test('in a narrow page the views are one row, and the one on show is in sight', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const page = await openPage(context, kuard, '/-/cluster/may-i', { viewport: { width: 360, height: 800 } })
  const shown = links(page).getByText('May I', { exact: true })
  await eventually('the view on show to be in sight', async () => {
    const box = await shown.boundingBox()
    return box !== null && box.x >= 0 && box.x + box.width <= 360
  })
  const boxes = await Promise.all((await links(page).all()).map((link) => link.boundingBox()))
  assert.ok(boxes.length > 6)
  assert.equal(new Set(boxes.map((box) => box?.y)).size, 1)
})
