/** The Manifests tab. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { accessibilityViolations, openPage, type PageOptions } from '../support/browser.ts'
import { command } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startWithManifests } from '../support/manifests.ts'
import { startTlsKuard } from '../support/tls.ts'

const manifests = {
  '05-pods/concepts.yaml': `
chapter: 5
title: Pods
later: { second: 5, third: null }
concepts:
  - id: a-pod
    name: A pod
    book: { section: Running Pods, examples: [5-1] }
    needs: [two nodes]
    apply: [kuard-pod.yaml]
    steps:
      - run: kubectl run other --image=kuard:blue
        kubectl: '\`kubectl get pods\` says Running'
      - run: kubectl port-forward kuard 8080:8080
        stays: 2
        page: { tab: Memory, see: '\`41 MiB\`, and the Liveness Probe' }
      - run: kubectl get pods
        again: true
      - run: kubectl exec -it kuard -- ash
        type: [hostname, exit]
      - run: kubectl delete namespace mine
        fails: true
        page: [{ tab: Header, see: its name }, { tab: Cluster, view: Events, see: who did it }]
      - run: kubectl get pods --watch
        stays: true
        notRun: it never ends
  - id: its-end
    name: Its end
    continues: true
    steps:
      - run: kubectl delete pods/kuard
        kubectl: nothing left
    cleanup: [kubectl delete pod other]
    tests: [pod]
  - id: a-headless-one
    name: Its own image
    apply: [../11-config/kuard-config.yaml]
    steps:
      - run: kubectl get pods
`,
  '06-labels/concepts.yaml':
    'chapter: 6\ntitle: Labels\nlater: { second: 6, third: 6 }\nconcepts: [{ id: none, name: No label }]\n',
  '11-config/concepts.yaml': `
chapter: 11
title: Configuration
later: { second: 13, third: 13 }
concepts:
  - id: a-configmap
    name: A ConfigMap
    book: { section: Creating ConfigMaps, examples: [11-1, 11-2], later: { second: 14, third: null } }
    steps:
      - run: kubectl create configmap c --from-file=my-config.txt --from-file=conf/ && cat ../05-pods/kuard-pod.yaml
`,
  '05-pods/kuard-pod.yaml': '# Watch it start.\nspec:\n  - image: kuard:blue\n',
  '11-config/kuard-config.yaml': '# Watch the folder.\n# Instead of gcr.io/kuar-demo/kuard-amd64:1.\n',
  '11-config/my-config.txt': 'parameter1 = value1\n',
  '11-config/conf/a b.conf': '',
}

/** Opens the tab on these manifests. @param path below `/manifests/` */
async function openManifests(context: TestContext, path = '', options: PageOptions = {}, prefix = '') {
  const kuard = await startWithManifests(context, manifests)
  const page = await openPage(context, kuard, `${prefix}/manifests/${path}`, options)
  await page.getByRole('heading', { name: '5 Pods' }).waitFor()
  return { kuard, page, base: `${kuard.url}${prefix}/manifests` }
}

const concept = (page: Page, name: string) =>
  page.locator('li details').filter({ has: page.locator('summary', { hasText: name }) })
const open = (page: Page, name: string) => concept(page, name).locator('summary').click()
const commands = async (page: Page) =>
  (await page.locator('main li details[open] .command code').allTextContents()).map((text) => text.trim())
/** The steps of the open concept, in a reader's words. */
const steps = async (page: Page) =>
  (await page.locator('main li details[open] ol > li').allInnerTexts()).map((text) =>
    text.replace(/\s+/g, ' '),
  )
const openImage = (page: Page) => page.locator('summary', { hasText: 'The image' }).click()
const image = (page: Page) => page.getByRole('textbox', { name: 'Image' })
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter' })
const isCopied = (page: Page, text: string) =>
  eventually(
    'the command to be copied',
    async () => (await page.evaluate<string>('navigator.clipboard.readText()')) === text,
  )
const clipboard: PageOptions = { permissions: ['clipboard-read', 'clipboard-write'] }

