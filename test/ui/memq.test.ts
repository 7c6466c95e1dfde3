/** The MemQ Server tab. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Locator, Page } from 'playwright-core'
import { DeliveredMessage, Stats, type QueueStats } from '../../server/features/memq/wire.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { startRedis } from '../support/redis.ts'
import { startPod, startService } from '../support/service.ts'

const run = promisify(execFile)

/** For the page: the words of what has the focus. */
const focusedText = 'document.activeElement.textContent.trim()'

/** For the page: how far it can be scrolled sideways. */
const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

const queuePath = (queue: string, action = '') => `/memq/server/queues/${encodeURIComponent(queue)}${action}`

async function create(kuard: Kuard, queue: string, ...bodies: readonly string[]): Promise<void> {
  await kuard.ask('PUT', queuePath(queue))
  for (const body of bodies) await kuard.post(queuePath(queue, '/enqueue'), body)
}

async function statsOf(kuard: Kuard, queue: string): Promise<QueueStats | undefined> {
  const stats = (await kuard.get('/memq/server/stats')).json(Stats)
  return stats.queues.find(({ name }) => name === queue)
}

const rowOf = (page: Page, queue: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name: queue, exact: true }) })

/** What the row of a queue says in a column. */
async function figure(page: Page, queue: string, column: string): Promise<string> {
  const titles = await page.getByRole('columnheader').allInnerTexts()
  const index = titles.findIndex((title) => title.replace(/ [↑↓]$/, '') === column)
  return rowOf(page, queue).getByRole('cell').nth(index).innerText()
}

const showing = (page: Page, queue: string, column: string, wanted: string | RegExp, limitMs?: number) =>
  eventually(
    `${column} of ${queue} to be ${String(wanted)}`,
    async () => {
      const shown = await figure(page, queue, column)
      return typeof wanted === 'string' ? shown === wanted : wanted.test(shown)
    },
    limitMs,
  )

/** Runs the command of a call that the page names, and tells what it printed. */
const shellOf =
  (page: Page) =>
  async (call: string): Promise<string> => {
    const entry = page.getByRole('listitem').filter({ has: page.getByText(call, { exact: true }) })
    const command = (await entry.locator('.command code').innerText()).trim()
    return (await run('sh', ['-c', command])).stdout
  }
/** Of a queue in the page's words. */
const path = '/memq/server/queues/Q'

const open = (page: Page, queue: string) => page.getByRole('button', { name: queue, exact: true }).click()

/** Presses a button, and what it asks for before it does it. */
async function confirm(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: action, exact: true }).click()
  await page.getByRole('button', { name: action, exact: true }).click()
}

for (const prefix of ['', '/a']) {
  test(`a queue fills and drains in front of the reader of ${prefix}/-/memq`, async (context) => {
    const kuard = await startKuard(context)
    await create(kuard, 'keygen', 'one', 'two')
    const page = await openPage(context, kuard, `${prefix}/-/memq`)
    await showing(page, 'keygen', 'Depth', '2')
    await kuard.post(queuePath('keygen', '/enqueue'), 'three')
    await showing(page, 'keygen', 'Depth', '3', 1_000)
    await page.getByText('messages waiting in 1 queue, 0 leased').waitFor()
    await kuard.post(queuePath('keygen', '/dequeue?lease=60'))
    await showing(page, 'keygen', 'Leased', '1', 1_000)
    for (const left of ['1', '0']) {
      await kuard.post(queuePath('keygen', '/dequeue'))
      await showing(page, 'keygen', 'Depth', left, 1_000)
    }
    for (const [column, value] of [
      ['Enqueued', '3'],
      ['Dequeued', '2'],
      ['Drained', '0'],
    ] as const) {
      assert.equal(await figure(page, 'keygen', column), value)
    }
    await page
      .getByRole('img', { name: 'depth of keygen over the last 5 minutes: 0 now, 3 at most' })
      .waitFor()
  })
}

test('the flow is a rate over ten seconds that falls to 0 by itself; the plot goes on to now', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'keygen')
  const page = await openPage(context, kuard, '/-/memq')
  await showing(page, 'keygen', 'In', '0/s')
  for (let message = 0; message < 6; message += 1) await kuard.post(queuePath('keygen', '/enqueue'), '')
  await kuard.post(queuePath('keygen', '/dequeue'))
  await showing(page, 'keygen', 'In', /^[1-9.]+\/s$/)
  await showing(page, 'keygen', 'Out', /^[01]\.\d\/s$/)
  const line = page.locator('svg[aria-label^="depth of keygen"] path').last()
  const reach = async () => /H([\d.]+)$/.exec((await line.getAttribute('d')) ?? '')?.[1]
  assert.equal(await reach(), '120.0')
  const steps = (await line.getAttribute('d'))?.split('V').length ?? 0
  await page.clock.setFixedTime(Date.now() + 60_000)
  await showing(page, 'keygen', 'In', '0/s')
  await showing(page, 'keygen', 'Out', '0/s')
  assert.equal(await reach(), '120.0')
  assert.equal((await line.getAttribute('d'))?.split('V').length, steps)
  const start = /^M([\d.]+)/.exec((await line.getAttribute('d')) ?? '')?.[1]
  assert.ok(Number(start) > 90 && Number(start) < 100, `a minute of five should end at ${start ?? ''} of 120`)
})

