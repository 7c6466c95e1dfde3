/** The Container tab: who the process is, what it may use and uses, what surrounds it, and the other side of each. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { hostname, userInfo } from 'node:os'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { parse } from 'yaml'
import { ContainerReport } from '../../server/features/container/wire.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { makeCgroup } from '../support/cgroup.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

/** A part of the page, by its heading. */
const part = (page: Page, word: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { level: 2, name: word, exact: true }) })

/** What a part says under a word. */
const fact = (page: Page, word: string, of: string) =>
  part(page, word).locator('dt', { hasText: of }).locator('xpath=following-sibling::dd[1]')

const report = async (kuard: Kuard, query = ''): Promise<ContainerReport> =>
  (await kuard.get(`/container/api${query}`)).json(ContainerReport)

/** Opens all that is folded, as long lists are. */
const unfold = (page: Page) =>
  page.evaluate(
    "document.querySelectorAll('main details:not([open]) > summary').forEach((one) => one.click())",
  )

const words = [
  'Who am I',
  'What may I use',
  'What is mounted',
  'Who shares it',
  'How names are found',
  'Its token',
  'Node and downward API',
]

test('/a/-/container: the page tells at a glance who it is, and each part has its other side', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/a/-/container')
  const { uid } = userInfo()
  await page
    .locator('.who')
    .getByText(uid === 0 ? /^root/ : `user ${String(uid)}, not root`)
    .waitFor()
  await fact(page, 'Who am I', 'User').first().getByText(String(uid), { exact: true }).waitFor()
  for (const word of words)
    await part(page, word)
      .locator('.command')
      .first()
      .getByText(/^(kubectl|curl) /)
      .waitFor()
  await page.getByText(`curl ${kuard.url}/a/container/api`, { exact: true }).waitFor()
})

test('Pod Security: each check stands with the level that it fits, its setting and why; the headline names what is in the way', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/container')
  const { podSecurity } = (await report(kuard)).identity
  for (const { name, level, setting } of podSecurity.checks) {
    const row = part(page, 'Who am I')
      .getByRole('row')
      .filter({ has: page.getByRole('cell', { name, exact: true }) })
    await row
      .getByText(level ?? 'unknown', { exact: true })
      .first()
      .waitFor()
    await row.getByText(setting, { exact: true }).waitFor()
  }
  const headline = await page.locator('.who').innerText()
  assert.ok(headline.includes(podSecurity.level ?? 'Pod Security level unknown'), headline)
  if (podSecurity.level === 'privileged') assert.match(headline, /in the way of\s+baseline: \w/)
})

test('run as another user, in a user namespace of its own, the page says whose that is outside', async (context) => {
  const own = ['unshare', '--user', '--map-root-user']
  if (spawnSync('unshare', [...own.slice(1), 'true']).status !== 0) {
    context.skip('no user namespace can be made here')
    return
  }
  const kuard = await startKuard(context, [], { under: own })
  const page = await openPage(context, kuard, '/-/container')
  await page.locator('.who').getByText('root here, not on the machine').waitFor()
  await fact(page, 'Who am I', 'User namespace')
    .getByText(new RegExp(String.raw`0\s+to\s+0\s+are\s+${String(userInfo().uid)}\s+to`))
    .waitFor()
})

test('capabilities that were dropped, and a ban of new ones, are seen, and in the fields to copy', async (context) => {
  const under = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']
  if (spawnSync('setpriv', [...under.slice(1), 'true']).status !== 0) {
    context.skip('no capability can be dropped here')
    return
  }
  const kuard = await startKuard(context, [], { under })
  const page = await openPage(context, kuard, '/-/container')
  await fact(page, 'Who am I', 'No new privileges').getByText('yes', { exact: true }).waitFor()
  const who = part(page, 'Who am I')
  await who.getByText('The fields of a manifest that make it so').click()
  const yaml = (await who.getByRole('region', { name: /^Fields of a manifest/ }).textContent()) ?? ''
  const { spec } = parse(yaml) as { spec: { containers: { securityContext: Record<string, unknown> }[] } }
  assert.equal(spec.containers[0]?.securityContext.allowPrivilegeEscalation, false)
  assert.deepEqual(spec.containers[0].securityContext.capabilities, { drop: ['ALL'] })
})

test('under a quota that is used up, CPU and throttling are drawn live, and are in a table', async (context) => {
  const group = makeCgroup(context, 'cpu')
  if (!group) return
  const counting = group.version === 1 ? makeCgroup(context, 'cpuacct') : undefined
  if (group.version === 1 && !counting) return
  group.limitCpu(0.5)
  const under = [...group.under, ...(counting?.under ?? [])]
  const kuard = await startKuard(context, [], { under })
  const page = await openPage(context, kuard, '/-/container')
  await page.getByRole('img', { name: /^Plot of CPU.*quota 500m/ }).waitFor()
  await kuard.put('/faults/cpu', { cores: 1 })
  await page.getByRole('img', { name: /^Plot of throttling.*throttled periods [1-9]\d* %/ }).waitFor()
  await page
    .locator('dl')
    .getByText(/^\d+m of 500m$/)
    .waitFor()
  await page.getByText('The same as a table').click()
  const rows = page.getByRole('table', { name: /^What the container used/ }).getByRole('row')
  await eventually('the seconds as a table', async () => (await rows.count()) > 2)
})

