/** What the UI weighs, and how quick and how frugal its page is, in a real Chromium. */
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type Page } from 'playwright-core'
import { chromiumOptions } from '../test/support/chromium.ts'
import { eventually } from '../test/support/eventually.ts'
import { load, wire } from './load.ts'
import { alternate, bareHttp, kuard, port, startServer, stop, type Row } from './measure.ts'

const address = `http://127.0.0.1:${port}`

async function withBrowser<Result>(use: (browser: Browser) => Promise<Result>): Promise<Result> {
  const browser = await chromium.launch(chromiumOptions)
  try {
    return await use(browser)
  } finally {
    await browser.close()
  }
}

/** All scripts and styles that the first tab loads, as they go over the wire; but for the shared worker’s 2 kB, of which the browser doesn’t tell. */
export async function firstView(): Promise<Row> {
  const { server } = await startServer(kuard)
  const bytes = await withBrowser(async (browser) => {
    const visitor = await browser.newContext()
    const sizes: Promise<number>[] = []
    visitor.on('response', (response) => {
      if (/\.(js|css)$/.test(response.url()))
        sizes.push(
          response
            .request()
            .sizes()
            .then((size) => size.responseBodySize),
        )
    })
    const page = await visitor.newPage()
    await page.goto(`${address}/`)
    await page.getByText('connected', { exact: true }).waitFor()
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  })
  await stop(server)
  const [ours, theirs] = [bytes / 1000, 45]
  const figure = 'scripts and styles of the first view, gzipped, against what they may weigh'
  return { ours, theirs, ratio: ours / theirs, figure, unit: 'kB', limit: 'at most 1.0' }
}

/** From going to the page, with nothing cached, until a live value is in it; the bare page has one line of HTML. */
export async function firstLiveData(): Promise<Row> {
  const figures = await withBrowser((browser) =>
    alternate(9, kuard, bareHttp, async (_server, whose) => {
      const visitor = await browser.newContext()
      const page = await visitor.newPage()
      await page.addInitScript(`new MutationObserver(() => {
        const [body, main] = [document.body, document.querySelector('main')]
        if (${whose === 'ours' ? "main?.textContent.includes('passing')" : 'body'}) globalThis.shownAt ??= performance.now()
      }).observe(document, { childList: true, characterData: true, subtree: true })`)
      await page.goto(`${address}/-/liveness`)
      const time = await eventually('the first live value', () => page.evaluate<number>('globalThis.shownAt'))
      await visitor.close()
      return time
    }),
  )
  const figure = 'from going to a page to its first live value, against a bare page (at most 300 ms)'
  return { ...figures, figure, unit: 'ms', limit: 'none' }
}

/** The page's JavaScript heap after a garbage collection, in bytes. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

/** Makes each of three topics change ten times a second, which is as often as they are told. */
async function update(seconds: number): Promise<void> {
  const changes = [
    wire('GET', '/healthy'),
    wire('POST', '/mem/api/alloc?size=0'),
    wire('POST', '/memq/server/queues/bench/enqueue', 'work-item-00'),
  ]
  for (let change = 0; change < seconds * 10; change += 1) {
    const pause = sleep(100)
    await load(port, changes, changes.length, 1)
    await pause
  }
}

/**
 * Most plots hold their fill after a minute at this rate, and what comes then pushes out as much as it brings. A queue's goes on
 * to fill for five, so a little growth is left in this figure.
 */
export async function pageMemory(): Promise<Row> {
  const { server } = await startServer(kuard)
  await load(port, [wire('PUT', '/memq/server/queues/bench')], 1, 1)
  const [before, after] = await withBrowser(async (browser) => {
    const page = await browser.newPage()
    await page.goto(`${address}/-/mem`)
    await page.getByText('connected', { exact: true }).waitFor()
    await update(75)
    const full = await heapOf(page)
    await update(120)
    return [full, await heapOf(page)]
  })
  await stop(server)
  const [ours, theirs] = [after / 2 ** 20, before / 2 ** 20]
  const figure = 'the page’s heap after 3,600 more live updates (an hour at rest), against before them'
  return { ours, theirs, ratio: ours / theirs, figure, unit: 'MiB', limit: '1.0' }
}
