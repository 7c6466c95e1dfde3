/** The Request Details tab. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { tally } from '../../ui/src/tabs/request/tally.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startOtlpReceiver, tracedTo } from '../support/otlp.ts'
import { startPod, startService } from '../support/service.ts'

const again = (page: Page) => page.getByRole('button', { name: 'Send again' })
const answers = (page: Page) =>
  page.getByRole('table', { name: 'The last answers, newest first' }).locator('tbody tr')
const fact = (page: Page, term: string) => page.locator('dt', { hasText: term }).locator('+ dd')
const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()')

test('what the server saw of a request stands there as soon as the page is opened', async (context) => {
  const kuard = await startKuard(context, [], { env: { KUARD_VERSION: 'purple' } })
  const page = await openPage(context, kuard, '/', {
    userAgent: 'tester/1.0',
    extraHTTPHeaders: { 'x-odd': '<b>&' },
  })
  const seen = async (term: string) => (await fact(page, term).innerText()).trim()
  await fact(page, 'Protocol').waitFor()
  assert.equal(await seen('Protocol'), 'HTTP/1.1')
  assert.equal(await seen('Method'), 'GET')
  assert.equal(await seen('URL'), '/request/api')
  assert.equal(await seen('Encrypted'), 'no')
  assert.match(await seen('Client’s address'), /^127\.0\.0\.1:\d+ /)
  assert.match(await seen('Answered by'), /1\.0\.0-purple$/)
  const headers = page.getByRole('table', { name: 'Headers' })
  await headers.getByRole('row', { name: /^User-Agent tester\/1\.0/ }).waitFor()
  await headers.getByRole('row', { name: /^x-odd <b>&/ }).waitFor()
  assert.match(
    await page.locator('pre').innerText(),
    /^GET \/request\/api HTTP\/1\.1\r\n(.*\r\n)*User-Agent: tester\/1\.0\r\n/,
  )
})

test('a request that was traced names its trace, as the receiver of the traces knows it', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const page = await openPage(context, await startKuard(context, [], { env: tracedTo(receiver) }))
  const trace = fact(page, 'Trace').locator('code')
  await trace.waitFor()
  const id = await trace.innerText()
  await receiver.span('of that trace', ({ traceId }) => traceId === id)
})

test('each header and the dump can be copied', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/', {
    permissions: ['clipboard-read', 'clipboard-write'],
    userAgent: 'tester/1.0',
  })
  await page
    .getByRole('row', { name: /^User-Agent/ })
    .getByRole('button', { name: 'Copy value' })
    .click()
  await eventually('the value to be copied', async () => (await clipboard(page)) === 'tester/1.0')
  await page.getByRole('button', { name: 'Copy the dump' }).click()
  await eventually('the dump to be copied', async () =>
    /^GET .*\r\n[^]*\r\n\r\n$/.test(await clipboard(page)),
  )
})

test('a request can be sent again, and an earlier answer be shown again', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/a/')
  await page.getByRole('button', { name: '1, shown' }).waitFor()
  assert.equal((await fact(page, 'URL').innerText()).trim(), '/a/request/api')
  await page.setExtraHTTPHeaders({ 'x-second': 'yes' })
  await again(page).click()
  await page.getByText('The last 2 requests were answered by').waitFor()
  await page.getByRole('row', { name: /^x-second yes/ }).waitFor()
  assert.deepEqual(await page.getByRole('button', { pressed: true }).allInnerTexts(), ['2, shown'])
  await page.getByRole('button', { name: '1', exact: true }).click()
  await page.getByRole('button', { name: '1, shown' }).waitFor()
  assert.equal(await page.getByRole('row', { name: /^x-second/ }).count(), 0)
  await again(page).click()
  await page.getByRole('button', { name: '3, shown' }).waitFor()
})

test('the last 20 answers are kept, also while another tab is on show', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard)
  for (let sent = 2; sent <= 21; sent += 1) {
    await again(page).click()
    await page.getByRole('button', { name: `${sent}, shown` }).waitFor()
  }
  assert.equal(await answers(page).count(), 20)
  await page.getByRole('link', { name: 'Memory' }).click()
  await page.getByRole('heading', { name: 'Memory' }).waitFor()
  await page.getByRole('link', { name: 'Request Details' }).click()
  await page.getByRole('button', { name: '22, shown' }).waitFor()
  assert.equal(await answers(page).count(), 20)
})

test('behind a Service, the page counts which pods and versions answered', async (context) => {
  const [blue, green] = [await startPod(context, 'pod-a'), await startPod(context, 'pod-b', [], 'green')]
  let asked = 0
  const service = await startService(context, ({ url = '' }) =>
    url.endsWith('request/api') && asked++ % 3 !== 0 ? green : blue,
  )
  const page = await openPage(context, service)
  await page.getByRole('button', { name: '1, shown' }).waitFor()
  for (let sent = 2; sent <= 5; sent += 1) {
    await again(page).click()
    await page.getByRole('button', { name: `${sent}, shown` }).waitFor()
  }
  const counts = await page.locator('main li').allInnerTexts()
  assert.deepEqual(
    counts.map((words) => words.split(/\s+/).filter(Boolean)),
    [
      ['2', 'pod-a', '1.0.0-blue'],
      ['3', 'pod-b', '1.0.0-green'],
    ],
  )
  await page.getByText('answered by pod-b; the live values are pod-a’s').waitFor()
  const pods = await answers(page).locator('td:nth-child(3)').allInnerTexts()
  assert.deepEqual(pods, ['pod-b', 'pod-a', 'pod-b', 'pod-b', 'pod-a'])
  const fills = await page.evaluate<string[]>(
    `[...document.querySelectorAll('main li svg rect:first-child')].map((mark) => getComputedStyle(mark).fill)`,
  )
  assert.equal(fills.length, 4)
  assert.equal(new Set(fills).size, 2)
})

test('the command that asks over new connections counts who answers', async (context) => {
  const [blue, green] = [await startPod(context, 'pod-a'), await startPod(context, 'pod-b', [], 'green')]
  let asked = 0
  const service = await startService(context, ({ method }) =>
    method === 'HEAD' && asked++ % 4 === 0 ? green : blue,
  )
  const page = await openPage(context, service, '/b/')
  const command = await page.locator('code', { hasText: 'curl' }).innerText()
  assert.ok(command.includes(`${service.url}/b/request/api`))
  const { stdout } = await promisify(execFile)('sh', ['-c', command])
  assert.deepEqual(stdout.trim().split(/\s*\r?\n\s*/), ['15 x-served-by: pod-a', '5 x-served-by: pod-b'])
})

