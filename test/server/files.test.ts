/** The file system browser, over HTTP, on real files. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { rename, symlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { Directories } from '../../server/features/files/directory.ts'
import { FileTree } from '../../server/features/files/tree.ts'
import { Turns } from '../../server/features/files/turns.ts'
import { FileListing, WatchEvent, type WatchedPath } from '../../server/features/files/wire.ts'
import { Gate } from '../../server/host/gate.ts'
import { readEvents, type EventReader } from '../support/event-stream.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder as emptyFolder } from '../support/folder.ts'
import { hangingFolder, whyNoHangingFolder } from '../support/hanging-folder.ts'
import { startKuard, type Answer, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'

const asJson = { accept: 'application/json' }

/** A folder that whoever the server runs as may look into. */
function temporaryFolder(context: TestContext): string {
  const folder = emptyFolder(context)
  chmodSync(folder, 0o755)
  return folder
}

/** A server that shows a new folder only. */
async function startInFolder(context: TestContext): Promise<{ kuard: Kuard; folder: string }> {
  const folder = temporaryFolder(context)
  return { kuard: await startKuard(context, [`--fs-root=${folder}`]), folder }
}

/** The links of a listing, as they stand in it. */
const linksOf = ({ text }: Answer): string[] =>
  [...text.matchAll(/<a href="([^"]*)">/g)].map(([, href]) => href ?? '')

/** Where a relative link leads to from a path. */
const resolved = (path: string, link: string): string => new URL(link, `http://host${path}`).pathname

const statusOf = async (kuard: Kuard, path: string): Promise<number> => (await kuard.get(path)).status

test('a directory is listed under every prefix: sorted, hidden names too, a slash after directories', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  mkdirSync(join(folder, 'sub'))
  for (const name of ['sub-a', '.hidden', 'B', 'a', 'index.html']) writeFileSync(join(folder, name), name)
  symlinkSync('sub', join(folder, '..data'))
  for (const prefix of prefixes) {
    const listing = await kuard.get(`${prefix}/fs/`)
    assert.equal(listing.status, 200)
    assert.equal(listing.headers['content-type'], 'text/html; charset=utf-8')
    assert.deepEqual(linksOf(listing), ['..data', '.hidden', 'B', 'a', 'index.html', 'sub/', 'sub-a'])
    assert.match(listing.text, /<pre>\n(<a href="[^"]+">[^<]+<\/a>\n)+<\/pre>\n$/)
  }
})

test('a file comes with its bytes and its type under every prefix', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const binary = Buffer.from([0, 1, 2, 255])
  const files: [name: string, content: string | Buffer, type: string][] = [
    ['notes.txt', 'plain', 'text/plain; charset=utf-8'],
    ['page.html', '<b>bold</b>', 'text/html; charset=utf-8'],
    ['index.html', 'index', 'text/html; charset=utf-8'],
    ['config.json', '{}', 'application/json'],
    ['logo.PNG', binary, 'image/png'],
    ['html', 'a name without an extension', 'text/plain; charset=utf-8'],
    ['x.constructor', 'no such type', 'text/plain; charset=utf-8'],
    ['.profile', 'hidden ✓', 'text/plain; charset=utf-8'],
    ['core', binary, 'application/octet-stream'],
    ['empty', '', 'text/plain; charset=utf-8'],
  ]
  for (const [name, content, type] of files) {
    writeFileSync(join(folder, name), content)
    for (const prefix of prefixes) {
      const answer = await kuard.get(`${prefix}/fs/${name}`)
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, type], name)
      assert.deepEqual(answer.bytes, Buffer.from(content))
      assert.equal(answer.headers['content-length'], String(answer.bytes.length))
    }
  }
})

test('redirects to and from the final slash are relative, and lead to the right place', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  mkdirSync(join(folder, 'a:b ü/c'), { recursive: true })
  writeFileSync(join(folder, 'file?'), '')
  for (const prefix of prefixes) {
    for (const [from, to] of [
      ['/fs', '/fs/'],
      ['/fs/a:b%20%c3%bc', '/fs/a%3Ab%20%C3%BC/'],
      ['/fs/a:b%20%C3%BC/c?query', '/fs/a:b%20%C3%BC/c/'],
      ['/fs/a:b%20%C3%BC%2Fc', '/fs/a%3Ab%20%C3%BC%2Fc/'],
      ['/fs/file%3F/', '/fs/file%3F'],
      ['/fs/file%3F//', '/fs/file%3F'],
    ] as const) {
      const { status, headers } = await kuard.get(`${prefix}${from}`)
      assert.equal(status, 301)
      const location = headers.location ?? ''
      assert.match(location, /^\.\.?\//)
      // As behind a proxy that took a prefix off.
      assert.equal(resolved(`/proxy${prefix}${from}`, location), `/proxy${prefix}${to}`)
    }
  }
})

