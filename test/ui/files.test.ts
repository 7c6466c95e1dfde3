/** The File system browser tab, on real files. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { changedLines } from '../../ui/src/tabs/files/line-difference.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { startPod, startService } from '../support/service.ts'

/** Files by their path; a path that ends in a slash is a folder. */
type Files = Readonly<Record<string, string | Buffer>>

function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    if (path.endsWith('/')) mkdirSync(join(folder, path), { recursive: true })
    else writeFileSync(join(folder, path), content)
  }
}

/** A server that shows a new folder only. */
async function startWith(context: TestContext, files: Files): Promise<{ kuard: Kuard; folder: string }> {
  const folder = temporaryFolder(context)
  write(folder, files)
  return { kuard: await startKuard(context, [`--fs-root=${folder}`]), folder }
}

/** A folder as kubelet mounts a ConfigMap, and swaps it. */
class Volume {
  readonly folder: string
  #version = 0

  constructor(folder: string, files: Files) {
    this.folder = folder
    mkdirSync(folder)
    this.publish(files)
  }

  publish(files: Files): void {
    const before = `..version_${String(this.#version)}`
    this.#version += 1
    const version = `..version_${String(this.#version)}`
    mkdirSync(join(this.folder, version))
    write(join(this.folder, version), files)
    symlinkSync(version, join(this.folder, '..data_tmp'))
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    for (const path of Object.keys(files)) {
      const [key = ''] = path.split('/', 1)
      try {
        symlinkSync(`..data/${key}`, join(this.folder, key))
      } catch {
        // It is there from an earlier version.
      }
    }
    rmSync(join(this.folder, before), { recursive: true, force: true })
  }
}

/** The texts of a table's rows, cell by cell. */
const rowsOf = (page: Page): Promise<string[][]> =>
  page.evaluate<string[][]>(`Array.from(document.querySelectorAll('tbody tr'), (row) =>
    Array.from(row.children, ({ textContent }) => textContent.replace(/\\s+/g, ' ').trim()))`)

const namesOf = async (page: Page): Promise<string[]> => (await rowsOf(page)).map(([name]) => name ?? '')

/** Waits until the rows have these names, in this order. */
async function showsNames(page: Page, names: readonly string[]): Promise<void> {
  let shown: string[] = []
  await eventually(
    'the names',
    async () => {
      shown = await namesOf(page)
      return shown.join('\n') === names.join('\n')
    },
    5_000,
  ).catch(() => {
    assert.deepEqual(shown, names)
  })
}

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
const open = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()
const path = (page: Page) => page.getByRole('navigation', { name: 'Path' })
const log = (page: Page) => page.getByRole('log', { name: 'What has changed' })
const addressOf = (page: Page) => page.evaluate<string>('location.pathname + location.search')
const text = (page: Page) =>
  page
    .getByRole('region', { name: /^Text of / })
    .locator('pre')
    .last()

async function showsText(page: Page, expected: string): Promise<void> {
  await eventually(
    `the text ${JSON.stringify(expected)}`,
    async () => (await text(page).textContent()) === expected,
  )
}

test('a folder shows kind, size, mode, owner, time and target of each name, folders first, and sorts', async (context) => {
  const { kuard, folder } = await startWith(context, {
    'sub/': '',
    'a.txt': 'four',
    'b.bin': Buffer.alloc(3000),
  })
  chmodSync(join(folder, 'a.txt'), 0o640)
  chmodSync(join(folder, 'sub'), 0o1777)
  utimesSync(join(folder, 'a.txt'), 1, 1_000_000_000)
  symlinkSync('a.txt', join(folder, 'link'))
  execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')])
  const page = await openPage(context, kuard, '/fs/', { timezoneId: 'UTC' })
  await page.getByText('1 directory, 2 files, 1 link, 1 other').waitFor()
  const id = (option: string) => execFileSync('id', [option]).toString().trim()
  const owner = `${id('-un')}:${id('-gn')}`
  const rows = await rowsOf(page)
  assert.deepEqual(
    rows.map(([name, kind, size, mode, whose]) => [name, kind, name === 'sub/' ? '' : size, mode, whose]),
    [
      ['sub/', 'directory', '', 'drwxrwxrwt', owner],
      ['a.txt', 'file', '4 B', '-rw-r-----', owner],
      ['b.bin', 'file', '2.9 KiB', '-rw-r--r--', owner],
      ['link → a.txt', 'link', '5 B', 'lrwxrwxrwx', owner],
      ['pipe', 'FIFO', '0 B', 'prw-------', owner],
    ],
  )
  assert.match(rows[1]?.[5] ?? '', /^2001-09-09 01:46:40 2\d years ago$/)
  await page.getByRole('button', { name: 'Size' }).click()
  await eventually('the order by size', async () => (await namesOf(page))[0] === 'pipe')
  await page.getByRole('button', { name: 'Name' }).click()
  await showsNames(page, ['a.txt', 'b.bin', 'link → a.txt', 'pipe', 'sub/'])
  await page.getByText('kubectl describe pod').waitFor()
})

