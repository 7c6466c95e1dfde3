/** The Cluster tab where it may not see everything: what would be there, what brings it, and that it comes by itself. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { pod } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { newToken, startPodIn, type PodOptions } from '../support/pod.ts'

/** Opens a view as a pod of an API server. */
async function openView(context: TestContext, api: TestApiServer, view = '', options: PodOptions = {}) {
  const { kuard } = await startPodIn(context, api, options)
  const page = await openPage(context, kuard, `/-/cluster${view}`)
  return { kuard, page }
}

const text = async (page: Page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
const says = (page: Page, words: string | RegExp) => page.locator('main').getByText(words).first().waitFor()
const commands = async (page: Page) =>
  (await page.locator('main .command code').allTextContents()).map((command) => command.trim())
/** Until it is open: what comes meanwhile may have taken the focus. */
const openDetails = async (page: Page, words: string) => {
  await eventually(`${words} to open`, async () => {
    if ((await page.locator('details[open] > summary', { hasText: words }).count()) > 0) return true
    await page.locator('summary', { hasText: words }).press('Enter')
    return false
  })
}

test('outside a cluster, and in a pod without a token, it says what would be here and what brings it', async (context) => {
  const outside = await openPage(context, await startKuard(context), '/-/cluster')
  await says(outside, 'Every pod of the namespace')
  await says(outside, 'this is no pod: KUBERNETES_SERVICE_HOST is not set')
  assert.deepEqual(await commands(outside), [
    'kubectl run kuard --image=kuard:blue --port=8080',
    'kubectl port-forward kuard 8080:8080',
  ])
  assert.deepEqual(await accessibilityViolations(outside), [])
  const inPod = await startKuard(context, [], { env: { KUBERNETES_SERVICE_HOST: '127.0.0.1' } })
  for (const view of ['', '/may-i']) {
    const page = await openPage(context, inPod, `/-/cluster${view}`)
    await says(
      page,
      /no service account token is mounted in this pod \(automountServiceAccountToken: false\)/,
    )
    await says(page, /make the pod anew/)
    assert.deepEqual(await commands(page), [])
    assert.deepEqual(await accessibilityViolations(page), [])
  }
})

test('without rights it has the one command for this namespace, and on demand the rule for each kind; given them, it fills by itself', async (context) => {
  const api = await startApiServer(context)
  api.user = 'system:serviceaccount:team-a:default'
  api.put('pods', pod({ name: 'web-1', namespace: 'team-a' }))
  api.forbid()
  const { kuard, page } = await openView(context, api, '', { namespace: 'team-a' })
  await says(page, 'this pod may not read pods and nodes')
  await says(page, 'Every pod of the namespace')
  await says(page, 'what the Cluster tab shows of it, and its controllerrevisions: no secrets')
  const [first, second] = await commands(page)
  assert.equal(first, `kubectl apply -f '${kuard.url}/manifests/cluster-view.yaml?namespace=team-a'`)
  assert.equal(second, `kubectl apply -f '${kuard.url}/manifests/cluster-view-nodes.yaml?namespace=team-a'`)
  const address = /'(.*)'/.exec(first)?.[1] ?? ''
  assert.match(
    (await kuard.get(new URL(address).pathname + new URL(address).search)).text,
    /namespace: "team-a"/,
  )
  assert.doesNotMatch(await text(page), /cannot list resource/)
  await openDetails(page, 'The rule for each kind')
  await says(page, /User "system:serviceaccount:team-a:default" cannot list resource "pods"/)
  assert.deepEqual(await page.locator('main pre').allTextContents(), [
    "- apiGroups: ['']\n  resources: [pods]\n  verbs: [get, list, watch]",
    "- apiGroups: ['']\n  resources: [nodes]\n  verbs: [get, list, watch]",
  ])
  assert.deepEqual(await accessibilityViolations(page), [])
  api.allow()
  await says(page, 'web-1')
  // Each kind is asked for again in its own time.
  await eventually('the rest to come too', async () => !(await text(page)).includes('may not read'))
})

test('a token that has ended is not taken for a right that is missing, and the next one is used by itself', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const { kuard, mounted } = await startPodIn(context, api)
  api.tokens.clear()
  const page = await openPage(context, kuard, '/-/cluster')
  await says(page, 'The API server does not take this pod’s token: “Unauthorized”')
  assert.deepEqual(await commands(page), [])
  assert.deepEqual(await accessibilityViolations(page), [])
  mounted.write('token', newToken(api))
  await says(page, 'web-1')
  await eventually('the rest to come too', async () => !(await text(page)).includes('Unauthorized'))
})

test('what alone may not be read is left out, in a line that says how to allow it', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'kuard' }))
  api.forbid('statefulsets', 'nodes')
  const { page } = await openView(context, api, '/owners')
  await says(page, 'Left out: statefulsets and nodes, which this pod may not read.')
  assert.equal(await page.locator('.command').first().isVisible(), false)
  await openDetails(page, 'How to allow it')
  await page.locator('.command').first().waitFor()
  assert.deepEqual(await accessibilityViolations(page), [])
  api.allow('statefulsets')
  await says(page, 'Left out: nodes, which this pod may not read; they belong to no namespace.')
  assert.equal((await commands(page)).length, 1)
  api.allow()
  await eventually('nothing to be left out', async () => !(await text(page)).includes('Left out'))
})

test('another account than the default one gets a role of its own', async (context) => {
  const api = await startApiServer(context)
  api.user = 'system:serviceaccount:default:builder'
  api.forbid()
  const { kuard, page } = await openView(context, api, '/services')
  await says(page, 'service account builder')
  assert.deepEqual(await commands(page), [
    `curl -fsS '${kuard.url}/manifests/cluster-view.yaml?namespace=default' | sed 's/kuard-cluster-view/&-builder/; s/ name: default$/ name: builder/' | kubectl apply -f -`,
  ])
})

test('where manifests are switched off, it names the file', async (context) => {
  const api = await startApiServer(context)
  api.forbid()
  const { page } = await openView(context, api, '/events', { args: ['--disable=manifests'] })
  await says(page, 'manifests/cluster-view.yaml')
  assert.deepEqual(await commands(page), [])
})

test('while the API server is away, what was seen stays, greyed, with since when and why', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const { page } = await openView(context, api)
  await says(page, 'web-1')
  await api.stop()
  await says(page, /out of reach since \d\d:\d\d:\d\d/)
  await says(page, /What is shown is from before; it is tried again by itself/)
  await page.locator('main .past', { hasText: 'web-1' }).waitFor()
  assert.deepEqual(await accessibilityViolations(page), [])
  await api.start()
  await eventually('the line to go', async () => !(await text(page)).includes('out of reach'))
  await eventually('nothing to be greyed', async () => (await page.locator('main .past').count()) === 0)
})
