/** The Memory tab, and the plot that other tabs have too. */
import assert from 'node:assert/strict'
import { totalmem } from 'node:os'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { MemoryStatus } from '../../server/features/memory/wire.ts'
import {
  lonely,
  pictureOf,
  tickText,
  tickTimeText,
  timeText,
  timeTicks,
  type Picture,
  type Sample,
  type Source,
} from '../../ui/src/parts/plot.ts'
import { sizeFault, warningFor } from '../../ui/src/tabs/memory/outlook.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { makeCgroup, underMachinesGroup } from '../support/cgroup.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

const mebibyte = 2 ** 20

const status = async (kuard: Kuard): Promise<MemoryStatus> => (await kuard.get('/mem/api')).json(MemoryStatus)

const plot = (page: Page) => page.getByRole('img', { name: /^Plot of memory/ })

/** Everything that its canvas shows. */
const drawn = (page: Page) => page.evaluate<string>("document.querySelector('canvas').toDataURL()")

/** A row of the tables, by its name. */
const value = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })

test('/a/-/mem: an allocation is resident and seen at once, and Clear gives it back', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/a/-/mem')
  await page.getByText('nothing is held by this page').waitFor()
  const before = (await status(kuard)).node.rss

  await page.getByRole('button', { name: 'Allocate 500 MiB' }).click()
  await page.getByText('500 MiB are held by this page').waitFor()
  await value(page, 'allocated').getByText('524288000').waitFor()
  assert.ok((await status(kuard)).node.rss - before > 470 * mebibyte)
  await page.getByRole('img', { name: /resident (5[5-9]\d|6\d\d) MiB/ }).waitFor()

  await page.getByLabel('Another size, in MiB').fill('20')
  await page.getByRole('button', { name: 'Allocate', exact: true }).click()
  await page.getByText('520 MiB are held by this page').waitFor()

  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByText('nothing is held by this page').waitFor()
  assert.ok((await status(kuard)).node.rss - before < 100 * mebibyte)
})

test("in the machine's own control group the plot shows the process alone", async (context) => {
  const under = underMachinesGroup(context)
  if (!under) return
  const page = await openPage(context, await startKuard(context, [], { under }), '/-/mem')
  await page.getByRole('img', { name: /^Plot of memory.*resident [\d.]+ MiB/ }).waitFor()
  assert.doesNotMatch((await plot(page).getAttribute('aria-label')) ?? '', /control group/)
  await value(page, 'memory.usage').getByText('not counted here').waitFor()
})

test('the control group’s line comes into the plot when the process comes into a group that counts', async (context) => {
  const under = underMachinesGroup(context)
  const group = makeCgroup(context, 'memory')
  if (!under || !group) return
  const kuard = await startKuard(context, [], { under })
  const page = await openPage(context, kuard, '/-/mem')
  await page.locator('canvas').waitFor()
  const [before, legend] = [await drawn(page), page.locator('figure').getByRole('listitem')]
  assert.deepEqual(await legend.count(), 2)
  assert.ok(kuard.child.pid)
  group.take(kuard.child.pid)
  await kuard.post(`/mem/api/alloc?size=${8 * mebibyte}`)
  await page.getByRole('img', { name: /^Plot of memory.*control group [\d.]+ MiB/ }).waitFor()
  assert.match((await legend.nth(2).textContent()) ?? '', /control group [\d.]+ MiB/)
  await plot(page).press('Home')
  await page
    .getByRole('status')
    .getByText(/control group not known/)
    .waitFor()
  assert.notEqual(await drawn(page), before)
})

