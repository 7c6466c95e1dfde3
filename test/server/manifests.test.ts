/** The manifests that the server hands out: the list, the files, another image in them. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { Image, imagePattern } from '../../server/features/manifests/image.ts'
import { ManifestList } from '../../server/features/manifests/wire.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { manifestsFolder, startWithManifests } from '../support/manifests.ts'
import { prefixes } from '../support/prefixes.ts'

const manifest = '/manifests/05-pods/kuard-pod.yaml'
const listOf = async (kuard: Kuard, path = '/manifests/') => (await kuard.get(path)).json(ManifestList)

/** Starts a server whose one manifest is this text; gives it back as it is served with another image. */
async function serveOne(context: TestContext, text: string) {
  const kuard = await startWithManifests(context, { '05-pods/kuard-pod.yaml': text })
  return async (image: string) => (await kuard.get(`${manifest}?image=${encodeURIComponent(image)}`)).text
}

test('what is listed is served, byte for byte, and every concept’s files are among it', async (context) => {
  const kuard = await startKuard(context)
  const { files, chapters } = await listOf(kuard)
  assert.ok(files.length > 0)
  for (const { path } of files) {
    const { bytes } = await kuard.get(`/manifests/${path}`)
    assert.deepEqual(bytes, readFileSync(join(manifestsFolder, path)), path)
  }
  const paths = new Set(files.map(({ path }) => path))
  for (const { name, apply } of chapters.flatMap(({ concepts }) => concepts))
    for (const path of apply) assert.ok(paths.has(path), `${path} of ${name}`)
})

test('every file is of some concept or lab, every manifest says what to watch for, and the tests that concepts name are there', async (context) => {
  const { files, chapters } = await listOf(await startKuard(context))
  const concepts = chapters.flatMap((chapter) => chapter.concepts)
  const used = new Set(concepts.flatMap(({ apply, fetch }) => [...apply, ...fetch]))
  const labs = globSync('labs/*.md', { cwd: join(manifestsFolder, '..') }).map((path) =>
    readFileSync(join(manifestsFolder, '..', path), 'utf8'),
  )
  const isOfLab = (path: string) => labs.some((text) => text.includes(`apply: [${path}]`))
  for (const { path, watchFor } of files) {
    assert.ok(watchFor !== null || !path.endsWith('.yaml'), path)
    // Beside the chapters lies what the Cluster tab itself tells how to apply.
    assert.ok(used.has(path) || isOfLab(path) || !path.includes('/'), path)
  }
  for (const { tests } of concepts)
    for (const path of tests) assert.ok(existsSync(join(manifestsFolder, '..', path)), path)
  for (const { folder } of chapters)
    assert.ok(existsSync(join(manifestsFolder, '../test/cluster', folder, 'chapter.test.ts')), folder)
})

test('what stands for the book’s Deployments of chapters 6 and 7 has the book’s labels', () => {
  const [, book = '', here = ''] =
    /^\| 6, 7 \| .*--labels="(\S+)".*? \| (.*?) \|/m.exec(
      readFileSync(join(manifestsFolder, 'README.md'), 'utf8'),
    ) ?? []
  const labels = book.split(',').map((label) => label.split('='))
  assert.deepEqual(labels.map(([name]) => name).sort(), ['app', 'env', 'ver'])
  const paths = [...here.matchAll(/\]\((\S+\.yaml)\)/g)].map(([, path = '']) => path)
  assert.equal(paths.length, 2)
  for (const path of paths)
    for (const [name = '', value = ''] of labels) {
      // Of the Deployment and of the pods that it makes.
      const lines = readFileSync(join(manifestsFolder, path), 'utf8').match(
        new RegExp(`^ {4}(?: {4})?${name}: '?${value}'?$`, 'gm'),
      )
      assert.ok((lines?.length ?? 0) >= 2, `${name} in ${path}`)
    }
})

