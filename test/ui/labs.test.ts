/** The Labs tab: a list, and labs whose steps tick themselves when the cluster is as they say. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage, type PageOptions } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { currentStep, startLabs, stepTitle, webLab } from '../support/labs-page.ts'
import { startWithLabs } from '../support/labs.ts'
import type { PodOptions } from '../support/pod.ts'

/** Opens a page of the pod viewer, which has these labs beside those that ship. */
async function openLabs(
  context: TestContext,
  path = '',
  {
    files = { 'web.md': webLab },
    ...options
  }: PodOptions & PageOptions & { files?: Readonly<Record<string, string>> } = {},
) {
  const api = await startApiServer(context)
  const { kuard } = await startLabs(context, api, files, options)
  const page = await openPage(context, kuard, `/-/labs${path}`, options)
  return { api, kuard, page }
}

const says = (page: Page, words: string | RegExp) => page.locator('main').getByText(words).first().waitFor()
const text = async (page: Page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const done = (page: Page) => currentStep(page).getByRole('button', { name: 'Done', exact: true })
const commands = async (page: Page) =>
  (await currentStep(page).locator('.command code').allTextContents()).map((command) => command.trim())
/** What a screen reader is told without being asked. */
const saysAloud = (page: Page, words: string) =>
  eventually(`it to say “${words}” aloud`, async () =>
    (await page.getByRole('status').allTextContents()).some((said) => said.includes(words)),
  )
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name })

