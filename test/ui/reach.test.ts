/** The Reach tab. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { ReachMatrix } from '../../server/features/reach/wire.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { loopback } from '../support/name-servers.ts'
import { startHttpServer } from '../support/odd-server.ts'
import { startInPod } from '../support/pod.ts'
import { startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'
import { startTlsKuard } from '../support/tls.ts'

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const verdict = (page: Page, end: string) =>
  page.getByRole('status').filter({ has: page.getByText(end, { exact: true }) })
const table = (page: Page, name: RegExp) => page.getByRole('table', { name })
/** What its rows say, cell by cell. */
const cells = async (page: Page, name: RegExp): Promise<string[][]> =>
  (await table(page, name).locator('tbody tr').allInnerTexts()).map((row) =>
    row.split('\t').map((cell) => cell.replace(/\s+/g, ' ').trim()),
  )
const steps = (page: Page) => cells(page, /^The steps/)

const lamps = (page: Page) => page.getByRole('region', { name: 'Tried each second' })
const lamp = (page: Page, target: string) => lamps(page).getByRole('listitem').filter({ hasText: target })

async function reach(page: Page, target: string): Promise<void> {
  await page.getByLabel('Target').fill(target)
  await page.keyboard.press('Enter')
}

/** How often a server was asked to reach for something. */
const orders = (kuard: Kuard): number => kuard.lines.filter((line) => line.includes('/reach/api')).length

/** One that sends its clients on, with what would be alive in a page. */
const startRedirecting = async (context: TestContext): Promise<string> => {
  const { url } = await startHttpServer(context, ({ url: path }, response) => {
    if (path === '/next') response.end('arrived')
    else
      response
        .writeHead(302, { location: '/next', 'x-odd': '<b>bold</b>' })
        .end('<img src="/missing" onerror="document.title = 1">')
  })
  return url
}

for (const prefix of ['', '/a']) {
  test(`${prefix}/-/reach: the verdict stands above its steps, and the page’s address keeps the target`, async (context) => {
    const [target, kuard] = await Promise.all([startKuard(context), startKuard(context)])
    const page = await openPage(context, kuard, `${prefix}/-/reach`)
    await page.getByText('What comes of it will be shown here').waitFor()
    await reach(page, ` ${target.url}/healthy `)
    await verdict(page, 'reached').waitFor()
    assert.deepEqual(
      (await steps(page)).map(([kind]) => kind),
      ['connect', 'request', 'first byte', 'body'],
    )
    for (const [, , took = '', began = ''] of await steps(page))
      for (const time of [took, began]) assert.match(time, /^[\d.]+ m?s$/)
    assert.deepEqual((await cells(page, /^The addresses/))[0]?.slice(0, 3), [
      '127.0.0.1',
      'the target',
      'reached',
    ])
    await page.getByText('200 OK', { exact: true }).waitFor()
    assert.equal(await page.getByRole('region', { name: 'The whole body' }).innerText(), 'ok')
    const query = new URLSearchParams({ target: `${target.url}/healthy` }).toString()
    assert.equal(page.url(), `${kuard.url}${prefix}/-/reach?${query}`)

    await page.reload()
    await page.getByText('What comes of it will be shown here').waitFor()
    assert.equal(await page.getByLabel('Target').inputValue(), `${target.url}/healthy`)
    await button(page, 'Reach').click()
    await verdict(page, 'reached').waitFor()
    await eventually('both to be logged', () => orders(kuard) >= 2)
    assert.equal(orders(kuard), 2, 'an address alone tries nothing')
  })
}

test('where it ended is said in words, with what that usually means, and the step that failed is told from those that did not', async (context) => {
  const [kuard, nobody] = await Promise.all([startKuard(context), freePort()])
  const page = await openPage(context, kuard, '/-/reach')
  await reach(page, `127.0.0.1:${nobody}`)
  await verdict(page, 'refused').waitFor()
  await page.getByRole('heading', { name: 'What that usually means in a cluster' }).waitFor()
  await page.getByText(`Nothing listens on port ${nobody} in this pod`).waitFor()
  const [step] = await steps(page)
  assert.equal(step?.[0], 'connect')
  assert.match(step[5] ?? '', /^failed /)
})

test('the commands do what the form says', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/c/-/reach')
  await page.getByText(/exec \S+ -- \/kuard --reach=kubernetes\.default$/).waitFor()
  await page.getByLabel('Target').fill("it's:80")
  await page.getByLabel('Time limit in ms').fill('200')
  await page
    .getByText(String.raw`curl ${kuard.url}/c/reach/api -d '{"target":"it'\''s:80","timeoutMs":200}'`)
    .waitFor()
  await page.getByText(/exec \S+ -- \/kuard '--reach=it'\\''s:80'$/).waitFor()
})

test('what can’t be a target is refused in words beside the form, by the page or by the server', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/reach', { mayComplain: /400/ })
  await reach(page, ' ')
  await page.getByText('a target is needed').waitFor()
  await page.getByLabel('Time limit in ms').fill('30001')
  await reach(page, 'kuard')
  await page.getByText('a whole number from 1 to 30,000').waitFor()
  assert.equal(orders(kuard), 0)
  await page.getByLabel('Time limit in ms').fill('30000')
  await reach(page, 'gopher://kuard')
  await page
    .getByRole('alert')
    .filter({ hasText: /gopher.*\(POST \/reach\/api: 400\)/ })
    .waitFor()
})