test('a file is text that a browser shows, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const { status, headers } = await kuard.get(prefix + manifest, { accept: 'text/html' })
    assert.deepEqual(
      [status, headers['content-type'], headers['x-content-type-options']],
      [200, 'text/plain; charset=utf-8', 'nosniff'],
    )
  }
})

test('files are listed by path with their opening comment, whatever kind they are', async (context) => {
  const kuard = await startWithManifests(context, {
    '10-jobs/load.sh': '#!/bin/sh\n# Watch the queue grow.\nexit\n# not this\n',
    '05-pods/b.yaml': '# Watch it start.\r\nkind: Pod\n',
    '05-pods/a.yaml': 'kind: Pod\n# too late\n',
    '14-applications/config.js': '// Watch its port.\n',
    '14-applications/redis/master.conf': '',
  })
  const { files } = await listOf(kuard)
  assert.deepEqual(
    files.map(({ path, watchFor }) => [path, watchFor]),
    [
      ['05-pods/a.yaml', null],
      ['05-pods/b.yaml', 'Watch it start.'],
      ['10-jobs/load.sh', 'Watch the queue grow.'],
      ['14-applications/config.js', 'Watch its port.'],
      ['14-applications/redis/master.conf', null],
    ],
  )
})

const chapter = { chapter: 4, title: 'Common kubectl Commands', later: { second: 4, third: null } }

test('a chapter is told whole, with the files that its commands name and one clean-up for those that go on', async (context) => {
  const kuard = await startWithManifests(context, {
    '04-kubectl/concepts.yaml': stringify({
      ...chapter,
      concepts: [
        {
          id: 'one',
          name: 'One',
          book: { section: 'Contexts', examples: ['4-1'], later: { second: 5, third: 6 } },
          needs: ['two nodes'],
          apply: ['one.yaml', '../05-pods/pod.yaml'],
          steps: [
            {
              run: 'sed s/1/2/ ./two.yaml | kubectl apply -f -',
              stays: 2,
              type: ['exit'],
              again: true,
              fails: true,
              page: [
                { tab: 'Memory', see: 'its limit' },
                { tab: 'Cluster', view: 'Owners', see: 'its owner' },
              ],
              kubectl: 'Running',
              expect: [{ output: 'x' }],
              notRun: 'for a reason',
            },
          ],
          cleanup: ['rm -f a'],
          tests: ['kubectl', 'page'],
        },
        {
          id: 'two',
          name: 'Two',
          continues: true,
          apply: ['one.yaml'],
          steps: [{ run: 'kubectl create configmap x --from-file=config/', stays: true }],
          cleanup: ['kubectl delete -f ../05-pods/service.yaml'],
        },
      ],
    }),
    ...Object.fromEntries(
      [
        '04-kubectl/one.yaml',
        '04-kubectl/two.yaml',
        '04-kubectl/config/a.conf',
        '05-pods/pod.yaml',
        '05-pods/service.yaml',
      ].map((path) => [path, `# ${path}\n`]),
    ),
  })
  assert.deepEqual((await listOf(kuard)).chapters, [
    {
      folder: '04-kubectl',
      number: 4,
      title: chapter.title,
      later: chapter.later,
      concepts: [
        {
          id: 'one',
          name: 'One',
          book: { section: 'Contexts', examples: ['4-1'], later: { second: 5, third: 6 } },
          needs: ['two nodes'],
          continues: false,
          apply: ['04-kubectl/one.yaml', '05-pods/pod.yaml'],
          fetch: ['04-kubectl/two.yaml'],
          steps: [
            {
              run: 'sed s/1/2/ ./two.yaml | kubectl apply -f -',
              stays: true,
              beside: 2,
              type: ['exit'],
              again: true,
              fails: true,
              page: [
                { tab: 'Memory', view: null, see: 'its limit' },
                { tab: 'Cluster', view: 'Owners', see: 'its owner' },
              ],
              kubectl: 'Running',
              notRun: 'for a reason',
            },
          ],
          cleanup: { run: [], delete: [] },
          tests: ['test/cluster/04-kubectl/kubectl.test.ts', 'test/cluster/04-kubectl/page.test.ts'],
        },
        {
          id: 'two',
          name: 'Two',
          book: null,
          needs: [],
          continues: true,
          apply: ['04-kubectl/one.yaml'],
          fetch: ['04-kubectl/config/a.conf', '05-pods/service.yaml'],
          steps: [
            {
              run: 'kubectl create configmap x --from-file=config/',
              stays: true,
              beside: null,
              type: [],
              again: false,
              fails: false,
              page: [],
              kubectl: null,
              notRun: null,
            },
          ],
          cleanup: {
            run: ['kubectl delete -f ../05-pods/service.yaml', 'rm -f a'],
            delete: ['04-kubectl/one.yaml', '05-pods/pod.yaml'],
          },
          tests: [],
        },
      ],
    },
  ])
})

