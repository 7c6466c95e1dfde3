/** The Manifests tab. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { accessibilityViolations, openPage, type PageOptions } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startWithManifests } from '../support/manifests.ts'

const header =
  '| Concept | Apply | Run | See in the page | See with kubectl | Test |\n| --- | --- | --- | --- | --- | --- |'
const manifests = {
  'README.md': `## What to try

### 5 Pods

${header}
| A pod | [kuard-pod](05-pods/kuard-pod.yaml) | \`kubectl run kuard --image=kuard:blue\`, \`kubectl get pods \\| grep kuard\` | Liveness Probe: \`ok\`, and Memory | \`kubectl get pods\` says Running | [pod](../test/cluster/05-pods/pod.test.ts) |
| A pod | - | \`kubectl delete pods/kuard\` | - | nothing left | - |

### 6 Labels

${header}

### 11 Configuration

${header}
| A ConfigMap | [my-config](11-config/my-config.txt), [kuard-config](11-config/kuard-config.yaml) | - | File system browser | - | - |
`,
  '05-pods/kuard-pod.yaml': '# Watch it start.\nspec:\n  - image: kuard:blue\n',
  '05-pods/spare.yaml': '# Watch nothing.\n',
  '11-config/kuard-config.yaml': '# Watch the folder.\n',
  '11-config/my-config.txt': 'parameter1 = value1\n',
}

/** Opens the tab on these manifests. @param path below `/manifests/` */
async function openManifests(context: TestContext, path = '', options: PageOptions = {}, prefix = '') {
  const kuard = await startWithManifests(context, manifests)
  const page = await openPage(context, kuard, `${prefix}/manifests/${path}`, options)
  await page.getByRole('heading', { name: '5 Pods' }).waitFor()
  return { kuard, page, base: `${kuard.url}${prefix}/manifests` }
}

const concept = (page: Page, name: string) => page.locator('details').filter({ hasText: name })
const open = (page: Page, name: string) => concept(page, name).locator('summary').click()
const commands = async (page: Page) =>
  (await page.locator('main details[open] .command code').allTextContents()).map((text) => text.trim())
const image = (page: Page) => page.getByRole('textbox', { name: 'Image' })
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter' })

test('a concept tells what to apply by this very address, what to run and what there is to see', async (context) => {
  for (const prefix of ['', '/b']) {
    const { page, base } = await openManifests(context, '', {}, prefix)
    await page.getByText('3 concepts', { exact: true }).waitFor()
    assert.deepEqual(await page.locator('h2').allTextContents(), ['5 Pods', '11 Configuration'])
    await open(page, 'says Running')
    assert.deepEqual(await commands(page), [
      `kubectl apply -f ${base}/05-pods/kuard-pod.yaml`,
      'kubectl run kuard --image=kuard:blue',
      'kubectl get pods | grep kuard',
    ])
    const pod = concept(page, 'says Running')
    for (const text of ['Watch it start.', 'test/cluster/05-pods/pod.test.ts'])
      await pod.getByText(text).waitFor()
    assert.deepEqual(await pod.locator('p code').allTextContents(), ['ok', 'kubectl get pods'])
    assert.deepEqual(await accessibilityViolations(page), [])
    await pod.getByRole('link', { name: 'Memory' }).click()
    await page.getByRole('heading', { level: 1, name: 'Memory' }).waitFor()
    assert.equal(new URL(page.url()).pathname, `${prefix}/-/mem`)
  }
})

test('what is no YAML is fetched into the current folder', async (context) => {
  const { page, base } = await openManifests(context)
  await open(page, 'A ConfigMap')
  assert.deepEqual(await commands(page), [
    `curl -sSO ${base}/11-config/my-config.txt`,
    `kubectl apply -f ${base}/11-config/kuard-config.yaml`,
  ])
})

test('a file that no concept applies is there all the same', async (context) => {
  const { page, base } = await openManifests(context)
  const others = page.locator('section').filter({ hasText: 'Other files' })
  await others.getByText(`kubectl apply -f ${base}/05-pods/spare.yaml`).waitFor()
  assert.equal(await others.count(), 1)
})

