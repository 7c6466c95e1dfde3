/** The MemQ Server tab's look into a queue: its settings, its messages and their lives, dead letters, and the reader as a worker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import {
  DeliveredMessage,
  DeliveredMessages,
  Message,
  PeekedMessages,
  Stats,
  type QueueSettings,
  type QueueStats,
} from '../../server/features/memq/wire.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

const path = (queue: string, action = '') => `/memq/server/queues/${encodeURIComponent(queue)}${action}`

async function create(kuard: Kuard, queue: string, settings?: QueueSettings): Promise<void> {
  await (settings ? kuard.put(path(queue), settings) : kuard.ask('PUT', path(queue)))
}

async function statsOf(kuard: Kuard, queue: string): Promise<QueueStats | undefined> {
  return (await kuard.get('/memq/server/stats')).json(Stats).queues.find(({ name }) => name === queue)
}

const put = async (kuard: Kuard, queue: string, body: string, query = '') =>
  (await kuard.post(path(queue, `/enqueue${query}`), body)).json(Message)

const fill = (kuard: Kuard, queue: string, bodies: readonly string[]) =>
  kuard.post(path(queue, '/enqueue?batch=true'), JSON.stringify(bodies))

const borrow = async (kuard: Kuard, queue: string, seconds = 60) =>
  (await kuard.post(path(queue, `/dequeue?lease=${seconds}`))).json(DeliveredMessage)

/** Hands the oldest message out and takes it back unfinished, so many times. */
async function fail(kuard: Kuard, queue: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { lease = '' } = await borrow(kuard, queue)
    await kuard.post(path(queue, `/nack?lease=${lease}`))
  }
}

const openQueue = (context: Parameters<typeof openPage>[0], kuard: Kuard, queue: string, options = {}) =>
  openPage(context, kuard, `/-/memq?${new URLSearchParams({ queue }).toString()}`, options)

/** The line of a message, by its number in its queue. */
const lineOf = (page: Page, place: number): Locator =>
  page
    .locator('.detail tbody tr')
    .filter({ has: page.getByRole('button', { name: `message ${String(place)}`, exact: true }) })

const openMessage = (page: Page, place: number) =>
  page.getByRole('button', { name: `message ${String(place)}`, exact: true }).click()

const places = async (page: Page): Promise<number[]> =>
  (await page.getByRole('button', { name: /^message / }).allInnerTexts()).map((text) =>
    Number(text.replace(',', '')),
  )

test('what waits, what is leased and what is delayed is shown as it is, and nothing is taken', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await put(kuard, 'orders', 'first\nof two lines\0')
  await put(kuard, 'orders', '')
  await put(kuard, 'orders', 'later', '?delay=600')
  await borrow(kuard, 'orders', 600)
  const page = await openQueue(context, kuard, 'orders')
  await page.getByText('1 message waiting in 1 queue, 1 leased, 1 delayed').waitFor()
  await lineOf(page, 1)
    .getByText(/leased until \d\d:\d\d:\d\d in 9 min/)
    .waitFor()
  await lineOf(page, 1).getByText('first\\nof two lines\\0', { exact: true }).waitFor()
  await lineOf(page, 2).getByText('empty').waitFor()
  await lineOf(page, 2).getByText('waiting').waitFor()
  await lineOf(page, 3)
    .getByText(/delayed until/)
    .waitFor()

  // What happens to it is seen at once.
  await put(kuard, 'orders', 'a fourth')
  await lineOf(page, 4).waitFor({ timeout: 2_500 })
  await kuard.post(path('orders', '/dequeue'))
  await lineOf(page, 2).waitFor({ state: 'detached' })
  const stats = await statsOf(kuard, 'orders')
  assert.deepEqual([stats?.depth, stats?.leased, stats?.delayed, stats?.dequeued], [1, 1, 1, 1])
})

test('the messages are asked for when something has changed, no more than once a second, and never else', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await fill(kuard, 'orders', ['one'])
  const page = await openQueue(context, kuard, 'orders')
  await lineOf(page, 1).waitFor()
  const times: number[] = []
  page.on('request', (request) => {
    if (request.url().includes('/messages')) times.push(performance.now())
  })
  await eventually('three looks', async () => {
    await put(kuard, 'orders', 'one more')
    return times.length >= 3
  })
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  for (const gap of gaps) assert.ok(gap > 900, `${String(gap)} ms between two looks`)
  // Another queue's change is none of this one's.
  await create(kuard, 'mail')
  await page.getByRole('button', { name: 'mail', exact: true }).waitFor()
  await eventually('the last look to be over', () => performance.now() - (times.at(-1) ?? 0) > 1_500)
  const looks = times.length
  await put(kuard, 'mail', 'x')
  await page.getByRole('row', { name: /^mail 1 / }).waitFor()
  assert.equal(times.length, looks)
})