test('a certificate that isn’t trusted is told with its names and its days', async (context) => {
  const [kuard, { url }] = await Promise.all([startKuard(context), startTlsKuard(context)])
  const page = await openPage(context, kuard, '/-/reach')
  await reach(page, url)
  await verdict(page, 'TLS failed').waitFor()
  await page.getByText('not trusted', { exact: true }).waitFor()
  await page.getByText('TLSv1.3', { exact: true }).waitFor()
  const [own] = await cells(page, /^The certificates/)
  assert.match(own?.[1] ?? '', /^[\d,]+ days left$/)
  assert.match(own?.[2] ?? '', /localhost/)
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('a redirect is not followed but by its button, and what was said is text that does nothing', async (context) => {
  const [kuard, url] = await Promise.all([startKuard(context), startRedirecting(context)])
  const page = await openPage(context, kuard, '/-/reach')
  await reach(page, url)
  await page.getByText('302 Found', { exact: true }).waitFor()
  assert.deepEqual(
    (await cells(page, /^The headers/)).find(([name]) => name === 'x-odd'),
    ['x-odd', '<b>bold</b>'],
  )
  await page.getByText('<img src="/missing" onerror="document.title = 1">', { exact: true }).waitFor()
  await button(page, `Reach for ${url}next`).click()
  await page.getByText('arrived', { exact: true }).waitFor()
  assert.equal(await page.getByLabel('Target').inputValue(), `${url}next`)
})

test('the Services of the environment and the API server are at hand', async (context) => {
  const nobody = await freePort()
  const kuard = await startInPod(context, 'shop', {
    env: {
      LOCALHOST_SERVICE_HOST: '127.0.0.1',
      LOCALHOST_SERVICE_PORT: String(nobody),
      LOCALHOST_SERVICE_PORT_HTTP: String(nobody),
    },
  })
  const page = await openPage(context, kuard, '/-/reach')
  await button(page, 'https://kubernetes.default/').waitFor()
  await button(page, `http://localhost:${nobody}`).click()
  await verdict(page, 'refused').waitFor()
})

test('the name server is at hand', { skip: whyNoResolvConf() }, async (context) => {
  const address = loopback()
  const { kuard } = await startWithResolvConf(
    context,
    `search shop.svc.k8s.test svc.k8s.test k8s.test\nnameserver ${address}\n`,
  )
  const page = await openPage(context, kuard, '/-/reach')
  await button(page, `dns://${address}/kubernetes.default.svc.k8s.test`).waitFor()
})

test('what is tried each second is a lamp for all who look, and goes out with its target', async (context) => {
  const [target, kuard] = await Promise.all([startKuard(context), startKuard(context)])
  const page = await openPage(context, kuard, '/-/reach')
  const other = await openPage(context, kuard, '/a/-/reach')
  await lamps(page).getByText('Nothing is tried.').waitFor()
  await page.getByLabel('Target').fill(`${target.url}/`)
  await button(page, 'Try each second').click()
  for (const one of [page, other]) {
    await lamp(one, target.url).getByText('reached', { exact: true }).waitFor()
    await lamps(one).getByText('1 of 1 reached', { exact: true }).waitFor()
  }
  // What is there already is not added again.
  await button(page, 'Try each second').click()
  await eventually('some attempts', async () =>
    /^The last of .*: (?:[2-9]|\d\d+) attempts, none failed; reached in /.test(
      (await lamp(page, target.url).getByRole('img').getAttribute('aria-label')) ?? '',
    ),
  )
  assert.equal(await lamps(page).getByRole('listitem').count(), 1)

  await target.kill()
  for (const one of [page, other]) {
    await lamp(one, target.url).getByText('refused', { exact: true }).waitFor()
    await lamps(one).getByText('0 of 1 reached', { exact: true }).waitFor()
  }
  await lamp(page, target.url).locator('summary').click()
  await lamp(page, target.url).getByRole('slider', { name: 'Each attempt of the last 5 minutes' }).waitFor()
  await eventually('the attempts, the latest first', async () => {
    const ends = (await cells(page, /^The last attempts at/)).map(([, end]) => end)
    return ends[0] === 'refused' && ends.at(-1) === 'reached'
  })
  assert.deepEqual(await accessibilityViolations(page), [])

  await button(other, `Step by step: ${target.url}/`).click()
  await verdict(other, 'refused').first().waitFor()
  await button(other, `Remove ${target.url}/`).press('Enter')
  for (const one of [page, other]) await lamps(one).getByText('Nothing is tried.').waitFor()
  assert.equal(
    await other.evaluate('document.activeElement.textContent.startsWith("Tried each second")'),
    true,
  )
  assert.deepEqual((await kuard.get('/reach/targets')).json(ReachMatrix), { targets: [] })
})

test('twenty targets are tried, and no more', async (context) => {
  const kuard = await startKuard(context)
  const targets = Array.from({ length: 20 }, (_, index) => `127.0.0.1:${index + 1}`)
  await kuard.put('/reach/targets', { targets })
  const page = await openPage(context, kuard, '/-/reach', { viewport: { width: 360, height: 800 } })
  await lamps(page).getByText('of 20 reached').waitFor()
  await page.getByLabel('Target').fill('one-more')
  await page.getByText('20 targets are tried; no more fit').waitFor()
  assert.ok(await button(page, 'Try each second').isDisabled())
  await page.getByLabel('Target').fill('127.0.0.1:20')
  assert.ok(await button(page, 'Try each second').isEnabled())
})

test('a read-only server reaches for nothing, and says so', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  const page = await openPage(context, kuard, '/-/reach', { mayComplain: /403/ })
  await reach(page, 'kuard')
  await page
    .getByRole('alert')
    .filter({ hasText: /read-only/ })
    .waitFor()
})
