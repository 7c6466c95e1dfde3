/** The Chain tab. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { ChainAnswer, ChainCall } from '../../server/features/chain/wire.ts'
import { ownTime, rowsOf } from '../../ui/src/tabs/chain/rows.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard } from '../support/kuard.ts'
import { startPod } from '../support/service.ts'

const calls = (page: Page) => page.getByRole('table', { name: /^The calls/ }).locator('tbody tr')
/** What the rows say, cell by cell. */
const cells = async (page: Page): Promise<string[][]> =>
  (await calls(page).allInnerTexts()).map((row) =>
    row.split('\t').map((cell) => cell.replace(/\s+/g, ' ').trim()),
  )
const figure = (page: Page, term: string) => page.locator('dt', { hasText: term }).locator('+ dd')

test('the tree stands there as soon as the page is opened, each call with its bar, its times and what came of it', async (context) => {
  const backend = await startPod(context, 'backend', ['--fault-delay-ms=50'], 'purple')
  const nobody = await freePort()
  const upstreams = `${backend.url},http://127.0.0.1:${nobody},${backend.url}/healthy`
  const middle = await startPod(context, 'middle', [`--upstream=${upstreams}`], 'green')
  const front = await startPod(context, 'front', [`--upstream=${middle.url}`])
  const page = await openPage(context, front, '/b/-/chain')
  await calls(page).first().waitFor()
  const rows = await cells(page)
  assert.deepEqual(
    rows.map(([who, , , , , came, asked]) => [who, came, asked]),
    [
      ['front 1.0.0-blue', 'answered', 'by this page'],
      ['middle 1 call deep 1.0.0-green', 'answered', `${middle.url}/chain`],
      ['backend 2 calls deep 1.0.0-purple', 'answered fault: delay=50ms', `${backend.url}/chain`],
      [`127.0.0.1:${nobody} 2 calls deep`, 'failed connection refused', `http://127.0.0.1:${nobody}/chain`],
      [`127.0.0.1:${backend.port} 2 calls deep`, 'answered 200, 2 B', `${backend.url}/healthy`],
    ],
  )
  const hidden =
    "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.scroll'))"
  assert.equal(await page.evaluate(hidden), 0, 'all columns are in sight')
  for (const [, , took = '', itself = '', began = ''] of rows)
    for (const time of [took, itself, began]) assert.match(time, /^[\d.]+ m?s$/)
  assert.equal((await figure(page, 'Calls').innerText()).trim(), '4')
  assert.equal((await figure(page, 'Failed').innerText()).trim(), '1')
  assert.equal(await page.getByText('Trace', { exact: true }).count(), 0)
})

test('the trace id can be copied', async (context) => {
  const backend = await startKuard(context)
  const front = await startKuard(context, [`--upstream=${backend.url}`])
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const page = await openPage(context, front, '/-/chain', {
    permissions: ['clipboard-read', 'clipboard-write'],
    extraHTTPHeaders: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  })
  await page.getByRole('button', { name: 'Copy the trace ID' }).click()
  await eventually(
    'it to be copied',
    async () => (await page.evaluate<string>('navigator.clipboard.readText()')) === traceId,
  )
})

test('it asks again when it is told to, by the keyboard too, and an earlier answer can be shown again', async (context) => {
  const backend = await startKuard(context)
  const front = await startKuard(context, [`--upstream=${backend.url}`])
  const page = await openPage(context, front, '/-/chain')
  await calls(page).first().waitFor()
  await backend.put('/faults/error', { share: 1 })
  await page.getByRole('button', { name: 'Ask again' }).press('Enter')
  await page.getByText('failed it answered 503 Service Unavailable').waitFor()
  await page.getByRole('button', { name: '1', exact: true }).click()
  await page.getByRole('button', { name: '1, shown' }).waitFor()
  assert.equal((await figure(page, 'Failed').innerText()).trim(), 'none')
})

