/** What stands around every tab: the header, the way from tab to tab, the colours. */
import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { RequestDetails } from '../../server/features/request/wire.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startInPod } from '../support/pod.ts'
import { tabs } from '../support/tabs.ts'

const title = (page: Page) => page.getByRole('heading', { level: 1 })
const pathOf = (page: Page) => new URL(page.url()).pathname
const active = (page: Page) => page.locator('nav[aria-label=Tabs] [aria-current=page]').allTextContents()

/** Waits until a tab is on show, by its title, its address and its mark. */
async function arriveAt(page: Page, word: string, path: string): Promise<void> {
  await eventually(`the tab ${word} at ${path}`, async () => {
    const shown = [await title(page).textContent(), pathOf(page), ...(await active(page))]
    return shown.join() === [word, path, word].join()
  })
}

for (const prefix of ['', '/a', '/c']) {
  test(`every tab is at its address below ${prefix || 'the root'}, by a link and by going there`, async (context) => {
    const kuard = await startKuard(context)
    const page = await openPage(context, kuard, `${prefix}/`)
    const words = await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link').allTextContents()
    assert.deepEqual(
      words,
      tabs.map(([word]) => word),
    )
    for (const [word, path] of tabs) {
      await page.getByRole('link', { name: word, exact: true }).click()
      await arriveAt(page, word, prefix + path)
      // A tab of several pages has the one on show before its own word.
      assert.match(await page.title(), new RegExp(`(^| – )${word} – kuard on ${hostname()}$`))
    }
    for (const [word, path] of tabs) {
      await page.goto(kuard.url + prefix + path)
      await arriveAt(page, word, prefix + path)
    }
  })
}

test('in a window lower than the list of tabs, the one on show is in sight, and the list scrolls', async (context) => {
  const page = await openPage(context, await startKuard(context), '/manifests/', {
    viewport: { width: 1000, height: 300 },
  })
  const lastInSight = async () => {
    const last = await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link').last().boundingBox()
    return last !== null && last.y + last.height <= 300
  }
  await eventually('the last tab to be in sight', lastInSight)
  await page.getByRole('link', { name: 'Request Details' }).click()
  await arriveAt(page, 'Request Details', '/')
  assert.equal(await lastInSight(), false)
})

test('back and forward go from tab to tab without loading the page anew', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard)
  await page.evaluate('window.sameDocument = true')
  await page.getByRole('link', { name: 'Memory' }).click()
  await page.getByRole('link', { name: 'DNS Query' }).click()
  await page.goBack()
  await arriveAt(page, 'Memory', '/-/mem')
  await page.goBack()
  await arriveAt(page, 'Request Details', '/')
  await page.goForward()
  await arriveAt(page, 'Memory', '/-/mem')
  assert.equal(await page.evaluate('window.sameDocument'), true)
})

test('the keyboard alone goes to a tab, and on from its title', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard)
  await page.getByLabel('Theme').focus()
  for (let tab = 0; tab < 5; tab += 1) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await arriveAt(page, 'Liveness Probe', '/-/liveness')
  await eventually('the title to be focused', () => page.evaluate('document.activeElement.tagName === "H1"'))
  // There is nothing to go on to before the tab's own file has come.
  await page.getByRole('button', { name: 'Succeed', exact: true }).waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.closest("main") !== null'), true)
})

test('a feature that is off has no tab, and its address says so', async (context) => {
  const kuard = await startKuard(context, ['--disable=env,memq'])
  const page = await openPage(context, kuard, '/-/env')
  await page.getByText('This is switched off on this server (--disable=env).').waitFor()
  const words = await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link').allTextContents()
  assert.deepEqual(
    words,
    tabs.map(([word]) => word).filter((word) => !['Server Env', 'MemQ Server'].includes(word)),
  )
})

test('an address that has no tab says so', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/a/-/no<b>pe')
  await page.getByText('There is no page at -/no%3Cb%3Epe').waitFor()
})

test('the header shows the warning, the host’s name, the version and the addresses', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard)
  const { addresses, version } = (await kuard.get('/request/api')).json(RequestDetails)
  const header = await page.locator('body').innerText()
  for (const word of [hostname(), version, ...addresses]) assert.ok(header.includes(word), word)
  assert.ok(header.includes('WARNING: This server may expose sensitive and secret information. Be careful.'))
})

test('the header shows the pod’s namespace, where there is one', async (context) => {
  const namespace = (page: Page) => page.locator('header').getByText('namespace')
  assert.equal(await namespace(await openPage(context, await startKuard(context))).count(), 0)
  const page = await openPage(context, await startInPod(context, 'mystuff'))
  await page.locator('header').getByText('mystuff').waitFor()
  assert.equal(await namespace(page).count(), 1)
})

test('each version has a colour of its own, in either theme', async (context) => {
  const colours = new Set<string>()
  for (const version of ['blue', 'green', 'purple']) {
    const kuard = await startKuard(context, [], { env: { KUARD_VERSION: version } })
    const page = await openPage(context, kuard, '/-/mem')
    for (const theme of ['light', 'dark']) {
      await page.getByLabel('Theme').selectOption(theme)
      colours.add(
        await page.evaluate<string>('getComputedStyle(document.querySelector("header")).borderBottomColor'),
      )
    }
    assert.ok((await page.locator('header').innerText()).includes(`-${version}`))
  }
  assert.equal(colours.size, 6)
})

test('the theme that was chosen is there before anything else when the page is loaded again', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/', { colorScheme: 'light' })
  const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const light = await ground()
  await page.getByLabel('Theme').selectOption('dark')
  const dark = await ground()
  assert.notEqual(light, dark)
  // What there is when the body begins, before anything of it is shown.
  await page.addInitScript(`new MutationObserver((_, observer) => {
    if (!document.body) return
    observer.disconnect()
    globalThis.themeAtFirst = document.documentElement.dataset.theme
  }).observe(document, { childList: true, subtree: true })`)
  await page.reload()
  assert.equal(await page.evaluate('themeAtFirst'), 'dark')
  await page.getByText('connected', { exact: true }).waitFor()
  assert.equal(await ground(), dark)
  await page.getByLabel('Theme').selectOption('system')
  assert.equal(await ground(), light)
})

test('nothing is wider than a phone, nor than a projector', async (context) => {
  const kuard = await startKuard(context)
  for (const width of [360, 1920]) {
    const page = await openPage(context, kuard, '/', { viewport: { width, height: 800 } })
    for (const [word, path] of tabs) {
      await page.getByRole('link', { name: word, exact: true }).click()
      await arriveAt(page, word, path)
      const scrolled = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      assert.equal(await page.evaluate(scrolled), 0, `${word} at ${width} px`)
    }
  }
})