test('where there is no quota the page says so, and draws no throttling', async (context) => {
  const kuard = await startKuard(context)
  if ((await report(kuard)).allowance.cpu.quota !== null) {
    context.skip('the tests have a quota here')
    return
  }
  const page = await openPage(context, kuard, '/-/container')
  await part(page, 'What may I use').getByText('no quota seen').first().waitFor()
  assert.equal(await page.getByRole('img', { name: /^Plot of throttling/ }).count(), 0)
})

test('each mount is told with its sign, and leads to the file system browser', async (context) => {
  const mount = 'mount -t tmpfs -o size=1m,ro none /mnt && exec "$@"'
  const under = ['unshare', '--map-root-user', '--mount', 'sh', '-c', mount, 'sh']
  const kuard = await startKuard(context, [], { under })
  const page = await openPage(context, kuard, '/-/container')
  const mounted = part(page, 'What is mounted')
  const row = mounted.getByRole('row').filter({ has: page.getByRole('link', { name: '/mnt', exact: true }) })
  await row.getByText('no, read-only').waitFor()
  // A file system that takes its time to tell its size is not waited for.
  await eventually('its size', async () => {
    await page.getByRole('button', { name: 'Look again' }).click()
    return (await row.innerText()).includes('of 1.0 MiB')
  })
  const { mounts } = await report(kuard)
  const mine = mounts?.find(({ path }) => path === '/mnt')
  assert.ok(mine)
  await row.getByText(mine.why).waitFor()
  // What every container has is folded away.
  assert.equal(await mounted.getByRole('link', { name: '/proc', exact: true }).count(), 0)
  await mounted.getByLabel('Show those too').check()
  await mounted.getByRole('link', { name: '/proc', exact: true }).waitFor()
  await row.getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'File system browser' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/fs/mnt/')
})

test('without the file system browser, mounts are no links', async (context) => {
  const kuard = await startKuard(context, ['--disable=files'])
  const page = await openPage(context, kuard, '/-/container')
  await part(page, 'What is mounted').getByRole('cell', { name: '/', exact: true }).waitFor()
  assert.equal(await part(page, 'What is mounted').getByRole('link').count(), 0)
})

test('the server finds itself among the processes, and its port among the sockets', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/container')
  const shared = part(page, 'Who shares it')
  await shared.getByText('TCP connections', { exact: true }).waitFor()
  await unfold(page)
  const processes = shared.getByRole('table', { name: /^The processes/ })
  await processes
    .getByRole('row')
    .filter({ hasText: 'this server' })
    .getByText(String(kuard.child.pid), { exact: true })
    .waitFor()
  const sockets = shared.getByRole('table', { name: /^Sockets/ })
  const row = sockets.getByRole('row').filter({ hasText: `127.0.0.1:${String(kuard.port)}` })
  await row.getByText(`(${String(kuard.child.pid)})`).waitFor()
})

test('another name is explained from a field, which is kept in the address, and leads to DNS Query', async (context) => {
  const kuard = await startKuard(context)
  // What comes of asking is the name servers’ of this machine.
  const page = await openPage(context, kuard, '/-/container', { mayComplain: /\/dns\/api/ })
  const names = part(page, 'How names are found')
  await names.getByText('For queue').waitFor()
  await fact(page, 'How names are found', 'Host name').getByText(hostname(), { exact: true }).waitFor()
  const field = names.getByLabel('A name that a program looks up')
  await field.fill('')
  await names.getByRole('button', { name: 'Explain' }).click()
  await names.getByText('a name is needed').waitFor()
  await field.fill('a.b.example.')
  await field.press('Enter')
  await names.getByText('For a.b.example.').waitFor()
  assert.equal(new URL(page.url()).search, '?name=a.b.example.')
  const { example } = (await report(kuard, '?name=a.b.example.')).naming
  assert.deepEqual(await names.locator('ol code').allTextContents(), example.wouldAsk)
  await page.reload()
  await names.getByText('For a.b.example.').waitFor()
  await names.getByRole('link', { name: `Ask for ${example.wouldAsk[0] ?? ''}` }).click()
  await page.getByRole('heading', { level: 1, name: 'DNS Query' }).waitFor()
})

test('when the server has gone, the page says which call failed, and keeps what it has', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/container', { mayComplain: /ERR_/ })
  await page.getByText(/^As of /).waitFor()
  await kuard.kill()
  await page.getByRole('button', { name: 'Look again' }).click()
  await page.getByRole('alert').getByText('GET /container/api').waitFor()
  await part(page, 'Who am I').waitFor()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the ${colorScheme} Container tab, all unfolded, has nothing that axe-core objects to`, async (context) => {
    const kuard = await startKuard(context)
    const page = await openPage(context, kuard, '/-/container', { colorScheme })
    await part(page, 'Node and downward API').waitFor()
    await unfold(page)
    await page.getByLabel('Show those too').check()
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await eventually(
        `no more than ${width} px`,
        async () => (await page.evaluate<number>('document.documentElement.scrollWidth')) <= width,
      )
      assert.deepEqual(await accessibilityViolations(page), [], `${width} px wide`)
    }
  })
}