test('the links of a listing lead to what they name, whatever bytes the name is made of', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const slash = '/'.charCodeAt(0)
  const byte = fc.oneof(
    fc.constantFrom(...Buffer.from('%:?#./\\&<>"\'\n\r\t ~;=@+ü2Fe')),
    fc.integer({ min: 1, max: 255 }),
  )
  const name = fc
    .array(
      byte.filter((value) => value !== slash),
      { minLength: 1, maxLength: 40 },
    )
    .map((bytes) => Buffer.from(bytes))
    .filter((bytes) => !['.', '..'].includes(bytes.toString()))
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 1, maxLength: 8, selector: String }),
      async (names) => {
        const inside = join(folder, 'names')
        mkdirSync(inside)
        for (const each of names) writeFileSync(Buffer.concat([Buffer.from(`${inside}/`), each]), each)
        const { entries } = (await kuard.get('/fs/names/', asJson)).json(FileListing)
        const links = linksOf(await kuard.get('/fs/names/'))
        assert.deepEqual(
          entries.map(({ href }) => href),
          links,
        )
        const found = await Promise.all(
          links.map(async (link) => (await kuard.get(resolved('/fs/names/', link))).bytes),
        )
        assert.deepEqual(
          found,
          [...names].sort((one, other) => Buffer.compare(one, other)),
        )
        rmSync(inside, { recursive: true })
      },
    ),
    { numRuns: 30 },
  )
})

test('JSON tells kind, size, mode, owner, time and target of every entry', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, 'file'), 'four', { mode: 0o640 })
  utimesSync(join(folder, 'file'), 1.5, 1_000_000_000.25)
  mkdirSync(join(folder, 'directory'))
  chmodSync(join(folder, 'directory'), 0o1777)
  symlinkSync('nowhere/at all', join(folder, 'link'))
  execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')])
  const answer = await kuard.get('/fs/', asJson)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  assert.equal(answer.headers['cache-control'], 'no-cache, private, max-age=0')
  const { path, entries } = answer.json(FileListing)
  assert.equal(path, '/')
  assert.deepEqual(
    entries.map(({ name, href, kind, mode, target }) => [name, href, kind, mode, target]),
    [
      ['directory', 'directory/', 'directory', 'drwxrwxrwt', null],
      ['file', 'file', 'file', '-rw-r-----', null],
      ['link', 'link', 'link', 'lrwxrwxrwx', 'nowhere/at all'],
      ['pipe', 'pipe', 'FIFO', 'prw-------', null],
    ],
  )
  const [, file] = entries
  const { uid, gid } = statSync(folder)
  const name = (option: string) => execFileSync('id', [option]).toString().trim()
  assert.deepEqual(
    [file?.size, file?.modified, file?.owner],
    [4, '2001-09-09T01:46:40.250Z', { uid, gid, user: name('-un'), group: name('-gn') }],
  )
  const alone = (await kuard.get('/fs/file', asJson)).json(FileListing)
  assert.deepEqual(alone, { path: '/file', entries: [file] })
})

test('JSON is for whom prefers it: a browser and curl get HTML and bytes', async (context) => {
  const { kuard } = await startInFolder(context)
  for (const [accept, type] of [
    ['text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8', /^text\/html/],
    ['*/*', /^text\/html/],
    ['text/html;q=0.5, application/json', /^application\/json/],
    ['application/json, text/plain, */*', /^application\/json/],
    ['Application/JSON; charset=utf-8', /^application\/json/],
    ['application/*', /^application\/json/],
    ['application/json;q=0', /^text\/html/],
    ['application/json; q=0.0, */*; q=0.1', /^text\/html/],
    ['text/html; q=0.2; level=1, application/json ;q=0.3', /^application\/json/],
  ] as const) {
    const { headers } = await kuard.get('/fs/', { accept })
    assert.match(String(headers['content-type']), type)
    assert.equal(headers.vary, 'Accept')
  }
})