test('the list is a page for a browser and JSON for everyone else, and without its slash leads there', async (context) => {
  const kuard = await startKuard(context)
  const withoutPage = await startKuard(context, ['--disable=page'])
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  for (const prefix of prefixes) {
    assert.match((await kuard.get(`${prefix}/manifests/?image=..`, { accept })).text, /<div id="app">/)
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }])
      assert.ok((await kuard.get(`${prefix}/manifests/`, headers)).json(ManifestList))
    assert.ok((await withoutPage.get(`${prefix}/manifests/`, { accept })).json(ManifestList))
    const { status, headers } = await kuard.get(`${prefix}/manifests`)
    assert.deepEqual([status, headers.location], [301, './manifests/'])
  }
})

test('nothing but the files of the list can be reached', async (context) => {
  const folder = temporaryFolder(context)
  symlinkSync('/etc/passwd', join(folder, 'link.yaml'))
  const kuard = await startWithManifests(context, { '05-pods/a.yaml': '' }, folder)
  assert.equal((await kuard.get('/manifests/05-pods/a.yaml')).status, 200)
  for (const path of [
    'README.md',
    'link.yaml',
    '05-pods',
    '05-pods/',
    '05-pods//a.yaml',
    '05-pods/../05-pods/a.yaml',
    '../server.cjs',
    '..%2fserver.cjs',
    '%2e%2e/server.cjs',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '05-pods/a.yaml%00',
    'constructor',
    '__proto__',
  ]) {
    const answer = await kuard.get(`/manifests/${path}`)
    assert.equal(answer.status, 404, path)
    assert.match(answer.text, /^there is no such manifest/)
  }
})

test('another image stands in for kuard’s and no other, with each manifest’s own tag unless it has one', async (context) => {
  const text = `containers:
  - image: kuard:blue
    name: kuard
  - name: two
    image: kuard:1 # the same
  - - image: kuard:green\r
  - image: nginx:1.26.3
  - image: me/kuard:blue
  - image: kuard
  - image: kuard:blue and more
  # image: kuard:blue
  args: ["image: kuard:blue"]
  value: image: kuard:blue
`
  const served = await serveOne(context, text)
  const digest = `sha256:${'0a'.repeat(32)}`
  for (const [image, blue, one, green] of [
    ['registry.example.com/me/kuard', ...tagged('registry.example.com/me/kuard')],
    ['localhost:5000/kuard', ...tagged('localhost:5000/kuard')],
    ['my_own__ku.ard--x', ...tagged('my_own__ku.ard--x')],
    ['Registry:5000/a/b/c', ...tagged('Registry:5000/a/b/c')],
    ['12', '"12:blue"', '"12:1"', '"12:green"'],
    ['[::1]:5000/k', '"[::1]:5000/k:blue"', '"[::1]:5000/k:1"', '"[::1]:5000/k:green"'],
    ...['localhost:5000/kuard:2', `kuard@${digest}`, `example.com/kuard:2@${digest}`].map(
      (whole) => [whole, whole, whole, whole] as const,
    ),
  ] as const) {
    const expected = text
      .replace('- image: kuard:blue\n', `- image: ${blue}\n`)
      .replace('kuard:1 #', `${one} #`)
      .replace('kuard:green', green)
    assert.equal(await served(image), expected, image)
  }
})