test('a request that fails is told, with another try when there is nothing else to show', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/mem', { mayComplain: /ERR_|Failed to load resource/ })
  await page.route('**/request/api', (route) =>
    route.fulfill({ status: 503, body: 'no endpoints available' }),
  )
  await page.getByRole('link', { name: 'Request Details' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('no endpoints available').waitFor()
  await alert.getByText('(GET /request/api: 503)').waitFor()
  await page.unroute('**/request/api')
  await again(page).click()
  await fact(page, 'Protocol').waitFor()
  assert.equal(await alert.count(), 0)
  await kuard.kill()
  await again(page).click()
  await alert.getByText('the server can’t be reached').waitFor()
  await fact(page, 'Protocol').waitFor()
})

test('an answer that something on the way made or broke is told in words', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/', { mayComplain: /Failed to load resource/ })
  const alert = page.getByRole('alert')
  for (const [answer, words] of [
    [{ status: 502, contentType: 'text/html', body: '<h1>nginx</h1>' }, 'Bad Gateway'],
    [{ status: 200, body: '{"hostname":' }, 'the answer broke off, or is not one of this server’s'],
  ] as const) {
    await page.route('**/request/api', (route) => route.fulfill(answer))
    await again(page).click()
    await alert.filter({ hasText: words }).getByText(`(GET /request/api: ${answer.status})`).waitFor()
    await page.unroute('**/request/api')
  }
})

test('a pod that comes back as another version is counted apart', () => {
  const [blue, green] = (['blue', 'green'] as const).map((colour) => ({
    hostname: 'a',
    version: `1.0.0-${colour}`,
    colour,
  }))
  assert.ok(blue && green)
  assert.deepEqual(tally([green, blue, green]), [
    { ...blue, count: 1 },
    { ...green, count: 2 },
  ])
})