test('a range of a file is answered as RFC 9110 says', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const large = Buffer.alloc(300_000, 'kuard and its files. ')
  writeFileSync(join(folder, 'small'), '0123456789')
  writeFileSync(join(folder, 'large'), large)
  for (const [range, status, text, contentRange] of [
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=7-100', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=-100', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, undefined, 'bytes */10'],
    ['bytes=-0', 416, undefined, 'bytes */10'],
    ['bytes=5-2', 200, '0123456789', undefined],
    ['bytes=0-0,2-3', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
  ] as const) {
    const answer = await kuard.get('/fs/small', { range })
    assert.deepEqual([answer.status, answer.headers['content-range']], [status, contentRange], range)
    if (text !== undefined) assert.equal(answer.text, text)
  }
  assert.deepEqual(
    (await kuard.get('/fs/large', { range: 'bytes=100000-299998' })).bytes,
    large.subarray(100_000, 299_999),
  )
  assert.deepEqual((await kuard.get('/fs/large')).bytes, large)
  writeFileSync(join(folder, 'empty'), '')
  assert.equal((await kuard.get('/fs/empty', { range: 'bytes=0-3' })).status, 200)
})

test('a file that has not changed is not sent again, and a range of another version is not mixed in', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, 'file'), 'content')
  utimesSync(join(folder, 'file'), 1_000_000_000.9, 1_000_000_000.9)
  const lastModified = 'Sun, 09 Sep 2001 01:46:40 GMT'
  assert.equal((await kuard.get('/fs/file')).headers['last-modified'], lastModified)
  const since = (date: string) => statusWith({ 'if-modified-since': date })
  const statusWith = async (headers: Record<string, string>) => (await kuard.get('/fs/file', headers)).status
  assert.equal(await since(lastModified), 304)
  assert.equal(await since('Sun, 09 Sep 2001 01:46:41 GMT'), 304)
  assert.equal(await since('Sun, 09 Sep 2001 01:46:39 GMT'), 200)
  assert.equal(await since('no date'), 200)
  assert.equal(await statusWith({ range: 'bytes=0-1', 'if-range': lastModified }), 206)
  assert.equal(await statusWith({ range: 'bytes=0-1', 'if-range': 'Sun, 09 Sep 2001 01:46:41 GMT' }), 200)
})

test('HEAD tells what GET would, without the body', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, 'large'), Buffer.alloc(300_000))
  const { date: _date, ...got } = (await kuard.get('/fs/large')).headers
  const { status, bytes, headers } = await kuard.ask('HEAD', '/fs/large')
  const { date: _other, ...told } = headers
  assert.deepEqual([status, bytes.length, told], [200, 0, got])
  for (const [path, expected] of [
    ['/fs/', 200],
    ['/fs/missing', 404],
  ] as const) {
    assert.equal((await kuard.ask('HEAD', path)).status, expected)
  }
})

test('any other method is refused, with those that are allowed', async (context) => {
  const { kuard } = await startInFolder(context)
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const { status, headers } = await kuard.ask(method, '/a/fs/x')
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'])
  }
})

test('files of /proc and /sys show what there is to read, whatever size they claim', async (context) => {
  const kuard = await startKuard(context)
  for (const path of [
    '/proc/version',
    '/proc/devices',
    '/proc/filesystems',
    '/sys/kernel/mm/transparent_hugepage/enabled',
  ]) {
    const answer = await kuard.get(`/fs${path}`)
    assert.deepEqual([answer.status, answer.text], [200, readFileSync(path, 'utf8')], path)
    // Their times say nothing of their content.
    assert.equal(answer.headers['last-modified'], undefined)
  }
  const symbols = await kuard.get('/fs/proc/kallsyms')
  assert.equal(symbols.bytes.length, readFileSync('/proc/kallsyms').length)
  assert.equal((await kuard.get('/fs/proc/version', { range: 'bytes=0-4' })).text, 'Linux')
  assert.match((await kuard.get('/fs/proc/self/cmdline')).text, /kuard\.cjs/)
})

