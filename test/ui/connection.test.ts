/** What the page does when its server can't be reached, and behind a Service of several pods. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { atEnd } from '../support/at-end.ts'
import { launchBrowser, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startPod, startService } from '../support/service.ts'
import { startTlsKuard } from '../support/tls.ts'

/** What a browser's console says of a connection that broke or was refused. */
const brokenConnection = /net::ERR_/

const passed = (page: Awaited<ReturnType<typeof openPage>>) => page.getByRole('cell', { name: '200 passed' })

const isNavigation = ({ headers }: IncomingMessage) => headers['sec-fetch-mode'] === 'navigate'

test('a server that is killed is missed at once, what it said stays, and the page recovers by itself', async (context) => {
  const first = await startKuard(context)
  const page = await openPage(context, first, '/-/liveness', { mayComplain: brokenConnection })
  await first.get('/healthy')
  await passed(page).waitFor()
  await first.kill()
  await page.getByRole('status').getByText('reconnecting').waitFor({ timeout: 2_000 })
  await page.getByText('The server has been out of reach since').waitFor()
  assert.equal(await passed(page).count(), 1)

  const second = await startKuard(context, [`--address=127.0.0.1:${first.port}`])
  await page.getByText('connected', { exact: true }).waitFor()
  await eventually('the new server’s own state', async () => (await passed(page).count()) === 0)
  await second.get('/healthy')
  await passed(page).waitFor({ timeout: 1_000 })
})

test('a server that stands still is missed too, and found again when it goes on', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/liveness', { mayComplain: brokenConnection })
  kuard.child.kill('SIGSTOP')
  await page.getByRole('status').getByText('reconnecting').waitFor({ timeout: 20_000 })
  kuard.child.kill('SIGCONT')
  await page.getByText('connected', { exact: true }).waitFor()
})

test('ten tabs of one browser are all live, by one stream', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/liveness')
  const more = await Promise.all(
    Array.from({ length: 9 }, async () => {
      const other = await page.context().newPage()
      await other.goto(`${kuard.url}/-/liveness`)
      return other
    }),
  )
  await kuard.get('/healthy')
  for (const tab of [page, ...more]) await passed(tab).waitFor({ timeout: 5_000 })
  assert.match((await kuard.get('/metrics')).text, /^event_streams 1$/m)
  await Promise.all(more.map((other) => other.close()))
  await page.close()
  await eventually('the stream to be closed with the last tab', async () =>
    /^event_streams 0$/m.test((await kuard.get('/metrics')).text),
  )
})