const tagged = (name: string) => [`${name}:blue`, `${name}:1`, `${name}:green`] as const

test('a command of the list names the other image too, and keeps the addresses of a Service', async (context) => {
  const run = [
    'kubectl run kuard --image=kuard:blue --port=8080',
    'kubectl set image deployments/kuard kuard=kuard:green',
    `kubectl patch pod kuard -p '{"image":"kuard:3"}'`,
    'curl --proxy=kuard:8080 http://kuard:1/',
  ]
  const kuard = await startWithManifests(context, {
    '04-kubectl/concepts.yaml': stringify({
      ...chapter,
      concepts: [{ id: 'all', name: 'All', steps: run.map((run) => ({ run })), cleanup: run }],
    }),
  })
  const commands = async (query = '') =>
    (await listOf(kuard, `/manifests/${query}`)).chapters.flatMap(({ concepts }) =>
      concepts.map(({ steps, cleanup }) => [steps.map(({ run }) => run), cleanup.run]),
    )
  assert.deepEqual(await commands(), [[run, run]])
  const withImage = [
    'kubectl run kuard --image=me/k:blue --port=8080',
    'kubectl set image deployments/kuard kuard=me/k:green',
    `kubectl patch pod kuard -p '{"image":"me/k:3"}'`,
    'curl --proxy=kuard:8080 http://kuard:1/',
  ]
  assert.deepEqual(await commands('?image=me/k'), [[withImage, withImage]])
})

test('what is no image is refused in words', async (context) => {
  const kuard = await startKuard(context)
  for (const image of [
    '',
    ' ',
    'kuard ',
    'a b',
    'kuard:blue\n  hostNetwork: true',
    'kuard:blue # x',
    'kuard: blue',
    '"kuard"',
    '{a: b}',
    '*anchor',
    'Kuard',
    '/kuard',
    'kuard/',
    'a//b',
    '-kuard',
    'kuard:',
    'kuard:.x',
    `kuard:${'t'.repeat(129)}`,
    'kuard@sha256:0a',
    'http://example.com/kuard',
    'a'.repeat(256),
    'a'.repeat(10_000),
    'kuard\0',
    'küard',
  ]) {
    for (const path of [manifest, '/manifests/']) {
      const answer = await kuard.get(`${path}?image=${encodeURIComponent(image)}`)
      assert.equal(answer.status, 400, image)
      assert.match(answer.text, /^(the|an|image) [ -~]+\n$/)
    }
  }
})

test('whatever is given for an image, it is refused or becomes one word of the one line', () => {
  const before = 'spec:\n  - image: kuard:blue\n    name: kuard\n'
  const anything = fc.stringMatching(/^[\w.:/@[\]\-{}#&*!|>'"%,? \n]*$/)
  fc.assert(
    fc.property(anything, (text) => {
      if (!new RegExp(imagePattern, 'u').test(text)) return
      const after = new Image(text).inManifest(before)
      assert.match(after, /^spec:\n {2}- image: (?:[a-z][^\s#]*|"[^\s"\\]*")\n {4}name: kuard\n$/i)
    }),
  )
})

test('without its folder the server says so, and lives on', async (context) => {
  const kuard = await startWithManifests(context, {})
  for (const path of ['/manifests/', manifest]) {
    const answer = await kuard.get(path)
    assert.equal(answer.status, 404)
    assert.match(answer.text, /^this server was started without its manifests: they are not in \//)
  }
  assert.equal((await kuard.get('/healthy')).status, 200)
})

test('switched off, there is nothing below /manifests', async (context) => {
  const kuard = await startKuard(context, ['--disable=manifests'])
  for (const path of ['/manifests', '/manifests/', manifest])
    assert.equal((await kuard.get(path)).status, 404)
})