test('a queue whose depth stays draws a line, from the first moment on', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'full', 'one', 'two')
  await create(kuard, 'empty')
  const page = await openPage(context, kuard, '/-/memq')
  await showing(page, 'full', 'Depth', '2')
  const path = (queue: string) => page.locator(`svg[aria-label^="depth of ${queue} "] path.line`)
  /** How long it is, and how high above the ground, in a plot of 120 by 20. */
  const shape = async (queue: string) => {
    const drawn = (await path(queue).getAttribute('d')) ?? ''
    const [, start, y, end] = /^M([\d.]+) ([\d.]+).*H([\d.]+)$/.exec(drawn) ?? []
    return { length: Number(end) - Number(start), height: 20 - Number(y) }
  }
  for (const [queue, wanted] of [
    ['full', 18],
    ['empty', 1],
  ] as const) {
    const { length, height } = await shape(queue)
    assert.ok(length >= 4, `a line of ${length}`)
    assert.equal(height, wanted)
  }
  await page.clock.setFixedTime(Date.now() + 120_000)
  await eventually(
    'two minutes of five to be a line',
    async () => Math.round((await shape('full')).length) >= 48,
  )
})

test('a queue is made, filled, drained and deleted from the page', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/memq')
  await page.getByText('There is no queue.').waitFor()

  await page.getByLabel('Name of a new queue').fill('keygen')
  await page.keyboard.press('Enter')
  await page.getByText('created keygen').waitFor()
  await showing(page, 'keygen', 'Depth', '0')

  const body = ' first line\n"second" ü 🐳\n'
  await page.getByRole('textbox', { name: 'Message' }).fill(body)
  const enqueue = page.getByRole('button', { name: 'Enqueue', exact: true })
  await enqueue.click()
  const said = await page.getByText(/^enqueued as [0-9a-f]{32}$/).innerText()
  assert.equal(await page.evaluate(focusedText), 'Enqueue')
  const message = (await kuard.post(queuePath('keygen', '/dequeue?lease=60'))).json(DeliveredMessage)
  assert.equal(message.body, body)
  assert.equal(said, `enqueued as ${message.id}`)

  await enqueue.click()
  await showing(page, 'keygen', 'Depth', '1')
  await page.getByRole('button', { name: 'Drain', exact: true }).click()
  await page.getByText('Discards 1 message of keygen. What is on lease (1) stays with its workers.').waitFor()
  await page.getByRole('button', { name: 'Keep' }).click()
  assert.equal((await statsOf(kuard, 'keygen'))?.depth, 1)
  await confirm(page, 'Drain')
  await showing(page, 'keygen', 'Drained', '1')
  assert.deepEqual(await statsOf(kuard, 'keygen'), {
    name: 'keygen',
    depth: 0,
    enqueued: 2,
    dequeued: 0,
    drained: 1,
    leased: 1,
    delayed: 0,
    dead: 0,
  })

  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('Deletes keygen with its 0 messages and the 1 on lease.').waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('deleted keygen').waitFor()
  await page.getByText('There is no queue.').waitFor()
  assert.equal(await statsOf(kuard, 'keygen'), undefined)
})

test('a queue may have any name, and each command of the page works for it in a shell', async (context) => {
  const kuard = await startKuard(context)
  // The page may ask for the messages of a queue that the shell has just deleted.
  const page = await openPage(context, kuard, '/b/-/memq', { mayComplain: /status of 400/ })
  const shell = shellOf(page)

  for (const queue of [
    'two words',
    `it's "$HOME" \`id\``,
    'a/b?c#d%2F&e',
    'Überstraße 東京',
    '-x',
    '*',
    '[1-3]{a,b}',
  ]) {
    await page.getByLabel('Name of a new queue').fill(queue)
    await page.getByRole('button', { name: 'Create queue' }).click()
    await showing(page, queue, 'Depth', '0')
    await page.getByLabel('Queue in the commands').fill(queue)
    const { id } = JSON.parse(await shell(`POST ${path}/enqueue`)) as { id: string }
    const lent = JSON.parse(await shell(`POST ${path}/dequeue?lease=30`)) as { id: string; lease: string }
    assert.equal(lent.id, id)
    await page.getByLabel('Lease in the commands').fill(lent.lease)
    assert.equal(await shell(`POST ${path}/renew?lease=ID`), '')
    assert.equal(await shell(`POST ${path}/nack?lease=ID`), '')
    await showing(page, queue, 'Depth', '1')
    assert.match(await shell(`POST ${path}/ack?lease=ID`), /expired/)
    assert.match(await shell('GET /memq/server/stats'), /"enqueued":1/)
    await shell(`POST ${path}/drain`)
    await showing(page, queue, 'Drained', '1')
    await page.getByRole('button', { name: 'Enqueue', exact: true }).click()
    await showing(page, queue, 'Depth', '1')
    assert.match(await shell(`POST ${path}/dequeue`), /"kind":"message"/)
    await showing(page, queue, 'Dequeued', '1')
    await shell(`DELETE ${path}`)
    await rowOf(page, queue).waitFor({ state: 'detached' })
    await shell(`PUT ${path}`)
    await rowOf(page, queue).waitFor()
    await confirm(page, 'Delete')
    await rowOf(page, queue).waitFor({ state: 'detached' })
  }
})