test('a browser without shared workers is as live, and lets go while it is hidden', async (context) => {
  const kuard = await startKuard(context)
  const visitor = await (await launchBrowser()).newContext()
  atEnd(context, () => visitor.close())
  await visitor.addInitScript('delete globalThis.SharedWorker')
  const page = await visitor.newPage()
  await page.goto(`${kuard.url}/-/liveness`)
  await page.getByText('passing', { exact: true }).waitFor()
  await kuard.get('/healthy')
  await passed(page).waitFor({ timeout: 1_000 })

  const hide = (hidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${String(hidden)} });
      document.dispatchEvent(new Event('visibilitychange'))`)
  const streams = async () => /^event_streams (\d+)$/m.exec((await kuard.get('/metrics')).text)?.[1]
  await hide(true)
  await eventually('the stream to be closed', async () => (await streams()) === '0')
  await hide(false)
  await eventually('the stream to be open again', async () => (await streams()) === '1')
  await kuard.get('/healthy')
  await eventually('the second probe', async () => (await passed(page).count()) === 2)
})

test('a page whose shared worker the answering pod does not have is as live', async (context) => {
  const whole = await startKuard(context)
  const withoutFiles = await startKuard(context, ['--disable=page'])
  const service = await startService(context, ({ url = '' }) =>
    url.startsWith('/assets/broadcast-worker-') ? withoutFiles : whole,
  )
  const page = await openPage(context, service, '/-/liveness', { mayComplain: /status of 404/ })
  await whole.get('/healthy')
  await passed(page).waitFor({ timeout: 1_000 })
})

test('over HTTP/2 ten pages of a visitor are live by one connection, shared workers or not', async (context) => {
  const { kuard, url } = await startTlsKuard(context)
  const page = await openPage(context, { url }, '/', { ignoreHTTPSErrors: true })
  await page.getByText('HTTP/2.0', { exact: true }).waitFor()
  const visitor = page.context()
  await visitor.addInitScript('delete globalThis.SharedWorker')
  const pages = await Promise.all(Array.from({ length: 10 }, () => visitor.newPage()))
  for (const each of pages) await each.goto(`${url}/-/liveness`)
  for (const each of pages) await each.getByText('connected', { exact: true }).waitFor()
  await kuard.get('/healthy')
  for (const each of pages) await passed(each).waitFor({ timeout: 5_000 })
})

test('behind a Service, the page says when another pod than the one it follows has answered', async (context) => {
  const [followed, other] = [await startPod(context, 'pod-a'), await startPod(context, 'pod-b', [], 'green')]
  const service = await startService(context, ({ method }) => (method === 'PUT' ? other : followed))
  const page = await openPage(context, service, '/-/readiness')
  await page.getByRole('button', { name: 'Fail', exact: true }).click()
  await page.getByText('answered by pod-b; the live values are pod-a’s').waitFor()
  assert.equal((await other.get('/ready')).status, 500)
  await page.getByText('passing', { exact: true }).waitFor()
})

test('when another pod takes the stream over, the page is of that pod, says so, and mixes nothing', async (context) => {
  const [first, second] = [await startPod(context, 'pod-a'), await startPod(context, 'pod-b', [], 'purple')]
  let current = first
  const service = await startService(context, () => current)
  const page = await openPage(context, service, '/-/liveness', { mayComplain: brokenConnection })
  await first.get('/healthy')
  await passed(page).waitFor()
  assert.ok((await page.locator('header').innerText()).includes('pod-a'))

  current = second
  await first.kill()
  await page.getByText('This page now follows pod-b; before it was pod-a.').waitFor()
  assert.ok((await page.locator('header').innerText()).includes('-purple'))
  assert.equal(await page.evaluate('document.documentElement.dataset.colour'), 'purple')
  await eventually('the first pod’s probes to be gone', async () => (await passed(page).count()) === 0)
  assert.equal(await page.locator('svg rect.good').count(), 0)
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await page.getByText('This page now follows').waitFor({ state: 'detached' })
})

test('a page whose files the answering pod does not have loads itself again, once', async (context) => {
  const whole = await startKuard(context)
  const withoutFiles = await startKuard(context, ['--disable=page'])
  let refusals = 1
  let pages = 0
  const service = await startService(context, (request) => {
    const { url = '' } = request
    if (isNavigation(request)) pages += 1
    const isScript = /^\/assets\/index-.*\.js$/.test(url)
    return isScript && refusals-- > 0 ? withoutFiles : whole
  })
  const mayComplain = /status of 404/
  await openPage(context, service, '/', { mayComplain })
  assert.equal(pages, 2)

  refusals = Infinity
  const visitor = await (await launchBrowser()).newContext()
  atEnd(context, () => visitor.close())
  const page = await visitor.newPage()
  await page.goto(`${service.url}/`)
  await page.getByText('This page could not be loaded whole: the pod that was asked').waitFor()
  assert.equal(pages, 4)
})

test('a tab whose file the answering pod does not have loads the page again, once, and then says so', async (context) => {
  const whole = await startKuard(context)
  const withoutFiles = await startKuard(context, ['--disable=page'])
  let pages = 0
  const service = await startService(context, (request) => {
    if (isNavigation(request)) pages += 1
    return request.url?.startsWith('/assets/Memory-') ? withoutFiles : whole
  })
  const page = await openPage(context, service, '/-/mem', {
    mayComplain: /status of 404|not a supported stylesheet MIME type/,
  })
  await eventually('the second page', () => pages === 2)
  await page.getByRole('alert').filter({ hasText: 'A part of this page could not be loaded' }).waitFor()
  await page.getByRole('link', { name: 'Liveness Probe' }).click()
  await page.getByText('passing', { exact: true }).waitFor()
  assert.equal(pages, 2)
})

for (const [hours, how] of [
  [-1, 'behind'],
  [5, 'ahead of'],
] as const) {
  test(`ages and axes are right where the server’s clock is ${how} the browser’s`, async (context) => {
    const kuard = await startKuard(context, [], {
      nodeArgs: ['--import', join(import.meta.dirname, '../support/clock-preload.ts')],
      env: { CLOCK_AHEAD_MS: String(hours * 3_600_000) },
    })
    const probed = performance.now()
    await kuard.get('/healthy')
    /** Waits for an age, which is at most that of what it is told of. @param since by performance.now() */
    const isAge = async (words: Locator, since: number) => {
      const [, seconds] = /^(\d+) s ago$/.exec(await words.getByText(/^\d+ s ago$/).innerText()) ?? []
      assert.ok(Number(seconds) <= (performance.now() - since) / 1000 + 1, `${seconds} s ago`)
    }
    const page = await openPage(context, kuard, '/-/liveness')
    const told = await page.getByRole('row').getByRole('time').getAttribute('datetime')
    assert.equal(Math.round((Date.parse(told ?? '') - Date.now()) / 3_600_000), hours)
    await isAge(page.getByRole('row'), probed)
    await page.getByText('1 probe in the last 5 minutes, none failed').waitFor()
    const [mark, strip] = [page.locator('rect.good'), page.getByRole('slider')]
    const edge = ({ x, width }: { x: number; width: number }) => x + width
    const [at, within] = [await mark.boundingBox(), await strip.boundingBox()]
    assert.ok(at && within)
    assert.ok(edge(within) - edge(at) >= -1 && edge(within) - edge(at) < within.width / 20)
    // Of a later tab too, which is told who answers some time after that was said.
    const later = await page.context().newPage()
    await later.goto(`${kuard.url}/-/liveness`)
    await isAge(later.getByRole('row'), probed)

    // What was read by a call has its time from the page's clock.
    const asked = performance.now()
    await page.getByRole('link', { name: 'Request Details' }).click()
    await isAge(page.locator('dd'), asked)
    const read = await page.locator('dd time').getAttribute('datetime')
    assert.equal(Math.round((Date.parse(read ?? '') - Date.now()) / 3_600_000), hours)
  })
}

test('a proxy may strip a long path, as kubectl’s does', async (context) => {
  const kuard = await startKuard(context)
  const path = '/api/v1/namespaces/default/pods/kuard:8080/proxy'
  const service = await startService(context, () => kuard, path)
  const page = await openPage(context, service, `${path}/`)
  for (const prefix of ['', '/a']) {
    await page.goto(`${service.url}${path}${prefix}/-/liveness`)
    await page.getByRole('button', { name: 'Fail', exact: true }).click()
    await page.getByText('failing', { exact: true }).waitFor()
    await kuard.put('/healthy/api', { failNext: 0 })
    await page.getByText('passing', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Memory' }).click()
    await eventually('the tab’s address', () => page.url() === `${service.url}${path}${prefix}/-/mem`)
    assert.ok((await page.locator('header').innerText()).includes(hostname()))
  }
})
