/** Node and quality of service in the header: where they can be seen, and without moving anything. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startPodIn } from '../support/pod.ts'

const place = (page: Page) => page.locator('header .place')
const words = async (page: Page) => (await place(page).innerText()).replace(/\s+/g, ' ').trim()
const height = (page: Page) => page.evaluate<number>("document.querySelector('header').offsetHeight")

test('the header has the pod’s node and its quality of service, as they come, and nothing moves for them', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api)
  const page = await openPage(context, kuard, '/', { viewport: { width: 1280, height: 800 } })
  assert.equal(await words(page), '')
  const before = await height(page)
  api.put('pods', pod({ name: 'kuard', node: 'node-7', status: { qosClass: 'Burstable' } }))
  await eventually('both', async () => (await words(page)) === 'node node-7 QoS Burstable')
  assert.equal(await height(page), before)
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('what has no room beside the rest is not cut, and a narrow header is as it was', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'kuard', node: 'n'.repeat(253) }))
  const { kuard } = await startPodIn(context, api)
  for (const width of [360, 900, 1000]) {
    const page = await openPage(context, kuard, '/', { viewport: { width, height: 800 } })
    await eventually('the node', async () => ((await place(page).textContent()) ?? '').includes('nnn'))
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(wide <= width, `${String(wide)} px`)
    const top = await page.evaluate<number>(`(() => {
      const { top, height } = document.querySelector('header .place').getBoundingClientRect()
      const node = document.querySelector('header .place > span').getBoundingClientRect()
      return height === 0 ? 1 : node.top - top
    })()`)
    assert.ok(top > 0, 'the name is below what is seen')
  }
})

test('where this pod may not be seen, and outside a cluster, the header says nothing of it, and the API server is left alone between tries', async (context) => {
  const api = await startApiServer(context)
  api.forbid()
  const { kuard } = await startPodIn(context, api)
  const page = await openPage(context, kuard)
  const asked = (resource: string) => api.requests.filter((request) => request.resource === resource)
  await eventually('some tries', () => asked('pods').length === 4)
  assert.equal(await words(page), '')
  const times = asked('pods').map(({ time }) => time)
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  // 0.8 of it at least; the one before may have been read late here.
  assert.ok(
    waits.every((wait, index) => wait > 600 * 2 ** index),
    waits.join(),
  )
  assert.doesNotMatch(kuard.output, /forbidden|serviceaccount/i)
  const outside = await openPage(context, await startKuard(context))
  assert.equal(await words(outside), '')
  const off = await openPage(context, await startKuard(context, ['--disable=cluster']))
  assert.equal(await words(off), '')
})