test('a file’s link shows it as the server hands it out', async (context) => {
  // Which Chromium looks for beside a page without HTML.
  const { page, base } = await openManifests(context, '?image=me/k', { mayComplain: /favicon/ })
  await open(page, 'says Running')
  await page.getByRole('link', { name: '05-pods/kuard-pod.yaml' }).click()
  await page.getByText('- image: me/k:blue').waitFor()
  assert.equal(page.url(), `${base}/05-pods/kuard-pod.yaml?image=me/k`)
})

test('an image of one’s own is in every command, in the address, and there again after another tab', async (context) => {
  const { page, base } = await openManifests(context)
  await open(page, 'says Running')
  await image(page).fill(' localhost:5000/me/kuard ')
  await page.getByRole('button', { name: 'Use it' }).click()
  const expected = [
    `kubectl apply -f '${base}/05-pods/kuard-pod.yaml?image=localhost:5000/me/kuard'`,
    'kubectl run kuard --image=localhost:5000/me/kuard:blue',
    'kubectl get pods | grep kuard',
  ]
  const isShown = () =>
    eventually('the image in the commands', async () => {
      await page.locator('main details').first().waitFor()
      return (await commands(page)).join('\n') === expected.join('\n')
    })
  await isShown()
  assert.equal(page.url(), `${base}/?image=localhost:5000/me/kuard`)

  await page.reload()
  await open(page, 'says Running')
  await isShown()

  await page.getByRole('link', { name: 'Server Env' }).click()
  await page.getByRole('heading', { level: 1, name: 'Server Env' }).waitFor()
  await page.getByRole('link', { name: 'Manifests' }).click()
  await open(page, 'says Running')
  await isShown()
  assert.equal(await image(page).inputValue(), 'localhost:5000/me/kuard')

  await image(page).fill('')
  await image(page).press('Enter')
  await page.getByText(`kubectl apply -f ${base}/05-pods/kuard-pod.yaml`, { exact: true }).waitFor()
  assert.equal(page.url(), `${base}/`)
})

test('what is no image is told in the server’s words, and what was there stays', async (context) => {
  const { page, base } = await openManifests(context, '', { mayComplain: /400/ })
  await image(page).fill('no image')
  await image(page).press('Enter')
  await page.getByRole('alert').getByText('image has to be a name').waitFor()
  await open(page, 'says Running')
  assert.equal((await commands(page))[0], `kubectl apply -f ${base}/05-pods/kuard-pod.yaml`)
  await image(page).fill('me/k')
  await image(page).press('Enter')
  await page.getByText('kubectl run kuard --image=me/k:blue').waitFor()
  assert.equal(await page.getByRole('alert').count(), 0)
})

test('the filter goes by names, files, commands and words, and opens the few that it finds', async (context) => {
  const { page } = await openManifests(context)
  for (const [words, found, chapters] of [
    ['a POD', 2, ['5 Pods']],
    ['watch the folder', 1, ['11 Configuration']],
    ['my-config.txt', 1, ['11 Configuration']],
    ['delete', 1, ['5 Pods']],
    ['nothing left', 1, ['5 Pods']],
    ['spare', 0, ['5 Pods']],
    ['nowhere', 0, []],
  ] as const) {
    await filter(page).fill(words)
    await page.getByText(`${found} of 3 concepts`, { exact: true }).waitFor()
    assert.equal(await page.locator('details[open]').count(), found, words)
    assert.deepEqual(await page.locator('h2').allTextContents(), chapters)
  }
  await page.getByText('None has this').waitFor()
  await filter(page).fill('')
  await eventually('all to be back', async () => (await page.locator('details').count()) === 3)
})

test('a command can be copied', async (context) => {
  const { page, base } = await openManifests(context, '', {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await open(page, 'says Running')
  await concept(page, 'says Running').getByRole('button', { name: 'Copy the command' }).first().click()
  await eventually(
    'the command to be copied',
    async () =>
      (await page.evaluate<string>('navigator.clipboard.readText()')) ===
      `kubectl apply -f ${base}/05-pods/kuard-pod.yaml`,
  )
})

test('a server without its manifests says so', async (context) => {
  const kuard = await startWithManifests(context, {})
  const page = await openPage(context, kuard, '/manifests/', { mayComplain: /404/ })
  await page.getByRole('alert').getByText('this server was started without its manifests').waitFor()
})
