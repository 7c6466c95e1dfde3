/** The Cluster tab's May I: the token, what it allows, and the answer to a question. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage, type PageOptions } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { newToken, startPodIn } from '../support/pod.ts'

async function openAccess(context: TestContext, api: TestApiServer, options: PageOptions = {}) {
  const pod = await startPodIn(context, api)
  return { ...pod, page: await openPage(context, pod.kuard, '/-/cluster/may-i', options) }
}

const says = (page: Page, words: string | RegExp) => page.locator('main').getByText(words).first().waitFor()
const ask = (page: Page, question: string) => page.getByRole('textbox', { name: 'May I' }).fill(question)

const rules = [
  { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'services'] },
  { verbs: ['*'], apiGroups: ['apps'], resources: ['*'] },
  { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'] },
]

test('the token is told with its account, its audience and its end, and what it allows as a table', async (context) => {
  const api = await startApiServer(context)
  api.rules = rules
  const { page } = await openAccess(context, api)
  await says(page, 'may not read secrets')
  await says(page, 'system:serviceaccount:default:default')
  await says(page, /in 1 h 0 min; the kubelet renews it at 80 % of its life, \d\d:\d\d:\d\d/)
  await says(page, 'kubectl -n default auth can-i --list --as=system:serviceaccount:default:default')
  const texts = await page.getByRole('table', { name: 'What the token allows' }).locator('tr').allInnerTexts()
  assert.deepEqual(
    texts.map((text) => text.replace(/\s+/g, ' ').trim()),
    [
      'Group Resource get list watch create update patch delete deletecollection Others Only those named',
      'core configmaps yes mine',
      'core pods yes yes yes',
      'core services yes yes yes',
      'apps * (every resource) yes yes yes yes yes yes yes yes * (every verb)',
    ],
  )
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('of a token that the API server has extended, it is said when the kubelet renews it', async (context) => {
  const api = await startApiServer(context)
  const { kuard, mounted } = await startPodIn(context, api)
  mounted.write('token', newToken(api, 365 * 86_400, 3607))
  const page = await openPage(context, kuard, '/-/cluster/may-i')
  await says(
    page,
    /it was asked for 1 h 0 min, which the API server has extended; the kubelet renews it at 80 % of those, \d\d:\d\d:\d\d/,
  )
})

test('no word is broken in the columns of the verbs, however long the names beside them', async (context) => {
  const api = await startApiServer(context)
  const resourceNames = ['one', 'two', 'three'].map((name) => name.padEnd(80, '-x'))
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'impersonate', 'escalate']
  api.rules = [
    { verbs, apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], resourceNames },
  ]
  const { page } = await openAccess(context, api, { viewport: { width: 1280, height: 800 } })
  const yes = page.getByRole('table', { name: 'What the token allows' }).getByText('yes', { exact: true })
  await yes.first().waitFor()
  const lines = await page.evaluate<number[]>(
    "Array.from(document.querySelectorAll('td span')).filter((word) => word.textContent === 'yes').map((word) => word.getClientRects().length)",
  )
  assert.deepEqual(lines, [1, 1, 1, 1, 1, 1, 1])
})

test('a question is answered from the list, with the rule that it comes from', async (context) => {
  const api = await startApiServer(context)
  api.rules = rules
  const { page } = await openAccess(context, api)
  await says(page, 'may not read secrets')
  const answer = async (question: string) => {
    await ask(page, question)
    return (await page.locator('main p[role=status]').innerText()).replace(/\s+/g, ' ').trim()
  }
  assert.equal(await answer('list secrets'), 'no nothing in the list allows it')
  assert.equal(await answer('watch po'), 'yes by the list: get, list, watch of pods, services in the core')
  assert.equal(await answer('delete deployments/web'), 'yes by the list: * of * in apps')
  assert.equal(await answer('get cm/mine'), 'yes by the list: get of configmaps in the core named mine')
  assert.match(await answer('delete'), /^a verb, then one kind/)
  assert.deepEqual(await accessibilityViolations(page), [])
})

const ofSecrets = [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }]

test('rights that are given later are seen on asking again', async (context) => {
  const api = await startApiServer(context)
  api.rules = []
  const { page } = await openAccess(context, api, { viewport: { width: 360, height: 800 } })
  await says(page, 'It allows nothing of any resource.')
  api.rules = ofSecrets
  await page.getByRole('button', { name: 'Ask again' }).focus()
  await page.keyboard.press('Enter')
  await says(page, 'may read secrets, all of the namespace’s (get)')
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  assert.ok(width <= 360, `${String(width)} px`)
})

test('a token that has ended is asked for anew, and one that stays is said to have ended', async (context) => {
  const api = await startApiServer(context)
  const { kuard, mounted } = await startPodIn(context, api)
  mounted.write('token', newToken(api, 15))
  const page = await openPage(context, kuard, '/-/cluster/may-i')
  await says(page, /, in \d+ s;/)
  mounted.write('token', newToken(api, 20))
  const reviews = () => api.requests.filter(({ method }) => method === 'POST').length
  await eventually('the new token', () => reviews() === 2)
  await says(page, /it ended at .* ago/)
  await eventually('it to be asked for once more', () => reviews() === 3)
})

test('an API server that is away is said to be, with another try', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api)
  await api.stop()
  const page = await openPage(context, kuard, '/-/cluster/may-i', { mayComplain: /502/ })
  await says(page, /GET \/cluster\/access: 502/)
  await api.start()
  await page.getByRole('button', { name: 'Try again' }).click()
  await says(page, 'may not read secrets')
})