test('a FIFO, a socket or a device is never opened', async (context) => {
  const folder = temporaryFolder(context)
  const kuard = await startKuard(context)
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  symlinkSync('fifo', join(folder, 'to-fifo'))
  const socket = createServer().listen(join(folder, 'socket'))
  await once(socket, 'listening')
  context.after(() => socket.close())
  // This waits until someone opens the FIFO to read.
  const writer = spawn('sh', ['-c', 'echo opening >&2; echo written > "$0"', fifo], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  context.after(() => writer.kill('SIGKILL'))
  await once(writer.stderr, 'data')
  for (const [path, kind] of [
    [fifo, /FIFO/],
    [join(folder, 'to-fifo'), /FIFO/],
    [join(folder, 'socket'), /socket/],
    ['/dev/null', /character device/],
    ['/proc/self/fd/1', /FIFO|socket/],
  ] as const) {
    const { status, text } = await kuard.get(`/fs${path}`)
    assert.equal(status, 400, path)
    assert.match(text, kind)
    assert.equal((await kuard.ask('HEAD', `/fs${path}`)).status, 400)
  }
  assert.deepEqual([writer.exitCode, writer.signalCode], [null, null])
})

test('what may not be read is 403, and an entry that may not be looked at is still listed', async (context) => {
  const folder = temporaryFolder(context)
  mkdirSync(join(folder, 'closed'))
  mkdirSync(join(folder, 'names-only'))
  for (const name of ['secret', 'closed/inside', 'names-only/entry'])
    writeFileSync(join(folder, name), 'secret')
  chmodSync(join(folder, 'secret'), 0)
  chmodSync(join(folder, 'closed'), 0)
  chmodSync(join(folder, 'names-only'), 0o444)
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
  const options = process.getuid?.() === 0 ? { under: asNobody } : {}
  const kuard = await startKuard(context, [`--fs-root=${folder}`], options)
  try {
    for (const path of ['/fs/secret', '/fs/closed/', '/fs/closed/inside', '/fs/closed/missing']) {
      const { status, text } = await kuard.get(path)
      assert.equal(status, 403, path)
      assert.match(text, /permission/)
    }
    const { entries } = (await kuard.get('/fs/names-only/', asJson)).json(FileListing)
    assert.deepEqual(
      entries.map(({ name, kind, size, mode, reason }) => [name, kind, size, mode, reason]),
      [['entry', 'file', null, null, 'this server has no permission to read it']],
    )
  } finally {
    // Or else they could not be removed.
    for (const name of ['closed', 'names-only']) chmodSync(join(folder, name), 0o755)
  }
})

test('a path that leads nowhere, or is no path, has a clear answer', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, 'file'), '')
  symlinkSync('loop', join(folder, 'loop'))
  symlinkSync('gone', join(folder, 'dangling'))
  for (const [path, status, words] of [
    ['/fs/missing', 404, /no such file/],
    ['/fs/dangling', 404, /no such file/],
    ['/fs/file/below', 404, /not a directory/],
    ['/fs/loop', 400, /links/],
    ['/fs/a%00b', 400, /NUL/],
    ['/fs/100%', 400, /%25/],
    ['/fs/%zz', 400, /%zz/],
    ['/fs/a%2', 400, /%2 /],
    [`/fs/${'x'.repeat(256)}`, 400, /longer/],
    [`/fs/${'x/'.repeat(4000)}`, 400, /longer/],
    ['/fs/%ff%fe', 404, /no such file/],
    ['/fsx', 404, /not found/],
  ] as const) {
    const answer = await kuard.get(path)
    assert.equal(answer.status, status, path)
    assert.match(answer.text, words)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
  }
})

test('nothing that a file holds runs in a browser', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, '<img src=x>.html'), '<script>alert(1)</script>')
  const listing = await kuard.get('/fs/')
  assert.doesNotMatch(listing.text, /<img/)
  const file = await kuard.get(resolved('/fs/', linksOf(listing)[0] ?? ''))
  assert.equal(file.text, '<script>alert(1)</script>')
  for (const { headers } of [listing, file, await kuard.get('/fs/', asJson)]) {
    assert.match(String(headers['content-security-policy']), /^sandbox\b.*; default-src 'none'$/)
    assert.doesNotMatch(String(headers['content-security-policy']), /allow-(scripts|same-origin)/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
  }
})