test('a concept is a path: its place, what it needs, what to apply by this very address, what to run and what to see', async (context) => {
  for (const prefix of ['', '/b']) {
    const { page, base } = await openManifests(context, '', {}, prefix)
    await page.getByText('5 concepts', { exact: true }).waitFor()
    assert.deepEqual(await page.locator('h2').allInnerTexts(), [
      '5 Pods second edition 5, not in the third',
      '6 Labels second edition 6, third edition 6',
      '11 Configuration second edition 13, third edition 13',
    ])
    await open(page, 'A pod')
    const pod = concept(page, 'A pod')
    for (const text of [
      'chapter 5, Running Pods, Example 5-1; second edition 5, not in the third',
      'Needs two nodes',
      'Watch it start.',
      'Nothing to clean up: the next one goes on from here.',
    ])
      await pod.getByText(text).waitFor()
    assert.deepEqual(await steps(page), [
      `1 Apply kubectl apply -f ${base}/05-pods/kuard-pod.yaml`,
      '2 kubectl run other --image=kuard:blue In the terminal: kubectl get pods says Running',
      '3 kubectl port-forward kuard 8080:8080 Stays: go on in another terminal in the same folder, and end it with Ctrl-C after step 5. In the page, Memory: 41 MiB, and the Liveness Probe',
      '4 kubectl get pods Again, until it shows what there is to see.',
      '5 kubectl exec -it kuard -- ash Then type into it: hostname exit',
      '6 kubectl delete namespace mine Is refused, as it should be. In the page, Header: its name In the page, Cluster, Events: who did it',
      '7 kubectl get pods --watch Stays: go on in another terminal in the same folder, and end it with Ctrl-C after the last step. Only validated: it never ends',
    ])
    assert.deepEqual(await accessibilityViolations(page), [])
    for (const [tab, path] of [
      ['Liveness Probe', '-/liveness'],
      ['Memory', '-/mem'],
      ['Cluster, Events', '-/cluster/events'],
    ] as const) {
      await pod.getByRole('link', { name: tab }).click()
      await page.getByRole('heading', { level: 1, name: tab.replace(/,.*/, '') }).waitFor()
      assert.equal(new URL(page.url()).pathname, `${prefix}/${path}`)
      await page.goBack()
      await open(page, 'A pod')
    }
  }
})

test('what ends a chain of concepts stands once, at its end', async (context) => {
  const { page, base } = await openManifests(context)
  await open(page, 'Its end')
  await page.getByText('Goes on where the one before it ended.').waitFor()
  assert.deepEqual(await steps(page), [
    '1 kubectl delete pods/kuard In the terminal: nothing left',
    `2 Clean up kubectl delete pod other kubectl delete --ignore-not-found -f ${base}/05-pods/kuard-pod.yaml`,
  ])
  await page.getByText('test/cluster/05-pods/pod.test.ts').waitFor()
})

test('what commands name is fetched first, into the folders that they name', async (context) => {
  const { page, base } = await openManifests(context)
  await open(page, 'A ConfigMap')
  assert.deepEqual(await commands(page), [
    `curl -fsS --create-dirs \\
  -o ../05-pods/kuard-pod.yaml ${base}/05-pods/kuard-pod.yaml \\
  -o 'conf/a b.conf' ${base}/11-config/conf/a%20b.conf \\
  -o my-config.txt ${base}/11-config/my-config.txt`,
    'kubectl create configmap c --from-file=my-config.txt --from-file=conf/ && cat ../05-pods/kuard-pod.yaml',
  ])
})

test('the command that fetches puts each file where the other commands look for it', async (context) => {
  const { page } = await openManifests(context, '?image=me/k')
  await open(page, 'A ConfigMap')
  const [fetch = ''] = await commands(page)
  const folder = temporaryFolder(context)
  const there = 'cd "$0" && mkdir 11-config && cd 11-config'
  const { code, errors } = await command('sh', ['-c', `${there} && ${fetch}`, folder])
  assert.deepEqual([code, errors], [0, ''])
  assert.deepEqual(
    globSync('**/*.*', { cwd: folder })
      .sort()
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
    [
      ['05-pods/kuard-pod.yaml', '# Watch it start.\nspec:\n  - image: me/k:blue\n'],
      ['11-config/conf/a b.conf', ''],
      ['11-config/my-config.txt', 'parameter1 = value1\n'],
    ],
  )
})