test('settings, delays, batches, waiting, a look inside and redrive are commands too, which work in a shell', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/memq')
  const shell = shellOf(page)
  await page.getByLabel('Queue in the commands').fill(`it's one`)
  await shell(`PUT ${path} {…}`)
  assert.deepEqual((await statsOf(kuard, `it's one`))?.settings, {
    maxDeliveries: 3,
    deadLetter: `it's one.dead`,
    maxLength: 1000,
  })
  assert.match(await shell(`POST ${path}/enqueue?delay=60`), /work-item-1/)
  assert.match(await shell(`POST ${path}/enqueue?batch=true`), /work-item-2.*work-item-3/)
  assert.match(await shell(`GET ${path}/messages?count=20`), /delayed.*waiting.*waiting/)
  for (let time = 0; time < 3; time += 1) {
    const lent = JSON.parse(await shell(`POST ${path}/dequeue?lease=30&count=10`)) as {
      messages: { lease: string }[]
    }
    const [one, other] = lent.messages.map(({ lease }) => lease)
    assert.ok(one !== undefined && other !== undefined)
    for (const lease of [one, other]) {
      await page.getByLabel('Lease in the commands').fill(lease)
      assert.match(await shell(`POST ${path}/nack {"leases":[…]}`), /"settled":1/)
    }
  }
  await showing(page, `it's one`, 'Dead', '2')
  await page.getByLabel('Queue in the commands').fill(`it's one.dead`)
  assert.match(await shell(`POST ${path}/redrive`), /"moved":2/)
  await page.getByLabel('Queue in the commands').fill(`it's one`)
  for (const end of ['nack?lease=ID&delay=5', 'ack {"leases":[…]}']) {
    const { lease } = JSON.parse(await shell(`POST ${path}/dequeue?lease=30&wait=20`)) as { lease: string }
    await page.getByLabel('Lease in the commands').fill(lease)
    await shell(`POST ${path}/${end}`)
  }
  await showing(page, `it's one`, 'Dequeued', '1')
  await showing(page, `it's one`, 'Delayed', /[12]/)
})

test('what the server refuses is said in its words, where it was asked', async (context) => {
  const kuard = await startKuard(context, ['--memq-max-bytes=3000'])
  await create(kuard, 'keygen')
  const page = await openPage(context, kuard, '/-/memq', {
    mayComplain: /400|507|ERR_CONNECTION|Failed to load/,
  })
  await page.getByLabel('Name of a new queue').fill('keygen')
  await page.getByRole('button', { name: 'Create queue' }).click()
  await page.getByRole('alert').filter({ hasText: 'already exists' }).waitFor()

  await open(page, 'keygen')
  await page.getByRole('textbox', { name: 'Message' }).fill('x'.repeat(3000))
  await page.getByRole('button', { name: 'Enqueue', exact: true }).click()
  await page
    .getByRole('alert')
    .filter({ hasText: 'the queues are full: 1' })
    .filter({ hasText: '507' })
    .waitFor()
  assert.equal((await statsOf(kuard, 'keygen'))?.depth, 0)

  // A browser takes it out of the address, and the call would go elsewhere.
  await page.getByLabel('Name of a new queue').fill('..')
  await page.getByRole('button', { name: 'Create queue' }).click()
  await page.locator('input:invalid').and(page.getByLabel('Name of a new queue')).waitFor()
  assert.equal((await kuard.get('/memq/server/stats')).json(Stats).queues.length, 1)

  await kuard.kill()
  await page.getByRole('button', { name: 'Enqueue', exact: true }).click()
  await page
    .getByRole('alert')
    .filter({ hasText: 'the server can’t be reached' })
    .filter({ hasText: 'enqueue' })
    .waitFor()
})