test('nothing outside --fs-root can be reached, through links either', async (context) => {
  const folder = temporaryFolder(context)
  const inside = join(folder, 'root')
  mkdirSync(join(inside, 'sub'), { recursive: true })
  mkdirSync(join(folder, 'root-beside'))
  writeFileSync(join(folder, 'secret'), 'outside')
  writeFileSync(join(folder, 'root-beside/secret'), 'outside')
  writeFileSync(join(inside, 'sub/file'), 'inside')
  symlinkSync('../secret', join(inside, 'out'))
  symlinkSync('/etc', join(inside, 'etc'))
  symlinkSync('..', join(inside, 'up'))
  symlinkSync('../root-beside', join(inside, 'beside'))
  symlinkSync('/proc/self/root', join(inside, 'magic'))
  symlinkSync('sub/file', join(inside, 'in'))
  symlinkSync('root', join(folder, 'link-to-root'))
  for (const root of [inside, join(folder, 'link-to-root'), `${inside}/`]) {
    const kuard = await startKuard(context, [`--fs-root=${root}`])
    for (const path of [
      'out',
      'etc',
      'etc/',
      'etc/hostname',
      'up',
      'up/secret',
      'beside/',
      'beside/secret',
      'magic/',
      'magic/etc/passwd',
    ]) {
      for (const headers of [{}, asJson]) {
        const { status, text } = await kuard.get(`/fs/${path}`, headers)
        assert.equal(status, 403, path)
        assert.match(text, /--fs-root/)
      }
    }
    for (const path of [
      '../secret',
      '..%2fsecret',
      '%2e%2e/secret',
      'sub/../../secret',
      '..%5csecret',
      '//root/secret',
    ]) {
      assert.equal(await statusOf(kuard, `/fs/${path}`), 404, path)
    }
    assert.equal((await kuard.get('/fs/in')).text, 'inside')
    assert.equal((await kuard.get('/fs/x/../../sub/file')).text, 'inside')
    assert.deepEqual(linksOf(await kuard.get('/fs/sub/')), ['file'])
  }
})

test('a link that is swapped all the time never lets anything outside --fs-root through', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const outside = temporaryFolder(context)
  writeFileSync(join(outside, 'file'), 'outside')
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real/file'), 'inside')
  let swapping = true
  const swap = async () => {
    while (swapping) {
      for (const target of ['real', outside]) {
        await symlink(target, join(folder, 'new'))
        await rename(join(folder, 'new'), join(folder, 'link'))
      }
    }
  }
  const swapped = swap()
  try {
    const seen = new Set<number>()
    await eventually('both ends of the link', async () => {
      const { status, text } = await kuard.get('/fs/link/file')
      if (status === 200) assert.equal(text, 'inside')
      seen.add(status)
      return seen.has(200) && seen.has(403)
    })
  } finally {
    swapping = false
    await swapped
  }
})

test('a directory of 100,000 entries is listed in full while the probes are answered', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  for (let index = 0; index < 100_000; index += 1) closeSync(openSync(join(folder, `entry-${index}`), 'w'))
  const names = readdirSync(folder).sort()
  let slowest = 0
  for (const headers of [{}, asJson]) {
    let listing: Answer | undefined
    const listed = kuard.get('/fs/', headers).then((answer) => (listing = answer))
    do {
      const asked = performance.now()
      assert.equal(await statusOf(kuard, '/healthy'), 200)
      slowest = Math.max(slowest, performance.now() - asked)
    } while (!listing)
    const found =
      headers === asJson
        ? // The schema is checked elsewhere; here it would take half a minute.
          (JSON.parse((await listed).text) as FileListing).entries.map(({ name }) => name)
        : linksOf(await listed)
    assert.deepEqual(found, names)
  }
  context.diagnostic(`the slowest probe took ${slowest.toFixed(1)} ms`)
  assert.ok(slowest < 1000, `a probe took ${slowest} ms`)
})