test('a thousand messages are paged through, and a page that empties gives way to the one before', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await fill(
    kuard,
    'orders',
    Array.from({ length: 1_000 }, (_, item) => `item ${item}`),
  )
  const page = await openQueue(context, kuard, 'orders')
  const next = page.getByRole('button', { name: 'Next', exact: true })
  const showing = (first: number, count: number) =>
    eventually(`message ${first} to be the first`, async () => {
      const shown = await places(page)
      return shown[0] === first && shown.length === count
    })
  await showing(1, 20)
  for (const first of [21, 41]) {
    await next.click()
    await showing(first, 20)
  }
  await page.getByText('page 3', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await showing(21, 20)
  await kuard.post(path('orders', '/dequeue?count=30'))
  await showing(31, 10 + 10)
  await kuard.post(path('orders', '/drain'))
  await page.getByText('There is no message in it').waitFor()
  await page.getByText(/^page/).waitFor({ state: 'detached' })
})

test('a message that was sent in a trace names it', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  const id = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${id}-b7ad6b7169203331-01` }
  await kuard.ask('POST', path('orders', '/enqueue'), { body: 'traced', headers })
  const page = await openQueue(context, kuard, 'orders')
  await openMessage(page, 1)
  await page.getByText(id, { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Copy the trace ID' }).waitFor()
})

test('a message’s life is a line of events, from its enqueueing to what it does now', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await put(kuard, 'orders', '{"order":1}')
  await fail(kuard, 'orders', 2)
  const page = await openQueue(context, kuard, 'orders')
  await openMessage(page, 1)
  const life = page.getByRole('list', { name: 'Its life' })
  const words = async () =>
    (await life.getByRole('listitem').allInnerTexts()).map(
      (text) => /enqueued|handed out|given back|waiting/.exec(text)?.[0],
    )
  assert.deepEqual(await words(), [
    'enqueued',
    'handed out',
    'given back',
    'handed out',
    'given back',
    'waiting',
  ])
  // A lease that ends by itself is seen without anything else happening.
  await borrow(kuard, 'orders', 3)
  await life.getByText('leased until').waitFor()
  await life.getByText('lease expired').waitFor()
  await lineOf(page, 1).getByText('3×').waitFor()
  await kuard.post(path('orders', '/dequeue'))
  await page.getByText('Message 1, which was open, is no longer here').waitFor()
})

test('settings are given by a form, said in words, and what is wrong with them is told at its field', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  const page = await openQueue(context, kuard, 'orders')
  await page.getByText('no limits').waitFor()
  await page.getByRole('button', { name: 'Change the settings' }).click()
  const form = page.getByRole('form', { name: 'Settings of orders' })
  const set = form.getByRole('button', { name: 'Set' })
  await form.getByLabel('Hand a message out at most so often').fill('3')
  await set.click()
  await form.getByText('a dead-letter queue is needed').waitFor()
  await form.getByLabel('then move it').fill('orders.dead')
  await form.getByLabel('Messages that may wait').fill('100')
  await form.getByLabel('drop the oldest').check()
  await set.click()
  await form.getByText('kept to from now on').waitFor()
  const settings = {
    maxDeliveries: 3,
    deadLetter: 'orders.dead',
    maxLength: 100,
    overflow: 'drop-oldest',
  } as const
  assert.deepEqual((await statsOf(kuard, 'orders'))?.settings, settings)
  await page
    .getByText(
      'hands a message out at most 3 times, then moves it to orders.dead; holds at most 100 messages; beyond that the oldest is dropped',
    )
    .waitFor()

  // Others may change them: what was typed stays until the reader wants theirs.
  await form.getByLabel('Messages that may wait').fill('200')
  await create(kuard, 'orders', { maxLength: 7 })
  await form.getByText('have changed since').waitFor()
  await form.getByRole('button', { name: 'Take them over' }).click()
  assert.equal(await form.getByLabel('Messages that may wait').inputValue(), '7')
  await form.getByLabel('Messages that may wait').fill('')
  await set.click()
  await page.getByText('no limits').waitFor()
})

test('a poison message is followed into its dead-letter queue and sent back, by links both ways', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders', { maxDeliveries: 2, deadLetter: 'orders.dead' })
  await fill(kuard, 'orders', ['poison', 'poison too', 'good'])
  const page = await openQueue(context, kuard, 'orders')
  await lineOf(page, 1).waitFor()
  await fail(kuard, 'orders', 4)
  await page.getByText('2 moved to dead-letter queues').waitFor()
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name: 'orders.dead', exact: true }) })
  await row.getByText('dead letters').waitFor()

  await page.getByRole('link', { name: 'orders.dead' }).click()
  await page.getByText('dead-letter queue of orders').waitFor()
  assert.equal(new URL(page.url()).searchParams.get('queue'), 'orders.dead')
  assert.equal(await page.evaluate('document.activeElement.title'), 'orders.dead')
  await openMessage(page, 1)
  await page.getByText('handed out 2 times, of at most 2, and never acked').waitFor()
  await page.getByRole('list', { name: 'Its life' }).getByText('dead', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Send back', exact: true }).click()
  await lineOf(page, 1).waitFor({ state: 'detached' })
  assert.equal((await statsOf(kuard, 'orders'))?.depth, 2)

  await page.getByRole('button', { name: 'Send all back' }).click()
  await page.getByText('Sends each dead message that waits in orders.dead back').waitFor()
  await page.getByRole('button', { name: 'Send all back' }).click()
  await page.getByText('sent 1 message back').waitFor()
  await page.getByRole('link', { name: 'orders', exact: true }).first().click()
  await lineOf(page, 5).waitFor()
  await openMessage(page, 5)
  await page.getByRole('list', { name: 'Its life' }).getByText('sent back').waitFor()
})

test('messages are put in with a delay, and several at once', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  const page = await openQueue(context, kuard, 'orders')
  await page.getByRole('textbox', { name: 'Message' }).fill('later')
  await page.getByLabel('Delay, in seconds').fill('90')
  await page.getByRole('button', { name: 'Enqueue', exact: true }).click()
  await page.getByText(/enqueued as [0-9a-f]{32}, hidden for 1 min 30 s/).waitFor()
  await page.getByLabel('Delay, in seconds').fill('0')
  await page.getByLabel('a message for each line').check()
  await page.getByRole('textbox', { name: 'Messages' }).fill('\n\n')
  await page.getByRole('button', { name: 'Enqueue', exact: true }).click()
  await page.getByText('a line is needed').waitFor()
  await page.getByRole('textbox', { name: 'Messages' }).fill('one\n\n"two"\n')
  await page.getByRole('button', { name: 'Enqueue', exact: true }).click()
  await page.getByText('enqueued 2 messages').waitFor()
  const taken = (await kuard.post(path('orders', '/dequeue?count=9'))).json(DeliveredMessages)
  assert.deepEqual(
    taken.messages.map(({ body }) => body),
    ['one', '"two"'],
  )
  assert.equal((await statsOf(kuard, 'orders'))?.delayed, 1)
})

test('the reader is a worker: takes a message, has its lease begin anew, gives it back, finishes it', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await fill(kuard, 'orders', ['one', 'two', 'three'])
  const page = await openQueue(context, kuard, 'orders')
  const take = page.getByRole('button', { name: 'Take one' })
  await take.click()
  await page.getByText('no. 1, handed out for the first time; yours until').waitFor()
  await page.getByRole('button', { name: 'Renew no. 1' }).click()
  await page.getByText('begun anew').waitFor()
  await page.getByLabel('Nack hides for, in seconds').fill('300')
  await page.getByRole('button', { name: 'Nack no. 1' }).click()
  await page.getByText('gave no. 1 back, hidden for 5 min').waitFor()
  assert.equal((await statsOf(kuard, 'orders'))?.delayed, 1)
  await take.click()
  await page.getByRole('button', { name: 'Ack no. 2', exact: true }).click()
  await page.getByText('acked no. 2').waitFor()
  assert.equal((await statsOf(kuard, 'orders'))?.dequeued, 1)
  await put(kuard, 'orders', 'four')
  for (const place of [3, 4]) {
    await take.click()
    await page.getByText(`no. ${place}, handed out`).waitFor()
  }
  // It stays with the reader while another tab is on show.
  await page.getByRole('link', { name: 'Memory' }).click()
  await page.goBack()
  await page.getByRole('button', { name: 'Ack all 2', exact: true }).click()
  await page.getByText('acked 2 messages').waitFor()
  assert.equal((await statsOf(kuard, 'orders'))?.dequeued, 3)
})

test('a lease that ends in the reader’s hands is said to have ended', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await put(kuard, 'orders', 'one')
  const page = await openQueue(context, kuard, 'orders')
  await page.getByLabel('Lease, in seconds').fill('1')
  await page.getByRole('button', { name: 'Take one' }).click()
  await page.getByText('its lease has expired').waitFor()
  await lineOf(page, 1).getByText('waiting').waitFor()
  await page.getByRole('button', { name: 'Forget it' }).click()
  await page.getByText('its lease has expired').waitFor({ state: 'detached' })
})

test('a queue that goes while it is open is said to have gone, and with it what the reader held', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await put(kuard, 'orders', 'one')
  const page = await openQueue(context, kuard, 'orders', { mayComplain: /410/ })
  await page.getByRole('button', { name: 'Take one' }).click()
  const ack = page.getByRole('button', { name: 'Ack no. 1', exact: true })
  await ack.waitFor()
  await kuard.ask('DELETE', path('orders'))
  const gone = page.getByText('There is no queue orders, which was open here')
  await gone.waitFor()
  await create(kuard, 'orders')
  await gone.waitFor({ state: 'detached' })
  await ack.click()
  await page.getByText('the lease of no. 1 had ended; it is no longer yours').waitFor()
  await ack.waitFor({ state: 'detached' })
})

test('a link to a queue beyond the first hundreds of the table opens it', async (context) => {
  const kuard = await startKuard(context)
  const names = Array.from({ length: 320 }, (_, index) => `q-${String(index).padStart(3, '0')}`)
  for (const name of names) await create(kuard, name)
  await create(kuard, 'q-319', { maxDeliveries: 1, deadLetter: 'dead' })
  const page = await openQueue(context, kuard, 'dead')
  await page.getByRole('link', { name: 'q-319' }).click()
  await page.getByText('hands a message out at most once').waitFor()
  await page.getByText('The first 300 of 321 are shown.').waitFor()
})

test('a reader who waits is given the next message; one who stops, or closes the queue, takes none', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  const page = await openQueue(context, kuard, 'orders', { mayComplain: /ERR_ABORTED/ })
  const take = page.getByRole('button', { name: 'Take one' })
  await take.click()
  await page.getByText('waits for a message').waitFor()
  await put(kuard, 'orders', 'one')
  await page.getByText('no. 1, handed out for the first time').waitFor()

  await take.click()
  await page.getByRole('button', { name: 'Stop waiting' }).click()
  await page.getByText('stopped waiting; nothing was taken').waitFor()
  await take.click()
  await page.getByText('waits for a message').waitFor()
  await page.getByRole('button', { name: 'orders', exact: true }).click()
  await page.getByText('waits for a message').waitFor({ state: 'detached' })
  // A waiting worker that is gone takes nothing.
  await eventually('a message to be left alone', async () => {
    await put(kuard, 'orders', 'left')
    return ((await statsOf(kuard, 'orders'))?.depth ?? 0) > 0
  })
  const peeked = (await kuard.get(path('orders', '/messages'))).json(PeekedMessages)
  assert.ok(peeked.messages.some(({ deliveries }) => deliveries === 0))

  await page.getByRole('button', { name: 'orders', exact: true }).click()
  await page.getByLabel('Wait, in seconds').fill('0')
  await kuard.post(path('orders', '/drain'))
  await take.click()
  await page.getByText('nothing waited; 1 on lease may come back').waitFor()
})

test('long names, bodies and lives fit every width, light and dark, and axe finds nothing wrong', async (context) => {
  const kuard = await startKuard(context)
  const [orders, dead] = [`orders-${'x'.repeat(240)}`, `dead-${'y'.repeat(240)}`]
  await create(kuard, orders, { maxDeliveries: 12, deadLetter: dead, maxLength: 500, maxAgeSeconds: 900 })
  await fill(kuard, orders, ['x'.repeat(3_000), `${'long line '.repeat(90)}\n\0\u202e`, '', 'waits'])
  await put(kuard, orders, 'later', '?delay=600')
  await fail(kuard, orders, 12)
  await fail(kuard, orders, 11)
  for (const colorScheme of ['light', 'dark'] as const)
    for (const queue of [orders, dead]) {
      const page = await openQueue(context, kuard, queue, { colorScheme })
      await page
        .getByRole('button', { name: /^message / })
        .first()
        .click()
      await page.getByRole('button', { name: 'Change the settings' }).click()
      if (queue === orders) await page.getByRole('button', { name: 'Take one' }).click()
      for (const width of [1920, 900, 360]) {
        await page.setViewportSize({ width, height: 900 })
        const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        assert.ok(over <= 0, `${queue.slice(0, 6)} is ${String(over)} px too wide in ${String(width)}`)
      }
      // What is too wide now can be reached by keys from the next frame on.
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      assert.deepEqual(await accessibilityViolations(page), [])
    }
})

test('without a connection what was seen stays, and is seen anew when it is back', async (context) => {
  const kuard = await startKuard(context)
  await create(kuard, 'orders')
  await put(kuard, 'orders', 'one')
  const page = await openQueue(context, kuard, 'orders', { mayComplain: /ERR_|Failed to load/ })
  await lineOf(page, 1).waitFor()
  const { port } = kuard
  await kuard.kill()
  await page.getByText('The server has been out of reach').waitFor()
  await lineOf(page, 1).getByText('waiting').waitFor()
  const again = await startKuard(context, [`--address=127.0.0.1:${port}`])
  await create(again, 'orders')
  await page.getByText('There is no message in it').waitFor()
})