test('a step says what the server sees and why that is not it; once it is, it ticks itself, tells what it showed, opens the next one and leaves the focus alone', async (context) => {
  const { api, page } = await openLabs(context, '/web')
  await says(page, 'You make a pod and take it away.')
  await says(page, /about 3 min/)
  await says(page, '0 of 3 steps done')
  await says(page, 'needs a terminal')
  assert.equal(await page.title(), 'A pod of your own – Labs – kuard on viewer')
  await currentStep(page).getByText('There is no pod web.').waitFor()
  assert.deepEqual(await commands(page), ['kubectl run web --image=kuard:blue'])
  assert.equal(await done(page).count(), 0)
  assert.equal(await page.getByText('It was made for you.').count(), 0)
  assert.deepEqual(await accessibilityViolations(page), [])

  const copy = currentStep(page).getByRole('button', { name: 'Copy the command' })
  await copy.focus()
  api.put('pods', pod({ name: 'web', state: 'ContainerCreating' }))
  await says(page, /ContainerCreating/)
  await says(page, '0 of 3 steps done')
  api.put('pods', pod({ name: 'web' }))
  await says(page, '1 of 3 steps done')
  await saysAloud(page, 'Step 1 is done: Make it.')
  await says(page, 'It was made for you.')
  await stepTitle(page, 'Think about it', { expanded: true }).waitFor()
  assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-label')"), 'Copy the command')
  // What was seen stays with the step, which stays open.
  assert.match(await text(page), /Done web: .*[Rr]eady/)
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('what nothing can see has a button; the next step has the focus then, and the last line says how long it took', async (context) => {
  const { api, page } = await openLabs(context, '/web')
  api.put('pods', pod({ name: 'web' }))
  await stepTitle(page, 'Think about it', { expanded: true }).waitFor()
  await done(page).click()
  await says(page, 'For trying.')
  await stepTitle(page, 'Take it away', { expanded: true }).waitFor()
  await eventually(
    'the next step to have the focus',
    async () => (await page.evaluate('document.activeElement.textContent')) === 'Take it away',
  )
  api.remove('pods', 'web')
  await says(page, /^All 3 steps are done, in \d+ s\.$/)
  await saysAloud(page, 'Step 3 is done: Take it away. That was the last one.')
  assert.equal(await currentStep(page).count(), 0)
  assert.deepEqual(await accessibilityViolations(page), [])
  await link(page, 'All labs').click()
  await says(page, /^done$/)
})

test('a riddle keeps why it isn’t done to itself; hints come one by one, each when it is asked for, and then the solution', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web' }))
  const { kuard } = await startLabs(context, api, { 'web.md': webLab })
  const page = await openPage(context, kuard, '/-/labs/web/3')
  await stepTitle(page, 'Take it away', { expanded: true }).waitFor()
  await currentStep(page).getByText(/web: /).waitFor()
  assert.equal(await currentStep(page).locator('details[open]').count(), 0)
  const shown = () => currentStep(page).getByRole('region').allInnerTexts()
  assert.deepEqual(await shown(), [])
  for (const [button, words] of [
    ['Hint 1 of 3', 'There is a word for it.'],
    ['Hint 2 of 3', 'The word is delete.'],
    ['Hint 3 of 3', 'Delete the pod named web.'],
    ['The solution', 'kubectl delete pod web'],
  ] as const) {
    assert.ok(!(await text(page)).includes(words), words)
    await currentStep(page).getByRole('button', { name: button, exact: true }).click()
    await says(page, words)
  }
  assert.equal((await shown()).length, 4)
  assert.equal(
    await currentStep(page)
      .getByRole('button', { name: /Hint|solution/ })
      .count(),
    0,
  )
  assert.deepEqual(await accessibilityViolations(page), [])
  // They are still there for who has looked at another tab meanwhile.
  await link(page, 'Cluster').first().click()
  await page.getByText('1 of 1', { exact: true }).waitFor()
  await page.goBack()
  await says(page, 'There is a word for it.')
})

test('earlier steps can be read again, a tick taken back, and the lab started over; what is so already ticks again and says that', async (context) => {
  const { api, page } = await openLabs(context, '/web')
  api.put('pods', pod({ name: 'web' }))
  await stepTitle(page, 'Think about it', { expanded: true }).waitFor()
  await done(page).click()
  await says(page, '2 of 3 steps done')
  await page.reload()
  await stepTitle(page, 'Make it', { expanded: false }).click()
  await says(page, 'It was made for you.')
  await page.waitForURL(/\/-\/labs\/web\/1$/)
  await stepTitle(page, 'Think about it', { expanded: true }).click()
  await stepTitle(page, 'Think about it', { expanded: false }).click()
  await currentStep(page).getByRole('button', { name: 'Take the tick back' }).click()
  await says(page, '1 of 3 steps done')
  await done(page).waitFor()

  await page.getByRole('button', { name: 'Start over' }).click()
  await says(page, /Takes 1 tick back\. What you made in the cluster stays/)
  await page.getByRole('button', { name: 'Keep' }).click()
  await says(page, '1 of 3 steps done')
  await page.getByRole('button', { name: 'Start over' }).click()
  api.remove('pods', 'web')
  await page.getByRole('button', { name: 'Start over' }).click()
  await says(page, '0 of 3 steps done')
  await currentStep(page).getByText('There is no pod web.').waitFor()
  await page.waitForURL(/\/-\/labs\/web$/)

  api.put('pods', pod({ name: 'web' }))
  await says(page, '1 of 3 steps done')
  await page.getByRole('button', { name: 'Start over' }).click()
  await page.getByRole('button', { name: 'Start over' }).click()
  await says(page, /Done It was so already: web/)
})

test('without a right the step says which, and has the command that gives it; then it goes on by itself', async (context) => {
  const api = await startApiServer(context)
  api.user = 'system:serviceaccount:team-a:default'
  api.forbid()
  const { kuard } = await startLabs(context, api, { 'web.md': webLab }, { namespace: 'team-a' })
  const page = await openPage(context, kuard, '/-/labs/web')
  await currentStep(page).getByText('This pod may not read pods, so it can’t see what you do.').waitFor()
  const grant = `kubectl apply -f '${kuard.url}/manifests/cluster-view.yaml?namespace=team-a'`
  await eventually('the command that grants it', async () => (await commands(page)).includes(grant))
  assert.deepEqual(await accessibilityViolations(page), [])
  // Whoever can't grant it says so by hand.
  await done(page).waitFor()
  api.put('pods', pod({ name: 'web', namespace: 'team-a' }))
  api.allow()
  await says(page, '1 of 3 steps done')
})

test('outside of a cluster it says that nothing can be seen, and how to open a page that sees; steps have a button', async (context) => {
  const kuard = await startWithLabs(context, { 'web.md': webLab })
  const page = await openPage(context, kuard, '/-/labs')
  await says(page, 'From here no cluster can be seen, so you say yourself when a step is done.')
  await page.locator('summary', { hasText: 'A page that stays' }).click()
  await says(page, `kubectl apply -f ${kuard.url}/manifests/viewer.yaml`)
  await link(page, 'A pod of your own').click()
  await says(page, 'This page can’t see what you do. Say yourself when the step is done.')
  await done(page).click()
  await says(page, '1 of 3 steps done')
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('commands are for this very address and prefix: files applied and deleted by it, and fetched where a command names them; what stays says until when', async (context) => {
  const lab = `---
title: By the files
minutes: 1
goal: All is there.
---

## Apply

\`\`\`step
do: [11-config/all-three-ways-to-use-it/apply, 11-config/all-three-ways-to-use-it/port-forward]
expect: []
\`\`\`

## Change

\`\`\`step
do: [11-config/update-from-a-manifest/other-value]
expect: []
\`\`\`

## Clean up

\`\`\`step
do: [11-config/update-from-a-manifest/cleanup]
expect: []
\`\`\`
`
  const api = await startApiServer(context)
  const { kuard } = await startLabs(context, api, { 'files.md': lab })
  const page = await openPage(context, kuard, '/b/-/labs/files')
  const manifests = `${kuard.url}/b/manifests/11-config`
  await stepTitle(page, 'Apply', { expanded: true }).waitFor()
  assert.deepEqual(await commands(page), [
    `kubectl apply -f ${manifests}/my-config.yaml -f ${manifests}/kuard-config.yaml`,
    'kubectl port-forward kuard-config 8080',
  ])
  await currentStep(page)
    .getByText('Stays: go on in another terminal in the same folder, and end it with Ctrl-C after')
    .waitFor()
  await done(page).click()
  await stepTitle(page, 'Change', { expanded: true }).waitFor()
  assert.deepEqual(await commands(page), [
    `curl -fsS --create-dirs -o my-config.yaml ${manifests}/my-config.yaml`,
    "sed 's/extra-value/other-value/' my-config.yaml | kubectl apply -f -",
  ])
  await done(page).click()
  await stepTitle(page, 'Clean up', { expanded: true }).waitFor()
  assert.match((await commands(page)).join('\n'), /^kubectl delete --ignore-not-found -f http/m)
})

test('with an image from a registry commands and files name that one, on every page of the labs and in Manifests; what can be none is refused', async (context) => {
  const { kuard, page } = await openLabs(context)
  await page.locator('summary', { hasText: 'The image' }).click()
  const image = page.getByRole('textbox', { name: 'Image' })
  await image.fill('no image')
  await image.press('Enter')
  await says(page, 'That can’t be the name of an image.')
  await image.fill('registry.test/me/kuard')
  await image.press('Enter')
  await link(page, 'A pod of your own').click()
  const isNamed = () =>
    eventually('the image in the command', async () =>
      (await commands(page)).includes('kubectl run web --image=registry.test/me/kuard:blue'),
    )
  await isNamed()
  assert.equal(page.url(), `${kuard.url}/-/labs/web?image=registry.test/me/kuard`)
  await page.reload()
  await isNamed()
  await link(page, 'All labs').click()
  await link(page, 'The mill stops as soon as it starts').click()
  const mill = `kubectl apply -f '${kuard.url}/manifests/broken/mill.yaml?image=registry.test/me/kuard'`
  await eventually('the file with it', async () => (await commands(page)).includes(mill))
  await link(page, 'Manifests').click()
  await page.waitForURL('**/manifests/?image=registry.test/me/kuard')
  await page.goto(`${kuard.url}/-/labs/web?image=a%20b%3Bc`)
  await eventually('the image that there is without', async () =>
    (await commands(page)).includes('kubectl run web --image=kuard:blue'),
  )
})

test('the list has the labs in their groups, how far the learner is, where to begin or to go on, and files that are no labs with line and reason', async (context) => {
  const { api, page } = await openLabs(context, '', {
    files: {
      'web.md': webLab,
      'broken.md': '---\ntitle: Broken\nminutes: soon\ngoal: None.\n---\n\n## A step\n\nText.\n',
    },
  })
  await link(page, 'A pod of your own').waitFor()
  assert.deepEqual((await page.locator('h2').allInnerTexts()).slice(1), [
    'Chapter by chapter',
    'Across chapters',
    'Something is broken: mend it',
    'Of your own',
    'Your progress',
  ])
  await says(page, 'A file that is no lab')
  await says(page, /^broken\.md:3$/)
  const first = page.locator('section', { hasText: 'Chapter by chapter' }).getByRole('link').first()
  await says(page, /^New here\? Begin with/)
  assert.equal(
    await page.locator('p', { hasText: 'New here?' }).getByRole('link').getAttribute('href'),
    await first.getAttribute('href'),
  )
  assert.deepEqual(await accessibilityViolations(page), [])
  api.put('pods', pod({ name: 'web' }))
  await link(page, 'A pod of your own').click()
  await says(page, '1 of 3 steps done')
  await link(page, 'All labs').click()
  await says(page, /^Go on with/)
  await page.getByRole('progressbar', { name: 'Steps done of A pod of your own' }).waitFor()
  await says(page, '1 of 3')
  await page.locator('p', { hasText: 'Go on with' }).getByRole('link').click()
  await page.waitForURL(/\/-\/labs\/web\/2$/)
})

test('what isn’t there is said: another lab, another step, another address', async (context) => {
  const { page, kuard } = await openLabs(context, '/web/7', { mayComplain: /404/ })
  await says(page, 'This lab has no step 7.')
  await page.goto(`${kuard.url}/-/labs/none`)
  await says(page, /there is no such lab/)
  await page.goto(`${kuard.url}/-/labs/web/what`)
  await says(page, 'There is no lab at -/labs/web/what.')
  await link(page, 'All labs').click()
  await says(page, 'Chapter by chapter')
})

test('the next step comes into sight for whoever has the one before it before them; whoever reads elsewhere is led nowhere', async (context) => {
  const { api, page } = await openLabs(context, '/web', { viewport: { width: 1280, height: 480 } })
  await currentStep(page).getByText('There is no pod web.').waitFor()
  const below = async (title: string) => {
    const { y = NaN, height = NaN } = (await stepTitle(page, title).boundingBox()) ?? {}
    return y + height > 480
  }
  await page.getByText('Run it. Will it be ready?').scrollIntoViewIfNeeded()
  assert.ok(await below('Think about it'))
  api.put('pods', pod({ name: 'web' }))
  await says(page, 'It was made for you.')
  await eventually('the next step to be in sight', async () => !(await below('Think about it')))

  await stepTitle(page, 'Take it away').click()
  await currentStep(page).getByText('web: Running').waitFor()
  await page.evaluate('scrollTo(0, 0)')
  assert.ok(await below('Take it away'))
  api.remove('pods', 'web')
  await saysAloud(page, 'Step 3 is done: Take it away.')
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
  assert.equal(await page.evaluate('scrollY'), 0)
})

test('what there is to see is linked, and opens beside the lab: of the cluster in this page, all else in that of the pod that a command forwards', async (context) => {
  const { kuard, page } = await openLabs(context, '/05-pods/6')
  await stepTitle(page, 'A process that hangs', { expanded: true }).waitFor()
  const own = link(page, 'Faults').and(page.locator('main a'))
  assert.equal(await own.getAttribute('href'), 'http://localhost:8080/-/faults')
  assert.equal(await own.getAttribute('target'), '_blank')
  await page.locator('main a[href="-/cluster/pods"], main a[href="-/cluster"]').waitFor()
  const [beside] = await Promise.all([page.waitForEvent('popup'), link(page, 'Cluster, Pods').click()])
  await beside.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
  assert.ok(beside.url().startsWith(`${kuard.url}/-/cluster`), beside.url())
  await stepTitle(page, 'A process that hangs', { expanded: true }).waitFor()
})

test('a link leads to a step, and is copied from it', async (context) => {
  const { kuard, page } = await openLabs(context, '/web/2', {
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await stepTitle(page, 'Think about it', { expanded: true }).waitFor()
  await currentStep(page).getByRole('button', { name: 'Copy the link to this step' }).click()
  await eventually(
    'the link',
    async () => (await page.evaluate('navigator.clipboard.readText()')) === `${kuard.url}/-/labs/web/2`,
  )
})

test('the first page says in one line where to begin, where there are labs', async (context) => {
  const page = await openPage(context, await startKuard(context))
  await page.locator('main').getByRole('link', { name: 'labs' }).click()
  await says(page, /^New here\? Begin with/)
  const without = await openPage(context, await startKuard(context, ['--disable=labs']))
  await without.getByText('Answered by').waitFor()
  assert.doesNotMatch(await text(without), /labs/)
})