test('a size that is none is named as such before anything is sent, and what the server refuses is said beside the button', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/mem', { mayComplain: /50[37]|400/ })
  const size = page.getByLabel('Another size, in MiB')
  const allocate = page.getByRole('button', { name: 'Allocate', exact: true })
  for (const [typed, words] of [
    ['', 'a size is needed'],
    ['1.5', 'a whole number of MiB, such as 50'],
    ['-3', 'a whole number of MiB, such as 50'],
    ['0', 'at least 1 MiB'],
    ['99999999999', 'no machine has that much'],
  ] as const) {
    await size.fill(typed)
    await allocate.click()
    await page.getByText(words).waitFor()
    assert.equal(await size.getAttribute('aria-invalid'), 'true')
  }
  assert.doesNotMatch(kuard.output, /mem\/api\/alloc/)

  const { limit } = (await status(kuard)).cgroup.memory
  if (limit !== null && limit < totalmem()) return
  await size.fill(String(Math.ceil(totalmem() / mebibyte)))
  await size.press('Enter')
  await page
    .getByRole('alert')
    .getByText(/^this needs \d+ MiB more, and the machine can spare \d+ MiB/)
    .waitFor()
  assert.equal(await size.getAttribute('aria-invalid'), 'false')
})

test('where a call fails, the button says which and why: read-only, or gone', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  const page = await openPage(context, kuard, '/-/mem', { mayComplain: /403|ERR_/ })
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('alert').getByText('POST /mem/api/clear: 403').waitFor()
  await kuard.kill()
  await page.getByRole('button', { name: 'Allocate 500 MiB' }).click()
  await page.getByRole('alert').getByText('the server can’t be reached').waitFor()
  // What the plot shows last is no longer called "now".
  await page.getByRole('img', { name: /At \d\d:\d\d:\d\d .*resident/ }).waitFor()
})

test('the plot is read by pointer and by arrow keys, pauses meanwhile, and follows theme and width', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/mem', { viewport: { width: 1200, height: 900 } })
  await page.locator('canvas').waitFor()
  await page.getByText('point at the plot to read a value').waitFor()

  await plot(page).hover()
  await page.getByText(/^paused at \d\d:\d\d:\d\d(\.\d{3})?, \d+ s ago$/).waitFor()
  const label = await plot(page).getAttribute('aria-label')
  await kuard.post(`/mem/api/alloc?size=${100 * mebibyte}`)
  await page.getByText('100 MiB are held by this page').waitFor()
  assert.equal(await plot(page).getAttribute('aria-label'), label)
  await page.mouse.move(0, 0)
  await page.getByText('point at the plot to read a value').waitFor()
  assert.notEqual(await plot(page).getAttribute('aria-label'), label)

  await plot(page).press('Home')
  const first = await page
    .getByText(/^\d\d:\d\d:\d\d(\.\d{3})?: (control group .*, )?resident .*, heap \d/)
    .textContent()
  await plot(page).press('ArrowRight')
  await page.getByText(/^paused at/).waitFor()
  assert.notEqual(
    await page
      .getByText(/^\d\d:\d\d:\d\d(\.\d{3})?: (control group .*, )?resident .*, heap \d/)
      .textContent(),
    first,
  )
  const [light, wide] = [await drawn(page), await page.locator('canvas').boundingBox()]
  await page.getByLabel('Theme').selectOption('Dark')
  await eventually('other colours', async () => (await drawn(page)) !== light)
  await page.setViewportSize({ width: 400, height: 900 })
  await eventually(
    'a narrower plot',
    async () => ((await page.locator('canvas').boundingBox())?.width ?? 0) < (wide?.width ?? 0) - 500,
  )
  await plot(page).press('Escape')
  await page.getByText('point at the plot to read a value').waitFor()
})

test('when the part that draws can’t be loaded the page says so, and the figures go on', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/', { mayComplain: /plot-canvas|ERR_FAILED/ })
  await page.route(/plot-canvas/, (route) => route.abort())
  // The page loads itself again once, since another build may have taken over.
  const reloaded = page.waitForEvent('load')
  await page.getByRole('link', { name: 'Memory' }).click()
  await reloaded
  await page.getByText(/The plot can’t be drawn/).waitFor()
  await kuard.post(`/mem/api/alloc?size=${30 * mebibyte}`)
  await page.getByText('30.0 MiB are held by this page').waitFor()
})