test('a drain or deletion is asked for by keyboard alone, and never loses the focus', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'keygen', 'one')
  const page = await openPage(context, kuard, '/-/memq')
  await page.getByRole('button', { name: 'keygen', exact: true }).focus()
  await page.keyboard.press('Enter')
  const focused = () => page.evaluate<string>(focusedText)
  await page.getByRole('button', { name: 'Drain', exact: true }).focus()
  await page.keyboard.press('Enter')
  await eventually('the way out to have the focus', async () => (await focused()) === 'Keep')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await showing(page, 'keygen', 'Drained', '1')
  await page.getByText('drained', { exact: true }).waitFor()
  assert.equal(await focused(), 'Drain')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await eventually('the way out to have the focus', async () => (await focused()) === 'Keep')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await rowOf(page, 'keygen').waitFor({ state: 'detached' })
  assert.equal(await focused(), 'Queues')
})

test('forty queues with long names fit every width, can be sorted, and keep their rows as events come', async (context) => {
  const kuard = await startKuard(context)
  const long = Array.from(
    { length: 40 },
    (_, number) => `${String(number).padStart(2, '0')}-${'x'.repeat(250)}`,
  )
  for (const [number, queue] of long.entries())
    await create(kuard, queue, ...Array<string>(number % 3).fill(''))
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openPage(context, kuard, '/-/memq', { colorScheme })
    await showing(page, long[2] ?? '', 'Depth', '2')
    await open(page, long[2] ?? '')
    for (const width of [360, 950, 1920]) {
      await page.setViewportSize({ width, height: 900 })
      assert.equal(await page.evaluate(overflow), 0, `at ${width}`)
    }
    assert.deepEqual(await accessibilityViolations(page), [])
    if (colorScheme === 'dark') continue

    await page.getByRole('button', { name: 'Depth', exact: true }).click()
    await page
      .getByRole('button', { name: /^Depth/ })
      .first()
      .click()
    const names = page.locator('tbody button[aria-expanded]')
    assert.equal(await names.first().getAttribute('title'), long[38])
    await page.evaluate(`document.querySelector('tbody button').setAttribute('data-mark', 'kept')`)
    for (let message = 0; message < 30; message += 1)
      await kuard.post(queuePath(long[38] ?? '', '/enqueue'), '')
    await showing(page, long[38] ?? '', 'Depth', '32')
    assert.equal(await names.first().getAttribute('data-mark'), 'kept')
  }
})

test('a queue that is made anew under its name starts a new plot', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'keygen', ...Array<string>(9).fill(''))
  const page = await openPage(context, kuard, '/-/memq')
  await page.getByRole('img', { name: /: 9 now, 9 at most$/ }).waitFor()
  await kuard.ask('DELETE', queuePath('keygen'))
  await create(kuard, 'keygen', '')
  await page.getByRole('img', { name: /: 1 now, 1 at most$/ }).waitFor()
})

test('behind a Service of several pods, the one that made or deleted a queue is named', async (context) => {
  const [followed, other] = await Promise.all([startPod(context, 'one'), startPod(context, 'two')])
  const service = await startService(context, ({ url }) => (url?.includes('/memq/') ? other : followed))
  await create(followed, 'keygen')
  await create(other, 'keygen')
  const page = await openPage(context, service, '/-/memq')
  await page.getByLabel('Name of a new queue').fill('mail')
  await page.getByRole('button', { name: 'Create queue' }).click()
  await page.getByText('answered by two; the live values are one’s').waitFor()
  assert.ok(await statsOf(other, 'mail'))
  await open(page, 'keygen')
  await confirm(page, 'Delete')
  await page.getByRole('status').filter({ hasText: 'deleted keygen' }).getByText('answered by two').waitFor()
  assert.equal(await statsOf(other, 'keygen'), undefined)
  assert.ok(await statsOf(followed, 'keygen'))
})

test('queues in Redis: what another pod changes shows within a second, and while Redis is away the page says so', async (context) => {
  const redis = await startRedis(context, ['--appendonly', 'yes', '--appendfsync', 'always'])
  const [shown, other] = await Promise.all(
    [1, 2].map(() => startKuard(context, [`--memq-store=${redis.url}`])),
  )
  assert.ok(shown && other)
  await other.ask('PUT', '/memq/server/queues/work')
  const page = await openPage(context, shown, '/-/memq')
  await page.getByText('These queues are in Redis').waitFor()
  await page.getByText('0 messages waiting in 1 queue').waitFor()
  await other.post('/memq/server/queues/work/enqueue', 'one')
  await page.getByText('1 message waiting in 1 queue').waitFor({ timeout: 1_000 })

  await redis.kill()
  const alert = page.getByRole('alert')
  await alert.getByText('does not answer').waitFor()
  await page.getByText('1 message waiting in 1 queue').waitFor()
  await redis.start()
  await alert.waitFor({ state: 'detached' })
})