test('from any other order the table goes back to the tree’s', async (context) => {
  const backend = await startPod(context, 'backend', ['--fault-delay-ms=50'])
  const front = await startPod(context, 'front', [`--upstream=${backend.url}/healthy,${backend.url}`])
  const page = await openPage(context, front, '/-/chain')
  const names = async () => (await cells(page)).map(([who = '']) => who.split(' ')[0])
  const inTree = ['front', `127.0.0.1:${backend.port}`, 'backend']
  await calls(page).first().waitFor()
  assert.deepEqual(await names(), inTree)
  const sort = (column: string) => page.getByRole('button', { name: column, exact: true })
  await sort('Took').click()
  await eventually('the longest to be last', async () => (await names()).at(-1) === 'front')
  await sort('Who').click()
  await eventually('the tree to be back', async () => (await names()).join() === inTree.join())
})

test('a pod without upstreams says how to have some', async (context) => {
  const page = await openPage(context, await startKuard(context), '/a/-/chain')
  await page.getByRole('heading', { name: 'It has no upstreams' }).waitFor()
  await page.getByText(/create deployment frontend --image=\S+ -- \/kuard --upstream=http/).waitFor()
  await page.getByText(/apply -f http:\S+\/a\/manifests\/07-services\/chain\.yaml$/).waitFor()
})

test('a server that does not answer is told as such, and can be asked again', async (context) => {
  const front = await startKuard(context)
  const page = await openPage(context, front, '/-/chain', { mayComplain: /503/ })
  await page.getByRole('heading', { name: 'It has no upstreams' }).waitFor()
  await page.route('**/chain', (route) => route.fulfill({ status: 503, body: 'not now' }))
  await page.getByRole('button', { name: 'Ask again' }).click()
  await page.getByRole('alert').filter({ hasText: 'not now' }).waitFor()
})

test('a tree of hundreds of calls is a table with a filter, no wider than a phone, and axe-core finds nothing wrong', async (context) => {
  const self = `http://127.0.0.1:${await freePort()}`
  const { port } = new URL(self)
  const looping = await startKuard(context, [`--upstream=${self},${self}`, `--address=127.0.0.1:${port}`])
  const page = await openPage(context, looping, '/-/chain', { viewport: { width: 375, height: 800 } })
  await page.getByText('255 requests', { exact: true }).waitFor()
  await page
    .getByText(/0 of 2 upstreams were asked/)
    .first()
    .waitFor()
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 375)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await accessibilityViolations(page), [], colorScheme)
  }
})

/** An answer whose calls are given by when they began and how long they took. */
const answer = (milliseconds: number, ...calls: ChainCall[]): ChainAnswer => ({
  pod: 'pod',
  version: '1.0.0-blue',
  colour: 'blue',
  namespace: null,
  node: null,
  time: '2026-11-30T12:00:00Z',
  milliseconds,
  traceId: null,
  stopped: null,
  failed: 0,
  calls,
})
const call = (at: number, milliseconds: number, answered: ChainAnswer | null = null): ChainCall => ({
  url: 'http://pod/chain',
  at,
  milliseconds,
  status: 200,
  bytes: 0,
  bodyIsCut: false,
  error: null,
  fault: null,
  answer: answered,
})

test('what of a pod’s time was its own leaves out the time that any of its calls took, once', () => {
  assert.equal(ownTime(answer(100)), 100)
  assert.equal(ownTime(answer(100, call(10, 40), call(20, 40), call(25, 5), call(80, 10))), 40)
  assert.equal(ownTime(answer(100, call(0, 120))), 0)
})

test('an answer lies in the middle of its call, since nobody knows which way took how long', () => {
  const rows = rowsOf(answer(100, call(10, 80, answer(60, call(5, 20)))))
  assert.deepEqual(
    rows.map(({ depth, at, milliseconds }) => [depth, at, milliseconds]),
    [
      [0, 0, 100],
      [1, 10, 80],
      [2, 25, 20],
    ],
  )
})