test('a client that leaves in the middle leaves nothing open behind it', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, 'large'), '')
  truncateSync(join(folder, 'large'), 1_000_000_000)
  for (let index = 0; index < 3000; index += 1)
    writeFileSync(join(folder, `${'long-name-'.repeat(20)}${index}`), '')
  const openHere = () =>
    readdirSync(`/proc/${kuard.child.pid}/fd`).filter((fd) =>
      linkOf(`/proc/${kuard.child.pid}/fd/${fd}`).startsWith(folder),
    )
  for (const path of ['/fs/large', '/fs/', '/fs/ ', '/fs/large']) {
    const accept = path === '/fs/ ' ? 'application/json' : '*/*'
    for (const waits of [true, false]) {
      const client = connect(kuard.port, '127.0.0.1')
      client.on('error', () => undefined)
      client.write(`GET ${path.trim()} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`)
      if (waits) await once(client, 'data')
      client.destroy()
    }
  }
  await eventually('every file to be closed', () => openHere().length === 0)
  assert.equal(await statusOf(kuard, '/fs/'), 200)
})

/** What a link says; nothing once it is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

test('a file that becomes shorter while it is sent breaks the answer off, instead of ending it', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const path = join(folder, 'large')
  writeFileSync(path, '')
  truncateSync(path, 500_000_000)
  const client = connect(kuard.port, '127.0.0.1')
  client.write('GET /fs/large HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(client, 'data')
  client.pause()
  truncateSync(path, 1000)
  client.on('error', () => undefined)
  client.resume()
  await once(client, 'close')
  assert.equal(await statusOf(kuard, '/healthy'), 200)
})

test('a file that is read slowly by many does not keep others waiting', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  writeFileSync(join(folder, 'large'), '')
  truncateSync(join(folder, 'large'), 1_000_000_000)
  writeFileSync(join(folder, 'small'), 'small')
  const clients = Array.from({ length: 50 }, () => connect(kuard.port, '127.0.0.1'))
  context.after(() => {
    for (const client of clients) client.destroy()
  })
  for (const client of clients) {
    client.write('GET /fs/large HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(client, 'data')
    client.pause()
  }
  assert.equal((await kuard.get('/fs/small')).text, 'small')
})

test('listings hold so many names and no more, until one is closed', async (context) => {
  const folder = temporaryFolder(context)
  for (let index = 0; index < 6; index += 1) writeFileSync(join(folder, `entry-${index}`), '')
  const calls = new Turns(new Gate(4))
  const place = await new FileTree(folder, calls).find([])
  context.after(() => place.close())
  const directories = new Directories(calls, 10)
  const first = await directories.read(place)
  await assert.rejects(directories.read(place), { name: 'Refusal', reason: 'busy' })
  first.close()
  const second = await directories.read(place)
  second.close()
})

test('four calls to the file system are under way at once, and the others have their turn in order', async () => {
  const calls = new Gate(4)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const all = Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      calls.run(() => {
        begun.push(index)
        return new Promise<void>((end) => ends.push(end))
      }),
    ),
  )
  await eventually('four to begin', () => begun.length === 4)
  ends[2]?.()
  await eventually('a fifth to begin', () => begun.length === 5)
  for (let index = 0; index < 5; index += 1) ends[index]?.()
  await eventually('the last to begin', () => begun.length === 6)
  ends[5]?.()
  await all
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 5])
})

/** Reads the watch event of a path until its state is as expected. */
async function watched(reader: EventReader, path: string, expected: (state: WatchedPath) => boolean) {
  return eventually(`the watch event of ${path} that is expected`, () => {
    const states = reader.states('watch', WatchEvent).filter((event) => event.path === path)
    const state = states.at(-1)?.state
    return state !== undefined && expected(state) ? state : undefined
  })
}

test('a call that does not come back keeps its turn, and who asked for it is told', async () => {
  const gate = new Gate(1, 50)
  const hanging = Promise.withResolvers<string>()
  let released = ''
  const first = gate.run(
    () => hanging.promise,
    (late) => (released = late),
  )
  const second = gate.run(() => Promise.resolve())
  await assert.rejects(first, { name: 'TooSlow' })
  await assert.rejects(second, { name: 'TooSlow' })
  hanging.resolve('opened')
  assert.equal(await gate.run(() => Promise.resolve(1)), 1)
  assert.equal(released, 'opened')
})