for (const prefix of ['', '/a']) {
  test(`the path above the folder, and back and forward, lead through folders below ${prefix || 'the root'}`, async (context) => {
    const { kuard } = await startWith(context, { 'one/two/': '', 'one/two/file': 'text\n', 'one/beside': '' })
    const page = await openPage(context, kuard, `${prefix}/fs/`)
    await page.evaluate('window.sameDocument = true')
    await open(page, 'one/')
    await showsNames(page, ['two/', 'beside'])
    await open(page, 'two/')
    await showsNames(page, ['file'])
    await open(page, 'file')
    await showsText(page, 'text\n')
    assert.equal(await addressOf(page), `${prefix}/fs/one/two/?file=file`)
    assert.deepEqual(await path(page).getByRole('listitem').allTextContents(), ['/', 'one', 'two', 'file'])
    assert.equal(await path(page).locator('[aria-current=location]').textContent(), 'file')
    await page.getByRole('link', { name: 'Up one level' }).click()
    await showsNames(page, ['file'])
    await path(page).getByRole('link', { name: 'one', exact: true }).click()
    await showsNames(page, ['two/', 'beside'])
    await page.goBack()
    await page.goBack()
    await showsText(page, 'text\n')
    await page.goForward()
    await showsNames(page, ['file'])
    assert.equal(await page.evaluate('window.sameDocument'), true)
    await page.reload()
    await showsNames(page, ['file'])
    assert.equal(await addressOf(page), `${prefix}/fs/one/two/`)
    await page.getByRole('link', { name: '/', exact: true }).click()
    await showsNames(page, ['one/'])
    assert.equal(await page.getByRole('link', { name: 'Up one level' }).count(), 0)
  })
}

test('a name of any bytes is shown so that it can be read, and leads to its file or folder', async (context) => {
  const { kuard, folder } = await startWith(context, {})
  const names = [
    ['%41 100%?#&=+', '%41 100%?#&=+'],
    [' ends in spaces  ', String.raw`\x20ends in spaces\x20\x20`],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    [`"quoted" 'too'`, `"quoted" 'too'`],
    ['two\nlines', String.raw`two\nlines`],
    ['red\x1b[31m', String.raw`red\x1b[31m`],
    ['turned\u202etxt', String.raw`turned\u202etxt`],
    ['ü ✓ 日本', 'ü ✓ 日本'],
    [Buffer.from('not \xff utf-8', 'latin1'), 'not \ufffd utf-8'],
    ['..', undefined],
    ['..data', '..data'],
  ] as const
  for (const [name, shown] of names) {
    if (shown === undefined) continue
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]), `in ${shown}\n`)
  }
  const inside = Buffer.concat([Buffer.from(folder), Buffer.from('/a \xfe folder\n', 'latin1')])
  mkdirSync(inside)
  writeFileSync(Buffer.concat([inside, Buffer.from('/file')]), 'deep\n')
  const page = await openPage(context, kuard, '/fs/')
  for (const [, shown] of names) {
    if (shown === undefined) continue
    await open(page, shown)
    await showsText(page, `in ${shown}\n`)
    assert.equal(await path(page).locator('[aria-current]').textContent(), shown)
    await page.getByRole('link', { name: 'Up one level' }).click()
  }
  await open(page, String.raw`a ${'\ufffd'} folder\n/`)
  await page.getByText('Changes are not followed here').waitFor()
  await open(page, 'file')
  await showsText(page, 'deep\n')
  await page.reload()
  await showsText(page, 'deep\n')
  write(folder, { new: '' })
  await page.getByRole('link', { name: '/', exact: true }).click()
  await page.getByRole('link', { name: 'new', exact: true }).waitFor()
})

