/** Every tab, with something on it, as axe-core sees it: contrast, names, roles, order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { tabs } from '../support/tabs.ts'

/** Something to see on each tab. */
async function fill(kuard: Kuard): Promise<void> {
  await kuard.get('/healthy')
  await kuard.put('/healthy/api', { failNext: 3 })
  for (const path of ['/healthy', '/ready']) await kuard.get(path)
  await kuard.post('/mem/api/alloc?size=50000000')
  await kuard.put('/keygen', { enable: true, memQServer: `${kuard.url}/memq/server`, memQQueue: 'missing' })
  await kuard.put('/reach/targets', { targets: [`${kuard.url}/`, '127.0.0.1:1'] })
  await kuard.put('/traffic', { enable: true, url: `${kuard.url}/missing`, rate: 20, count: 'body' })
  for (const queue of ['keygen', 'a queue with "odd" signs <&>']) {
    const path = `/memq/server/queues/${encodeURIComponent(queue)}`
    await kuard.ask('PUT', path)
    for (let item = 0; item < 3; item += 1) await kuard.post(`${path}/enqueue`, `item ${item}`)
    await kuard.post(`${path}/dequeue?lease=60`)
  }
}

test('axe-core finds nothing wrong with any tab, light or dark, wide or narrow, and none is wider than the window', async (context) => {
  const kuard = await startKuard(context, [], {
    env: { DB_PASSWORD: 'p', QUEUE_SERVICE_HOST: '10.0.0.1', QUEUE_SERVICE_PORT: '80' },
  })
  await fill(kuard)
  const page = await openPage(context, kuard)
  const more = [
    ['File system browser', '/fs/etc/?file=passwd'],
    ['Reach', `/-/reach?${new URLSearchParams({ target: `${kuard.url}/fs` }).toString()}`],
  ] as const
  for (const [word, path] of [...tabs, ...more]) {
    await page.goto(kuard.url + path)
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor()
    await eventually(
      `${word} to be filled`,
      async () => (await page.locator('main').innerText()).length > 100,
    )
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      // What is too wide now can be reached by keys from the next frame on.
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
      assert.ok(wide <= width, `${word} is ${wide} px wide in ${width}`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        assert.deepEqual(await accessibilityViolations(page), [], `${word}, ${colorScheme}, ${width} px wide`)
      }
    }
  }
})