test('a watched path tells when it comes, changes, and goes', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const reader = await readEvents(context, kuard.port, '/events?watch=/note&watch=/')
  const missing = await watched(reader, '/note', () => true)
  assert.deepEqual([missing.exists, missing.kind, missing.changes], [false, null, 0])
  assert.match(missing.reason ?? '', /no such file/)
  assert.equal((await watched(reader, '/', () => true)).kind, 'directory')
  writeFileSync(join(folder, 'note'), 'first')
  const first = await watched(reader, '/note', ({ size }) => size === 5)
  assert.deepEqual([first.exists, first.reason, first.kind, first.target], [true, null, 'file', null])
  await watched(reader, '/', ({ changes }) => changes > 0)
  writeFileSync(join(folder, 'note'), 'the second')
  await watched(reader, '/note', ({ size, changes }) => size === 10 && changes > first.changes)
  rmSync(join(folder, 'note'))
  await watched(reader, '/note', ({ exists }) => !exists)
})

test('a watched ConfigMap tells of the swap that brings new content, for the directory and for a file', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  for (const version of ['..one', '..two']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'key'), version)
  }
  symlinkSync('..one', join(folder, '..data'))
  symlinkSync('..data/key', join(folder, 'key'))
  const reader = await readEvents(context, kuard.port, '/events?watch=/key&watch=/')
  assert.equal((await watched(reader, '/key', () => true)).target, '/..one/key')
  const { changes } = await watched(reader, '/', () => true)
  symlinkSync('..two', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  await watched(reader, '/key', ({ target }) => target === '/..two/key')
  await watched(reader, '/', (state) => state.changes > changes)
})

test('a watch shows nothing outside --fs-root, not even that it changes', async (context) => {
  const { kuard, folder } = await startInFolder(context)
  const outside = temporaryFolder(context)
  writeFileSync(join(outside, 'file'), '')
  symlinkSync(join(outside, 'file'), join(folder, 'out'))
  const reader = await readEvents(context, kuard.port, '/events?watch=/out&watch=/../../in')
  const before = await watched(reader, '/out', () => true)
  assert.match(before.reason ?? '', /--fs-root/)
  appendFileSync(join(outside, 'file'), 'more')
  // What comes after it is told, so what came before it would have been.
  writeFileSync(join(folder, 'in'), '')
  await watched(reader, '/../../in', ({ exists }) => exists)
  assert.deepEqual(await watched(reader, '/out', () => true), before)
  for (const path of ['relative', '/a%00b']) {
    const { status, headers } = await kuard.get(`/events?watch=${path}`)
    assert.deepEqual([status, headers['content-type']], [400, 'text/plain; charset=utf-8'])
  }
})

test(
  'a file system that hangs keeps neither the page nor other files waiting, watched or asked for, and is told in words',
  { skip: whyNoHangingFolder() },
  async (context) => {
    const root = temporaryFolder(context)
    writeFileSync(join(root, 'file'), 'four')
    const folder = hangingFolder(context, join(root, 'hangs'))
    const kuard = await startKuard(context, [`--tls-dir=${folder}`])
    const paths = Array.from({ length: 16 }, (_, index) => `watch=${folder}/${index}`)
    const reader = await readEvents(context, kuard.port, `/events?${paths.join('&')}`)
    let slowest = 0
    for (const path of ['/fs/', '/', '/fs/etc/passwd', '/manifests/', '/mem/api', '/fs/']) {
      const asked = performance.now()
      assert.equal(await statusOf(kuard, path), 200)
      slowest = Math.max(slowest, performance.now() - asked)
    }
    assert.ok(slowest < 2_000, `the slowest took ${slowest.toFixed(0)} ms`)
    const tooSlow = /file system is too slow/
    const inside = kuard.get(`/fs${folder}/`)
    const { entries } = (await kuard.get(`/fs${root}/`, asJson)).json(FileListing)
    assert.deepEqual(
      entries.map(({ name, kind, size }) => [name, kind, size]),
      [
        ['file', 'file', 4],
        ['hangs', 'directory', null],
      ],
    )
    assert.equal(entries[0]?.reason, null)
    assert.match(entries[1]?.reason ?? '', tooSlow)
    assert.equal((await inside).status, 503)
    assert.match((await inside).text, tooSlow)
    assert.match((await watched(reader, `${folder}/15`, () => true)).reason ?? '', tooSlow)
  },
)

test('the browser can be switched off', async (context) => {
  const kuard = await startKuard(context, ['--disable=files'])
  for (const path of ['/fs', '/fs/', '/fs/etc/passwd']) assert.equal(await statusOf(kuard, path), 404)
})
