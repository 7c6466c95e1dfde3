/** The Traffic tab. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { TrafficStatus } from '../../server/features/traffic/wire.ts'
import { pod, service } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { atEnd } from '../support/at-end.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { startPodIn } from '../support/pod.ts'
import { startPod, startService } from '../support/service.ts'

const status = async (kuard: Kuard): Promise<TrafficStatus> =>
  (await kuard.get('/traffic')).json(TrafficStatus)

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const state = (page: Page, word: string) => page.getByText(word, { exact: true })
const sendTo = (page: Page) => page.getByLabel('Send to')
/** What is behind the line of what seldom changes. */
const openFurther = (page: Page) => page.getByText(/^Limits, connections/).click()
const picture = (page: Page) =>
  page.getByRole('img', { name: /^The last \d+ answers?, the newest at the right/ })
const stack = (page: Page) => page.getByRole('img', { name: /^Plot of answers a second by version/ })
const table = (page: Page, name: RegExp) => page.getByRole('table', { name })
/** What its rows say, cell by cell. */
const cells = async (page: Page, name: RegExp): Promise<string[][]> =>
  (await table(page, name).locator('tbody tr').allInnerTexts()).map((row) =>
    row.split('\t').map((cell) => cell.replace(/\s+/g, ' ').trim()),
  )
/** How many marks a path draws. */
const marksOf = async (path: Locator): Promise<number> =>
  ((await path.getAttribute('d')) ?? '').split('M').length - 1