test('a text is shown with its description, can be wrapped, opened as it is, downloaded and copied', async (context) => {
  const { kuard } = await startWith(context, { 'a file.txt': 'first\r\n\tsecond ✓\nthird', empty: '' })
  const page = await openPage(context, kuard, '/fs/?file=a%20file.txt', {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await showsText(page, 'first\\r\n\tsecond ✓\nthird')
  assert.equal(await page.locator('.numbers').textContent(), '1\n2\n3')
  for (const [term, value] of [
    ['Kind', 'file'],
    ['Size', '24 B'],
    ['Mode', '-rw-r--r--'],
  ]) {
    assert.equal(
      await page
        .locator('dl div', { hasText: term ?? '' })
        .locator('dd')
        .textContent(),
      value,
    )
  }
  await page.getByLabel('Wrap lines').check()
  await page.locator('.numbers').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Copy the text' }).click()
  await eventually(
    'the copy',
    async () => (await page.evaluate('navigator.clipboard.readText()')) === 'first\r\n\tsecond ✓\nthird',
  )
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'a file.txt')
  assert.equal(readFileSync(await download.path(), 'utf8'), 'first\r\n\tsecond ✓\nthird')
  await page.getByRole('link', { name: 'Open as it is' }).click()
  await page.waitForURL(`${kuard.url}/fs/a%20file.txt`)
  await page.goto(`${kuard.url}/fs/?file=empty`)
  await page.getByText('This file is empty.').waitFor()
})

test('what isn’t text says so and shows its first bytes; of a long text the beginning is shown', async (context) => {
  const { kuard } = await startWith(context, {
    nul: Buffer.from('ab\0c'),
    latin: Buffer.from('caf\xe9\n', 'latin1'),
    // The last character that is shown is cut through.
    long: `x${'ü'.repeat(200_000)}`,
  })
  const page = await openPage(context, kuard, '/fs/?file=nul')
  const bytes = page.getByRole('region', { name: /^First bytes of/ })
  await page.getByText('This is not text. It has 4 B').waitFor()
  assert.equal(
    (await bytes.textContent())?.trim(),
    '0000  61 62 00 63                                      ab.c',
  )
  await page.goto(`${kuard.url}/fs/?file=latin`)
  await bytes.getByText('63 61 66 e9 0a').waitFor()
  await page.goto(`${kuard.url}/fs/?file=long`)
  await page.getByText('Text, the first 256 KiB; the rest is in the download').waitFor()
  await showsText(page, `x${'ü'.repeat(128 * 1024 - 1)}`)
})

test('a FIFO is not opened; files of /proc show what there is to read', async (context) => {
  const { kuard, folder } = await startWith(context, {})
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const page = await openPage(context, kuard, '/fs/')
  await open(page, 'pipe')
  await page.getByText('This is a FIFO. It is not opened').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Download' }).count(), 0)
  const whole = await startKuard(context)
  const other = await openPage(context, whole, '/fs/proc/?file=version')
  const version = readFileSync('/proc/version', 'utf8')
  await showsText(other, version)
  await other.getByText(`Text, ${String(version.length)} B, though its size says 0 B`).waitFor()
})

test('a link leads to its folder or file, and the way back leads past it', async (context) => {
  const { kuard, folder } = await startWith(context, { 'real/': '', 'real/file': 'text\n' })
  symlinkSync('real', join(folder, 'to-folder'))
  symlinkSync('real/file', join(folder, 'to-file'))
  symlinkSync('nowhere', join(folder, 'to-nothing'))
  const page = await openPage(context, kuard, '/fs/', { mayComplain: /404/ })
  await open(page, 'to-folder')
  await showsNames(page, ['file'])
  assert.equal(await addressOf(page), '/fs/to-folder/')
  await page.goBack()
  await open(page, 'to-file')
  await showsText(page, 'text\n')
  await page.locator('dl').getByText('/real/file').waitFor()
  await page.goBack()
  await open(page, 'to-nothing')
  await page.getByRole('alert').getByText('there is no such file or directory').waitFor()
  write(folder, { nowhere: 'now there is\n' })
  await showsText(page, 'now there is\n')
})

test('names that come, change and go are marked, and said in words', async (context) => {
  const { kuard, folder } = await startWith(context, { a: 'one', b: 'two' })
  const page = await openPage(context, kuard, '/fs/')
  await showsNames(page, ['a', 'b'])
  assert.equal(await log(page).textContent(), '')
  write(folder, { a: 'longer', c: '' })
  await log(page)
    .getByText(/^\d\d:\d\d:\d\d: a changed \(3 B to 6 B\); c is new$/)
    .waitFor()
  await showsNames(page, ['changed a', 'b', 'new c'])
  rmSync(join(folder, 'b'))
  chmodSync(join(folder, 'a'), 0o600)
  await log(page)
    .getByText(/b is gone/)
    .waitFor()
  await log(page)
    .getByText(/a changed \(mode -rw-r--r-- to -rw-------\)/)
    .waitFor()
  await showsNames(page, ['changed a', 'gone b', 'new c'])
  assert.equal(await page.getByRole('link', { name: 'b', exact: true }).count(), 0)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await accessibilityViolations(page), [])
  }
})

