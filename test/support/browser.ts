/** Drives a real Chromium against the built server, and holds every page to what all of them promise. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, type TestContext } from 'node:test'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { atEnd } from './at-end.ts'
import { chromiumOptions } from './chromium.ts'
import type { Kuard } from './kuard.ts'

export interface PageOptions extends BrowserContextOptions {
  /** What the console may complain of, since the test makes it happen. */
  readonly mayComplain?: RegExp
}

let browser: Promise<Browser> | undefined

/** One browser for all the tests of a file. */
export function launchBrowser(): Promise<Browser> {
  browser ??= chromium.launch(chromiumOptions)
  return browser
}

after(async () => (await browser)?.close())

/**
 * Opens a page as a new visitor, and waits until it is connected. When the test ends, it fails if the page's console complained of
 * anything, or if a request left the server.
 * @param path such as `/a/-/env`
 */
export async function openPage(
  context: TestContext,
  kuard: Pick<Kuard, 'url'>,
  path = '/',
  options: PageOptions = {},
): Promise<Page> {
  return openPageIn(await launchBrowser(), context, kuard, path, options)
}

/** As openPage, in a browser that was started otherwise. */
export async function openPageIn(
  browser: Browser,
  context: TestContext,
  kuard: Pick<Kuard, 'url'>,
  path: string,
  { mayComplain, ...options }: PageOptions = {},
): Promise<Page> {
  const visitor = await browser.newContext(options)
  const page = await visitor.newPage()
  const complaints: string[] = []
  const complain = (words: string) => mayComplain?.test(words) !== true && complaints.push(words)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complain(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => complain(error.stack ?? error.message))
  visitor.on('request', (request) => {
    if (!request.url().startsWith(kuard.url)) complain(`a request to ${request.url()}`)
  })
  atEnd(context, async () => {
    await visitor.close()
    assert.deepEqual(complaints, [])
  })
  await page.goto(kuard.url + path)
  // In the header: Reach says the same of addresses.
  await page.getByRole('banner').getByText('connected', { exact: true }).waitFor()
  return page
}

/** What axe-core finds wrong with the page as it is now, one line for each rule and element. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) {
    const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
    await page.evaluate(source)
  }
  return page.evaluate<
    string[]
  >(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ': ' + failureSummary)))`)
}