test('by HTTPS all is fetched, since kubectl would not trust the certificate', async (context) => {
  const { url } = await startTlsKuard(context)
  const page = await openPage(context, { url }, '/manifests/', { ignoreHTTPSErrors: true })
  await filter(page).fill('kuard-pod.yaml')
  await page.locator('li details').first().waitFor()
  await page
    .locator('li details:not([open]) summary', { hasText: /(?:^|\s)kuard-pod\.yaml/ })
    .first()
    .click()
  const [fetch = '', apply = '', ...others] = await commands(page)
  assert.ok(fetch.startsWith('curl -k -fsS --create-dirs '), fetch)
  assert.ok(fetch.includes(`-o kuard-pod.yaml ${url}/manifests/05-pods/kuard-pod.yaml`), fetch)
  assert.match(apply, /^kubectl apply -f \S+\.yaml( -f \S+\.yaml)*$/)
  assert.doesNotMatch([apply, ...others].join('\n'), /\/manifests\//)
})

test('a file’s link shows it as the server hands it out', async (context) => {
  // Which Chromium looks for beside a page without HTML.
  const { page, base } = await openManifests(context, '?image=me/k', { mayComplain: /favicon/ })
  await open(page, 'A pod')
  await page.getByRole('link', { name: '05-pods/kuard-pod.yaml' }).click()
  await page.getByText('- image: me/k:blue').waitFor()
  assert.equal(page.url(), `${base}/05-pods/kuard-pod.yaml?image=me/k`)
})

test('an image of one’s own is in every command, in the address, and there again after another tab', async (context) => {
  const { page, base } = await openManifests(context)
  await openImage(page)
  await page.getByText("sed 's|gcr.io/kuar-demo/kuard-amd64:[0-9a-z]*|kuard:blue|'").waitFor()
  await open(page, 'A pod')
  await image(page).fill(' localhost:5000/me/kuard ')
  await page.getByRole('button', { name: 'Use it' }).click()
  const expected = [
    `kubectl apply -f '${base}/05-pods/kuard-pod.yaml?image=localhost:5000/me/kuard'`,
    'kubectl run other --image=localhost:5000/me/kuard:blue',
  ]
  const isShown = () =>
    eventually('the image in the commands', async () => {
      await page.locator('main li details').first().waitFor()
      return (await commands(page)).slice(0, 2).join('\n') === expected.join('\n')
    })
  await isShown()
  assert.equal(page.url(), `${base}/?image=localhost:5000/me/kuard`)

  await page.reload()
  await open(page, 'A pod')
  await isShown()

  await page.getByRole('link', { name: 'Server Env' }).click()
  await page.getByRole('heading', { level: 1, name: 'Server Env' }).waitFor()
  await page.getByRole('link', { name: 'Manifests' }).click()
  await open(page, 'A pod')
  await isShown()
  assert.equal(await image(page).inputValue(), 'localhost:5000/me/kuard')
  await page
    .getByText("sed 's|gcr.io/kuar-demo/kuard-amd64:[0-9a-z]*|localhost:5000/me/kuard:blue|'")
    .waitFor()

  await image(page).fill('')
  await image(page).press('Enter')
  await page.getByText(`kubectl apply -f ${base}/05-pods/kuard-pod.yaml`, { exact: true }).waitFor()
  assert.equal(page.url(), `${base}/`)
})

test('what is no image is refused in words, the server’s where the address has it, and what was there stays', async (context) => {
  const { page, base } = await openManifests(context, '', { mayComplain: /400/ })
  await openImage(page)
  await image(page).fill('no image')
  await image(page).press('Enter')
  await page.getByText('That can’t be the name of an image.').waitFor()
  await open(page, 'A pod')
  assert.equal((await commands(page))[0], `kubectl apply -f ${base}/05-pods/kuard-pod.yaml`)
  await image(page).fill('me/k')
  await image(page).press('Enter')
  await page.getByText('kubectl run other --image=me/k:blue').waitFor()
  await page.goto(`${base}/?image=no%20image`)
  await page.getByRole('alert').getByText('image has to be a name').waitFor()
  await image(page).fill('me/k')
  await image(page).press('Enter')
  await open(page, 'A pod')
  await page.getByText('kubectl run other --image=me/k:blue').waitFor()
  assert.equal(await page.getByRole('alert').count(), 0)
})

test('the filter goes by names, places, files and what is in them, commands and words, and opens the few that it finds', async (context) => {
  const { page } = await openManifests(context)
  for (const [words, found] of [
    ['a POD', ['A pod']],
    ['watch the folder', ['Its own image']],
    ['gcr.io', ['Its own image']],
    ['my-config.txt', ['A ConfigMap']],
    ['Example 11-2', ['A ConfigMap']],
    ['second edition 14', ['A ConfigMap']],
    ['two nodes', ['A pod']],
    ['delete', ['A pod', 'Its end']],
    ['nothing left', ['Its end']],
    ['nowhere', []],
  ] as const) {
    await filter(page).fill(words)
    await page.getByText(`${String(found.length)} of 5 concepts`, { exact: true }).waitFor()
    assert.deepEqual(await page.locator('li details[open] .name').allTextContents(), found, words)
  }
  await page.getByText('None has this').waitFor()
  await filter(page).fill('')
  await eventually('all to be back', async () => (await page.locator('li details').count()) === 5)
})

test('one chapter alone can be on show, and is so again after another tab', async (context) => {
  const { page } = await openManifests(context)
  const chapter = page.getByLabel('Chapter')
  await chapter.selectOption('11 Configuration')
  await page.getByText('1 concept', { exact: true }).waitFor()
  assert.equal(await page.locator('h2').count(), 1)
  await filter(page).fill('delete')
  await page.getByText('0 of 1 concept', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Server Env' }).click()
  await page.getByRole('heading', { level: 1, name: 'Server Env' }).waitFor()
  await page.goBack()
  await page.getByText('1 concept', { exact: true }).waitFor()
  assert.equal(await chapter.inputValue(), '11-config')
})

test('the step that was copied last is marked, also after a reload, and there is a way back to it', async (context) => {
  const { page, base } = await openManifests(context, '', clipboard)
  await open(page, 'A pod')
  const marked = page.locator('li[aria-current=step]')
  const copy = (number: number) =>
    concept(page, 'A pod')
      .locator('ol > li')
      .nth(number - 1)
      .getByRole('button', { name: 'Copy' })
      .first()
      .click()
  await copy(1)
  await isCopied(page, `kubectl apply -f ${base}/05-pods/kuard-pod.yaml`)
  await marked.getByText('copied last').waitFor()
  await copy(2)
  await isCopied(page, 'kubectl run other --image=kuard:blue')
  await eventually('the mark to move', async () => (await marked.locator('.number').innerText()) === '2')
  assert.equal(await marked.count(), 1)
  assert.deepEqual(await accessibilityViolations(page), [])

  await page.reload()
  await page.getByLabel('Chapter').selectOption('11 Configuration')
  await filter(page).fill('nowhere')
  await page.getByRole('button', { name: '5 Pods, A pod, step 2' }).click()
  await marked.getByText('kubectl run other').waitFor()
  assert.equal(await page.evaluate<string>('document.activeElement.tagName'), 'SUMMARY')
})

test('a page that stays is a pod of its own, by this very address and with the image of one’s own', async (context) => {
  const { page, base } = await openManifests(context, '?image=me/k')
  const viewer = page
    .locator('details')
    .filter({ has: page.locator('summary', { hasText: 'A page that stays' }) })
  await viewer.locator('summary').click()
  const told = (await viewer.locator('.command code').allTextContents()).map((text) => text.trim())
  assert.deepEqual(
    told.filter((text) => !text.startsWith('NAMESPACE=')),
    [
      `kubectl apply -f '${base}/viewer.yaml?image=me/k'`,
      'kubectl wait --for=condition=Ready pod/viewer --timeout=120s',
      'kubectl port-forward viewer 8000:8080',
      `kubectl delete --ignore-not-found -f '${base}/viewer.yaml?image=me/k'`,
    ],
  )
  await viewer.getByRole('link', { name: 'http://localhost:8000' }).waitFor()
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('a server without its manifests says so', async (context) => {
  const kuard = await startWithManifests(context, {})
  const page = await openPage(context, kuard, '/manifests/', { mayComplain: /404/ })
  await page.getByRole('alert').getByText('this server was started without its manifests').waitFor()
})