test('every figure is in a table; Go’s are folded away and can be filtered', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/mem')
  for (const name of ['rss', 'heapLimit', 'memory.oomKills', 'cpu.throttledSeconds'])
    await value(page, name).waitFor()
  await page.getByText('Go’s MemStats').first().click()
  await page.getByLabel('Filter').fill('numgc')
  await page.getByText('1 of 29 figures').waitFor()
  await value(page, 'NumGC')
    .getByRole('cell', { name: /^garbage/ })
    .waitFor()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the ${colorScheme} Memory tab has nothing that axe-core objects to`, async (context) => {
    const kuard = await startKuard(context)
    const page = await openPage(context, kuard, '/-/mem', { colorScheme })
    await page.locator('canvas').waitFor()
    await page.getByText('Go’s MemStats').first().click()
    await page.getByLabel('Another size, in MiB').fill('')
    await page.getByRole('button', { name: 'Allocate', exact: true }).click()
    await page.getByText('a size is needed').waitFor()
    assert.deepEqual(await accessibilityViolations(page), [])
  })
}

test('under a limit the page counts down to the OOM kill, warns of it, and tells of the restart after it', async (context) => {
  const group = makeCgroup(context, 'memory')
  if (!group) return
  group.limitMemory(256 * mebibyte)
  const kuard = await startKuard(context, [], { under: group.under })
  const page = await openPage(context, kuard, '/-/mem', { mayComplain: /ERR_/ })
  await page.getByText(/^\d+ MiB to the OOM kill$/).waitFor()
  await page.getByRole('img', { name: /limit 256 MiB/ }).waitFor()

  await page.getByRole('button', { name: 'Allocate', exact: true }).click()
  await page.getByText('50.0 MiB are held by this page').waitFor()
  const allocate = page.getByRole('button', { name: 'Allocate 500 MiB' })
  await allocate.click()
  await page.getByText(/^passes the limit by \d+ MiB: the kernel will kill this container$/).waitFor()
  await page.getByRole('button', { name: 'Keep' }).click()
  assert.equal((await status(kuard)).node.allocated, 50 * mebibyte)

  await allocate.click()
  await allocate.click()
  await page.getByRole('alert').getByText('the server can’t be reached').waitFor()
  assert.deepEqual(await kuard.ended, { code: null, signal: 'SIGKILL' })
  await page.getByText(/^The server has been out of reach since/).waitFor()

  await startKuard(context, [`--address=127.0.0.1:${kuard.port}`], { under: group.under })
  await page.getByText(/The container was restarted:.*want of memory \(OOM kills: 1\)/).waitFor()
  await page.getByText('nothing is held by this page').waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  assert.equal(await page.getByText('The container was restarted').count(), 0)
})

/** A status with as much as the warning looks at. */
const limited = (limit: number | null, usage: number, rss = usage): MemoryStatus =>
  ({
    node: { rss: rss * mebibyte },
    cgroup: {
      memory: {
        limit: limit === null ? null : limit * mebibyte,
        usage: usage * mebibyte,
        swapLimit: 0,
        swapUsage: 0,
      },
    },
    // The rest of the figures has no part in it.
  }) as MemoryStatus

test('a warning says by how much the limit is passed, and whether page cache may save the container', () => {
  assert.equal(warningFor(limited(null, 40), 500 * mebibyte), undefined)
  assert.equal(warningFor(limited(200, 40), 160 * mebibyte), undefined)
  assert.equal(
    warningFor(limited(200, 40), 500 * mebibyte),
    'passes the limit by 340 MiB: the kernel will kill this container',
  )
  assert.match(
    warningFor(limited(200, 150, 60), 100 * mebibyte) ?? '',
    /^passes the limit by 50.0 MiB: .* page cache/,
  )
})

test('a size is a whole number of MiB', () => {
  assert.equal(sizeFault('50', 50), undefined)
  assert.match(sizeFault('fifty', undefined) ?? '', /whole number/)
})

const source = (times: readonly number[], highest: number, limit?: number): Source => ({
  samples: times.map((time) => ({ time, values: { line: highest } })),
  unit: 'bytes',
  isStepped: false,
  limit: limit === undefined ? undefined : { kind: 'danger', value: limit, words: 'limit' },
  end: times.at(-1) ?? 0,
  isNow: true,
  gapMs: 5_000,
})

test('a plot’s line is broken where samples are missing, and a lone sample is a dot', () => {
  const { times, lines } = pictureOf(source([0, 1_000, 9_000, 17_000, 18_000], 7))
  assert.deepEqual(times, [0, 1_000, 5_000, 9_000, 13_000, 17_000, 18_000])
  assert.deepEqual(lines[0]?.values, [7, 7, null, 7, null, 7, 7])
  assert.deepEqual(lonely([7, 7, null, 7, null, 7, 7]), [3])
})

test('a plot’s lines come with their first value and go with their last, and keep their strokes meanwhile', () => {
  const strokes = ({ lines }: Picture) => Object.fromEntries(lines.map(({ name, stroke }) => [name, stroke]))
  const sample = (time: number, values: Sample['values']): Sample => ({ time, values })
  const [blue, both, green, purple] = [
    sample(0, { blue: 1, purple: null }),
    sample(50, { blue: 2, green: 3 }),
    sample(75, { green: 4 }),
    sample(100, { green: 5, purple: 0 }),
  ]
  const one = pictureOf({ ...source([], 0), samples: [blue] })
  assert.deepEqual(strokes(one), { blue: 0 })
  const two = pictureOf({ ...source([], 0), samples: [blue, both, green] }, one)
  assert.deepEqual(strokes(two), { blue: 0, green: 1 })
  assert.deepEqual(
    two.lines.map(({ values }) => values),
    [
      [1, 2, null],
      [null, 3, 4],
    ],
  )
  const three = pictureOf({ ...source([], 0), samples: [green, purple] }, two)
  assert.deepEqual(strokes(three), { purple: 0, green: 1 })
})

test('a sample’s time has milliseconds where another is so near that both would be told alike', () => {
  const noon = new Date(2026, 10, 25, 12).getTime()
  const times = [noon, noon + 1_000, noon + 1_007]
  assert.deepEqual(
    [...times.keys()].map((index) => timeText(times, index)),
    ['12:00:00', '12:00:01.000', '12:00:01.007'],
  )
})

test('a plot’s window is 10 s to 5 minutes, and its axis goes in binary steps beyond a limit that is near', () => {
  assert.equal(pictureOf(source([0, 100], 1)).start, -9_900)
  assert.equal(pictureOf(source([0, 59_000], 1)).start, -1_000)
  assert.equal(pictureOf(source([0, 61_000], 1)).start, -59_000)
  assert.equal(pictureOf(source([0, 299_000], 1)).start, -1_000)
  assert.deepEqual(timeTicks(pictureOf(source([0, 30_000], 1))), [0, 10_000, 20_000, 30_000])
  const late = new Date(2026, 10, 25, 12).getTime()
  assert.equal(tickTimeText(late, { end: late, isNow: true }), 'now')
  assert.equal(tickTimeText(late, { end: late, isNow: false }), '12:00:00')
  assert.equal(tickTimeText(late - 90_000, { end: late, isNow: false }), '−90 s')
  const { top, ticks } = pictureOf(source([0], 100 * mebibyte, 200 * mebibyte))
  assert.ok(top >= 220 * mebibyte && top < 256 * mebibyte)
  assert.deepEqual(
    ticks.map((tick) => tickText(tick, 'bytes')),
    ['0', '64 MiB', '128 MiB', '192 MiB'],
  )
  assert.ok(pictureOf(source([0], 100 * mebibyte, 2 ** 40)).top < 200 * mebibyte)
  assert.equal(tickText(1.25 * 2 ** 30, 'bytes'), '1.25 GiB')
})