/** A server that refuses every fourth request. */
async function startGrumbler(context: TestContext): Promise<string> {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response.writeHead(asked % 4 === 0 ? 503 : 200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(context, () => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('/a/-/traffic: what the form says is sent, and counted in front of the reader', async (context) => {
  const target = await startPod(context, 'web-1')
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/a/-/traffic')
  await state(page, 'never started').waitFor()
  await page.getByText('{"enable":true,"url":"http://kuard/","rate":10}').waitFor()
  await page
    .getByText(
      /run traffic --image=\S+ -- --traffic-enable --traffic-url=http:\/\/kuard\/ --traffic-rate=10$/,
    )
    .waitFor()

  await sendTo(page).fill(`127.0.0.1:${target.port}`)
  await page.getByText(`asks ${target.url}/`, { exact: true }).waitFor()
  await page.getByRole('toolbar').getByRole('button', { name: '100', exact: true }).click()
  await openFurther(page)
  await page.getByLabel('Requests to send').fill('60')
  await page.getByLabel('Headers').fill('x-one: 1\nx-two: a: b')
  await page
    .getByText(/--traffic-num-to-send=60 '--traffic-header=x-one: 1' '--traffic-header=x-two: a: b'$/)
    .waitFor()
  await button(page, 'Start').click()
  await state(page, 'ended').waitFor()
  await page.getByText('all was sent', { exact: true }).waitFor()
  await page.getByText('0 failed', { exact: true }).waitFor()
  await page.getByText('of 60', { exact: true }).waitFor()
  await picture(page)
    .and(page.getByLabel('The last 60 answers, the newest at the right: none failed'))
    .waitFor()
  await page.getByText('1.0.0-blue 60 answered').waitFor()
  await eventually('the pod to have all of it', async () => {
    const [row] = await cells(page, /^Who answered/)
    return row?.slice(0, 5).join() === 'web-1,1.0.0-blue,100 %,60,0'
  })
  await page.getByText('Nothing has failed.').waitFor()
  const { config } = await status(kuard)
  assert.equal(await sendTo(page).inputValue(), `${target.url}/`)
  assert.deepEqual(config, {
    enable: true,
    url: `${target.url}/`,
    rate: 100,
    timeToRun: 0,
    numToSend: 60,
    connections: 'new',
    concurrency: 16,
    method: 'GET',
    headers: { 'x-one': '1', 'x-two': 'a: b' },
    body: '',
    timeoutMs: 5000,
    count: '',
    log: 'seconds',
    exitOnComplete: false,
    maxFailures: 0,
  })
})

test('what fails is a cross, is counted in large, and is told in words', async (context) => {
  const [kuard, grumbler, nobody] = await Promise.all([
    startKuard(context),
    startGrumbler(context),
    freePort(),
  ])
  const page = await openPage(context, kuard, '/-/traffic')
  const crosses = async (): Promise<number> => {
    const counts = await Promise.all((await picture(page).locator('path.cross').all()).map(marksOf))
    return counts.reduce((sum, count) => sum + count, 0)
  }
  await kuard.put('/traffic', { enable: true, url: grumbler, rate: 100, numToSend: 40 })
  await state(page, 'ended').waitFor()
  await page.getByText('10 failed', { exact: true }).first().waitFor()
  await page.getByLabel('The last 40 answers, the newest at the right: 10 failed').waitFor()
  assert.equal(await crosses(), 10)
  await page.getByText('no version 30 answered, 10 failed').waitFor()
  assert.deepEqual((await cells(page, /^What failed/))[0]?.slice(0, 4), [
    '5xx',
    '503 Service Unavailable',
    '127.0.0.1',
    '10',
  ])

  await kuard.put('/traffic', { enable: true, url: `http://127.0.0.1:${nobody}/`, rate: 100, numToSend: 12 })
  await page.getByText('12 failed', { exact: true }).waitFor()
  await page.getByText('12 without an answer').waitFor()
  await eventually('a cross for each', async () => (await crosses()) === 12)
  const [kind, words, from, count] = (await cells(page, /^What failed/))[0] ?? []
  assert.deepEqual([kind, from, count], ['refused', 'nobody', '12'])
  assert.match(words ?? '', /refused/)
  await page.getByText('Nobody has answered yet.').waitFor()
  await page.getByText('Nothing has been answered yet').first().waitFor()
})

/** The colour of a plot some seconds before its right edge, just above the ground. */
const colourAtTheEnd = (page: Page): Promise<string> =>
  page.evaluate<string>(`(() => {
    const canvas = document.querySelector('[aria-label^="Plot of answers"] canvas')
    const across = canvas?.getContext('2d').getImageData(canvas.width - 200, canvas.height - 40, 1, 1).data ?? []
    return 'rgb(' + [...across].slice(0, 3).join(', ') + ')'
  })()`)
const colourOf = (page: Page, name: string): Promise<string> =>
  page.evaluate<string>(`(() => {
    const probe = document.body.appendChild(document.createElement('span'))
    probe.style.color = 'var(--${name})'
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  })()`)

test('blue turns green in the marks and in the stack when the Service does', async (context) => {
  const [blue, green] = await Promise.all([
    startPod(context, 'web-blue'),
    startPod(context, 'web-green', [], 'green'),
  ])
  let chosen = blue
  const balancer = await startService(context, () => chosen)
  const kuard = await startKuard(context, [
    '--traffic-enable',
    `--traffic-url=${balancer.url}/`,
    '--traffic-rate=20',
  ])
  const page = await openPage(context, kuard, '/-/traffic', { mayComplain: /willReadFrequently/ })
  await state(page, 'sending').waitFor()
  await eventually(
    'the stack to be blue',
    async () => (await colourAtTheEnd(page)) === (await colourOf(page, 'blue')),
  )
  const squares = picture(page).locator('g', { has: page.locator('path.answered') })
  assert.equal(await squares.count(), 1)

  chosen = green
  await page.getByText(/^\s*1\.0\.0-green \d+ answered$/).waitFor()
  await eventually(
    'the stack to be green',
    async () => (await colourAtTheEnd(page)) === (await colourOf(page, 'green')),
  )
  await stack(page)
    .and(page.getByLabel(/Now 1\.0\.0-blue 0, 1\.0\.0-green \d+, failed 0\./))
    .waitFor()
  assert.equal(await squares.count(), 2)
  const fills = await page.evaluate<string[]>(
    "[...document.querySelectorAll('path.answered')].map((path) => getComputedStyle(path).fill)",
  )
  assert.deepEqual(fills, [await colourOf(page, 'blue'), await colourOf(page, 'green')])
  const pods = (await cells(page, /^Who answered/)).map(([name, version]) => `${name} ${version}`)
  assert.deepEqual(pods.sort(), ['web-blue 1.0.0-blue', 'web-green 1.0.0-green'])
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await accessibilityViolations(page), [], colorScheme)
  }
})

test('the histogram, the table of seconds and the count in large agree', async (context) => {
  const target = await startKuard(context)
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/traffic')
  await kuard.put('/traffic', {
    enable: true,
    url: target.url,
    rate: 50,
    numToSend: 120,
    count: 'header:x-served-version',
  })
  await state(page, 'ended').waitFor()
  const { histogram } = await status(kuard)
  const told = (await cells(page, /^How many answers took how long/)).map(
    ([, upTo, count]) => `${upTo} ${count}`,
  )
  assert.deepEqual(
    told,
    histogram.map(({ upToMs, count }) => `${upToMs < 1000 ? `${upToMs} ms` : `${upToMs / 1000} s`} ${count}`),
  )
  assert.equal(
    histogram.reduce((sum, { count }) => sum + count, 0),
    120,
  )
  await page.getByText(/^In the whole run, half within [\d.]+ m?s, 9 in 10 within/).waitFor()
  await page.getByText('The same as a table').click()
  await eventually('all to be in the seconds', async () => {
    const rows = await cells(page, /^What was answered in each second/)
    return rows.reduce((sum, [, sent]) => sum + Number(sent), 0) === 120
  })
  assert.deepEqual(await cells(page, /^What the answers said/), [['1.0.0-blue', '120', '100 %']])
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('it can be replaced and stopped while it runs, by keys alone', async (context) => {
  const target = await startKuard(context)
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/traffic')
  await sendTo(page).fill(target.url)
  await sendTo(page).press('Enter')
  await state(page, 'sending').waitFor()
  await page.getByText(/^\d+(\.\d)? a second/).waitFor()

  await page.getByLabel('Requests a second').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('End')
  await page.keyboard.press('Space')
  assert.equal(await page.getByLabel('Requests a second').inputValue(), '100')
  await openFurther(page)
  await page.getByLabel('Time to run, in seconds').fill('300')
  await page.getByLabel('Connections').selectOption('kept')
  await button(page, 'Replace').focus()
  await page.keyboard.press('Enter')
  await page.getByText(/^4 min \d+ s$/).waitFor()
  await page.getByRole('cell', { name: /^\(Traffic 1\) Sending 100 requests a second/ }).waitFor()

  await button(page, 'Stop').focus()
  await page.keyboard.press('Enter')
  await state(page, 'ended').waitFor()
  await page.getByText('stopped', { exact: true }).waitFor()
  await button(page, 'Start').waitFor()
  const { config, progress } = await status(kuard)
  assert.deepEqual([config.enable, config.connections, progress.running], [false, 'kept', false])
})

test('what is typed wrong is named at its field, also where that is behind the line', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/traffic')
  await button(page, 'Start').click()
  await page.getByText('a name such as kuard, or a URL of http or https').waitFor()
  await sendTo(page).fill('kuard')
  await page.getByLabel('Requests a second').fill('5000')
  await openFurther(page)
  await page.getByLabel('Headers').fill('no header')
  await page.getByText(/^Limits, connections/).click()
  await button(page, 'Start').click()
  await page.locator('.fault', { hasText: '0.1 to 2000' }).waitFor()
  await page.getByText('each line is NAME: VALUE').waitFor()
  assert.equal((await status(kuard)).progress.startedAt, null)
})

test('a server that is read-only says so beside the button', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  const page = await openPage(context, kuard, '/-/traffic', { mayComplain: /403/ })
  await button(page, 'this server').click()
  assert.equal(await sendTo(page).inputValue(), `${kuard.url}/`)
  await button(page, 'Start').click()
  assert.match(await page.locator('main').getByRole('alert').innerText(), /read-only/)
})

test('the Services of the namespace are at hand, that of this pod first', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'kuard', labels: { app: 'web' } }))
  api.put('services', service({ name: 'another' }))
  api.put('services', service({ name: 'web' }, { selector: { app: 'web' } }))
  const { kuard } = await startPodIn(context, api)
  const page = await openPage(context, kuard, '/-/traffic')
  await eventually('each Service to have a button', async () => {
    const names = await page.getByRole('toolbar').first().getByRole('button').allInnerTexts()
    return names.join() === 'web,another,this server'
  })
  await button(page, 'web').click()
  assert.equal(await sendTo(page).inputValue(), 'http://web/')
})