test('a mounted ConfigMap’s swap says which keys have changed, and in which lines', async (context) => {
  const { kuard, folder } = await startWith(context, {})
  const before = { 'config.yaml': 'level: info\ncolour: blue\n', same: 'same', 'sub/': '', 'sub/deep': '1' }
  const volume = new Volume(join(folder, 'config'), before)
  const page = await openPage(context, kuard, '/fs/config/')
  await page.getByText('A ConfigMap, a Secret or another volume of their kind is mounted here.').waitFor()
  await row(page, 'config.yaml').getByRole('cell', { name: 'link to file, 25 B' }).waitFor()
  volume.publish({ ...before, 'config.yaml': 'level: debug\ncolour: blue\n', 'sub/deep': '10', more: '' })
  const words = log(page).getByRole('paragraph').first()
  await words
    .getByText(/config\.yaml changed \(25 B to 26 B\); sub\/deep changed \(1 B to 2 B\); more is new;/)
    .waitFor()
  await words.getByText(/\.\.data changed \(now leads to \.\.version_2\)/).waitFor()
  assert.doesNotMatch((await log(page).textContent()) ?? '', /same/)
  await page.getByText('changed config.yaml').waitFor()
  await open(page, 'config.yaml')
  await showsText(page, 'level: debug\ncolour: blue\n')
  await page.locator('dl').getByText('/config/..version_2/config.yaml').waitFor()
  volume.publish({ ...before, 'config.yaml': 'level: warn\ncolour: blue\nnew: line\n' })
  await showsText(page, 'level: warn\ncolour: blue\nnew: line\n')
  await log(page).getByText('1 line removed, 2 lines added (26 B to 35 B)').waitFor()
  const difference = page.getByRole('region', { name: 'Lines that changed' })
  assert.deepEqual(await difference.locator('del').allTextContents(), ['1- level: debug'])
  assert.deepEqual(await difference.locator('ins').allTextContents(), ['1+ level: warn', '3+ new: line'])
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('a file that is written to, removed and written anew is followed while it is on show', async (context) => {
  const { kuard, folder } = await startWith(context, { log: 'one\n' })
  const page = await openPage(context, kuard, '/fs/?file=log', { mayComplain: /404/ })
  await showsText(page, 'one\n')
  appendFileSync(join(folder, 'log'), 'two\n')
  await showsText(page, 'one\ntwo\n')
  await log(page).getByText('0 lines removed, 1 line added (4 B to 8 B)').waitFor()
  rmSync(join(folder, 'log'))
  await page.getByText(/^This file has been gone since \d\d:\d\d:\d\d\.$/).waitFor()
  await showsText(page, 'one\ntwo\n')
  write(folder, { log: Buffer.from([0, 1, 2]) })
  await page.getByText('This is not text. It has 3 B').waitFor()
  await log(page).getByText('other bytes (8 B to 3 B)').waitFor()
  assert.equal(await page.getByText('This file has been gone').count(), 0)
})

test('a folder that goes away says since when, keeps what it had, and comes back', async (context) => {
  const { kuard, folder } = await startWith(context, { 'sub/': '', 'sub/a': '' })
  const page = await openPage(context, kuard, '/fs/sub/', { mayComplain: /404/ })
  await showsNames(page, ['a'])
  rmSync(join(folder, 'sub'), { recursive: true })
  await page.getByText(/^This folder has been gone since \d\d:\d\d:\d\d\.$/).waitFor()
  await showsNames(page, ['a'])
  assert.deepEqual(await accessibilityViolations(page), [])
  write(folder, { 'sub/': '' })
  await page
    .getByText('Nothing is in this folder.')
    .or(page.getByText('gone', { exact: true }))
    .waitFor()
  assert.equal(await page.getByText('This folder has been gone').count(), 0)
  write(folder, { 'sub/b': '' })
  await page.getByRole('link', { name: 'b', exact: true }).waitFor()
})

test('what can’t be read says why, is tried again when told, and shown once it can be read', async (context) => {
  const { kuard: starter, folder } = await startWith(context, {
    'closed/': '',
    'names/': '',
    'names/a': '',
    secret: 'text\n',
  })
  await starter.kill()
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'closed'), 0)
  chmodSync(join(folder, 'names'), 0o444)
  chmodSync(join(folder, 'secret'), 0)
  // Root may read all.
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
  const under = process.getuid?.() === 0 ? { under: asNobody } : {}
  const kuard = await startKuard(context, [`--fs-root=${folder}`], under)
  const page = await openPage(context, kuard, '/fs/', { mayComplain: /40[34]|ERR_/ })
  const problem = page.getByRole('alert')
  await open(page, 'closed/')
  await problem.getByText('this server has no permission to read it').waitFor()
  const second = page.waitForRequest('**/fs/closed/')
  await page.getByRole('button', { name: 'Try again' }).click()
  await second
  chmodSync(join(folder, 'closed'), 0o755)
  await page.getByText('Nothing is in this folder.').waitFor()
  await page.goBack()
  await open(page, 'secret')
  await problem.getByText('this server has no permission to read it').waitFor()
  await page.locator('dl').getByText('----------').waitFor()
  await page.goBack()
  await open(page, 'names/')
  await eventually(
    'the unread cells',
    async () =>
      (await rowsOf(page)).join() ===
      ['a this server has no permission to read it', 'file', ...Array<string>(4).fill('not readable')].join(),
  )
  await page.goto(`${kuard.url}/fs/`)
  await page.getByRole('link', { name: 'names/' }).waitFor()
  await kuard.kill()
  await open(page, 'names/')
  await problem.getByText('the server can’t be reached').waitFor()
  await problem.getByText('GET /fs/names/').waitFor()
})

test('the pod that answered is named where the page follows another one', async (context) => {
  const { kuard } = await startWith(context, { a: '' })
  const page = await openPage(context, kuard, '/')
  await page.route('**/fs/', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, headers: { ...response.headers(), 'x-served-by': 'other-pod' } })
  })
  await page.getByRole('link', { name: 'File system browser' }).click()
  await page.getByText('answered by other-pod').waitFor()
})

test('what is shown of a file or a volume is one pod’s, or is said not to be', async (context) => {
  const [one, other] = await Promise.all(
    ['pod-a', 'pod-b'].map(async (name) => {
      const folder = temporaryFolder(context)
      const text = name.repeat(name === 'pod-a' ? 10 : 20)
      write(folder, { file: text })
      new Volume(join(folder, 'volume'), { key: text })
      return startPod(context, name, [`--fs-root=${folder}`])
    }),
  )
  assert.ok(one && other)
  let asked = 0
  let choose: (accept: string) => Kuard = () => ((asked += 1) % 2 === 0 ? one : other)
  const service = await startService(context, ({ url, headers }) =>
    url?.includes('/fs/') && !headers.accept?.startsWith('text/html') ? choose(headers.accept ?? '') : one,
  )
  const page = await openPage(context, service, '/fs/?file=file')
  const content = page.getByRole('region', { name: 'Text of file' })
  for (let time = 0; time < 4; time += 1) {
    asked = time
    await page.goto(`${service.url}/fs/?file=file`)
    const text = (await content.locator('pre').last().textContent()) ?? ''
    await page
      .locator('dl')
      .getByText(`${String(text.length)} B`, { exact: true })
      .waitFor()
  }
  await page.goto(`${service.url}/fs/volume/`)
  await page.getByText(/link to file, (50|100) B/).waitFor()

  choose = (accept) => (accept === '*/*' ? other : one)
  await page.goto(`${service.url}/fs/?file=file`)
  await page
    .getByRole('alert')
    .getByText('pod-a answered a part of this, and then only others such as pod-b')
    .waitFor()
  assert.equal(await content.count(), 0)
})

test('no more of a long file is fetched than is shown', async (context) => {
  const { kuard } = await startWith(context, { long: 'x'.repeat(3_000_000), empty: '' })
  const page = await openPage(context, kuard, '/fs/')
  const answered = page.waitForResponse(
    (response) => response.url().endsWith('/fs/long') && response.status() === 206,
  )
  await open(page, 'long')
  assert.equal((await answered).headers()['content-range'], `bytes 0-${String(256 * 1024)}/3000000`)
  await page.getByText('the first 256 KiB').waitFor()
  await page.goBack()
  await open(page, 'empty')
  await page.getByText('This file is empty.').waitFor()
})

test('the pod that tells of changes is the one that the page follows', async (context) => {
  const folder = temporaryFolder(context)
  const [first, other] = [
    await startPod(context, 'pod-a', [`--fs-root=${folder}`]),
    await startPod(context, 'pod-b', [`--fs-root=${folder}`]),
  ]
  const service = await startService(context, ({ url }) => (url?.includes('watch=') ? other : first))
  const page = await openPage(context, service)
  await page.getByRole('link', { name: 'File system browser' }).click()
  await page.getByText('This page now follows pod-b; before it was pod-a.').waitFor()
  await page.getByText('answered by pod-a; the live values are pod-b’s').waitFor()
  write(folder, { new: '' })
  await page.getByRole('link', { name: 'new', exact: true }).waitFor()
})

test('a folder of 5,000 names is usable: 300 at a time, filtered as one types, and marked when it changes', async (context) => {
  const { kuard, folder } = await startWith(context, {})
  write(
    folder,
    Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`entry-${String(index).padStart(4, '0')}`, '']),
    ),
  )
  const page = await openPage(context, kuard, '/fs/')
  await page.getByText('5,000 names', { exact: true }).waitFor()
  assert.equal(await page.locator('tbody tr').count(), 300)
  await page.getByRole('button', { name: 'Show 300 more' }).click()
  await eventually('600 rows', async () => (await page.locator('tbody tr').count()) === 600)
  const filter = page.getByLabel('Filter')
  await filter.pressSequentially('entry-49')
  await page.getByText('100 of 5,000 names').waitFor({ timeout: 5_000 })
  await open(page, 'entry-4900')
  await page.getByText('This file is empty.').waitFor()
  await page.goBack()
  await page.getByText('100 of 5,000 names').waitFor()
  assert.equal(await filter.inputValue(), 'entry-49')
  write(folder, { 'entry-49-new': '' })
  await page.getByText('101 of 5,001 names').waitFor()
  await page.getByRole('row').filter({ hasText: 'entry-49-new' }).getByText('new', { exact: true }).waitFor()
})

test('the lines that are told as changed make the new text of the old one', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
  const linesOf = (whole: string) => (whole === '' ? [] : whole.slice(0, -1).split('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = changedLines(before, after)
      const rest = (whole: string, wanted: string) => {
        const left: (string | undefined)[] = linesOf(whole)
        for (const { sign, number, text: line } of changes) {
          if (sign !== wanted) continue
          assert.equal(left[number - 1], line)
          left[number - 1] = undefined
        }
        return left.filter((line) => line !== undefined)
      }
      assert.deepEqual(rest(before, '-'), rest(after, '+'))
    }),
  )
  assert.deepEqual(changedLines('a\nb\nc\n', 'a\nc\n'), [{ sign: '-', number: 2, text: 'b' }])
  const long = (word: string) =>
    Array.from({ length: 3000 }, (_, index) => `${word} ${String(index)}\n`).join('')
  assert.equal(changedLines(long('old'), long('new')).length, 6000)
})
