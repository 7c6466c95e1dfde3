/** The Services view of the Cluster tab: lamps that follow the endpoints, and what is said where there are none. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { lampOf } from '../../ui/src/tabs/cluster/services/lamp.ts'
import { endpointSlice, pod, service } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startPodIn } from '../support/pod.ts'

const podNamed = (name: string, state: 'Running' | 'NotReady' | 'Terminating', ip: string) =>
  pod({ name, state, labels: { app: 'web' }, status: { podIP: ip } })

/** A Service `web` with an endpoint for each of these. */
function putEndpoints(
  api: TestApiServer,
  ...states: readonly ('Running' | 'NotReady' | 'Terminating')[]
): void {
  const pods = states.map((state, index) => podNamed(`web-${index}`, state, `10.244.0.${index + 10}`))
  for (const one of pods) api.put('pods', one)
  api.put('endpointslices', endpointSlice('web', pods))
}

async function openServices(context: TestContext, api: TestApiServer, query = ''): Promise<Page> {
  const { kuard } = await startPodIn(context, api, { name: 'web-0' })
  return openPage(context, kuard, `/-/cluster/services${query}`)
}

const rowOf = (page: Page, table: string, text: string): Locator =>
  page.getByRole('table', { name: table }).getByRole('row').filter({ hasText: text })
const lampRow = (page: Page, text: string) => rowOf(page, 'The endpoints, those that are there first', text)
/** A lamp with this word, beside this address. */
const lamp = (page: Page, address: string, word: string) =>
  lampRow(page, address).getByRole('cell', { name: word, exact: true })
const changeRow = (page: Page, text: string) => rowOf(page, 'What became of the endpoints of web', text)

test('a lamp turns within two seconds of what the API server says, and what it showed stays', async (context) => {
  const api = await startApiServer(context)
  api.put('services', service({ name: 'web' }))
  putEndpoints(api, 'Running', 'Running')
  const page = await openServices(context, api)
  await page.getByText('2 of 2 endpoints ready').waitFor()
  await lamp(page, '10.244.0.11', 'ready').waitFor()
  await lampRow(page, 'this pod').getByText('web-0', { exact: true }).waitFor()
  assert.equal(await page.getByText('None since it is looked at.').count(), 1)

  putEndpoints(api, 'Running', 'NotReady')
  await lamp(page, '10.244.0.11', 'not ready').waitFor({ timeout: 2_000 })
  await page.getByText('1 of 2 endpoints ready').waitFor()
  await changeRow(page, 'not ready').waitFor()
  await page.getByText('The selector matches 2 pods, 1 of them ready.').waitFor()
  assert.match(
    (await lampRow(page, '10.244.0.11')
      .getByRole('img', { name: /^web-1: ready from/ })
      .getAttribute('aria-label')) ?? '',
    /not ready from [\d:]+ to now$/,
  )

  putEndpoints(api, 'Running', 'Terminating')
  await lamp(page, '10.244.0.11', 'terminating, still serving').waitFor({ timeout: 2_000 })
  api.remove('pods', 'web-1')
  putEndpoints(api, 'Running')
  await lamp(page, '10.244.0.11', 'gone').waitFor({ timeout: 2_000 })
  await page.getByText('1 of 1 endpoint ready').waitFor()
  await changeRow(page, 'gone').waitFor()
  assert.equal(await changeRow(page, '10.244.0.11').count(), 3)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await accessibilityViolations(page), [], colorScheme)
  }
})

test('lamps keep what they show while the server is gone', async (context) => {
  const api = await startApiServer(context)
  api.put('services', service({ name: 'web' }))
  putEndpoints(api, 'Running', 'NotReady')
  const { kuard } = await startPodIn(context, api, { name: 'web-0' })
  const page = await openPage(context, kuard, '/-/cluster/services', { mayComplain: /ERR_/ })
  await page.getByText('1 of 2 endpoints ready').waitFor()
  await kuard.kill()
  await page.getByText('reconnecting').first().waitFor()
  await page.getByText('1 of 2 endpoints ready').waitFor()
  await lamp(page, '10.244.0.11', 'not ready').waitFor()
})

test('why there are no endpoints is said for each kind of Service', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', podNamed('web-0', 'NotReady', '10.244.0.10'))
  const put = (name: string, spec: Parameters<typeof service>[1]) =>
    api.put('services', service({ name }, spec))
  put('a-typo', { selector: { app: 'wbe' }, type: 'LoadBalancer', sessionAffinity: 'ClientIP' })
  put('b-waiting', { selector: { app: 'web' }, publishNotReadyAddresses: true })
  put('c-by-hand', { selector: {}, externalIPs: ['192.0.2.7'] })
  put('d-elsewhere', { type: 'ExternalName', externalName: 'db.example.com' })
  put('e-headless', { selector: { app: 'web' }, clusterIPs: ['None'] })
  const empty = endpointSlice('a-typo', [])
  // As a real one has it.
  api.put('endpointslices', JSON.parse(JSON.stringify({ ...empty, endpoints: null })) as typeof empty)
  const page = await openServices(context, api)
  const said: readonly (readonly [string, readonly string[]])[] = [
    [
      'a-typo',
      ['The selector matches no pod.', 'pending', 'each client keeps to one endpoint', 'no endpoints'],
    ],
    [
      'b-waiting',
      ['The selector matches 1 pod, none of which is ready.', 'pods that aren’t ready count as ready here'],
    ],
    ['c-by-hand', ['It has no selector: whoever made it fills its EndpointSlices', '192.0.2.7']],
    ['d-elsewhere', ['A CNAME record in DNS and nothing else', 'External name', 'db.example.com']],
    ['e-headless', ['headless: DNS answers with the pods’ own addresses']],
  ]
  for (const [name, words] of said) {
    const button = page.getByRole('button', { name, exact: true })
    if ((await button.getAttribute('aria-expanded')) === 'false') {
      await button.focus()
      await page.keyboard.press('Enter')
    }
    const details = page.locator('.details')
    for (const text of words) await details.getByText(text).first().waitFor()
    assert.equal(await details.count(), 1, 'one is open at a time')
  }
  assert.match(page.url(), /\?service=e-headless$/)
  await page.getByRole('button', { name: 'e-headless', exact: true }).click()
  await page.locator('.details').waitFor({ state: 'detached' })
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Services' }).click()
  await page.getByText('The selector matches 1 pod, none of which is ready.').waitFor()
  assert.equal(await page.locator('.details .trouble').count(), 0, 'those that aren’t ready count as ready')
  await page.setViewportSize({ width: 360, height: 900 })
  await eventually('no sideways scrolling', () =>
    page.evaluate<boolean>('document.documentElement.scrollWidth <= 360'),
  )
  assert.deepEqual(await accessibilityViolations(page), [])
})

test('a namespace without Services says how to make one', async (context) => {
  const page = await openServices(context, await startApiServer(context))
  await page.getByText('There is no Service in this namespace.').waitFor()
  await page.getByText('kubectl -n default expose pod web-0').waitFor()
})

test('an endpoint’s conditions come to one lamp', () => {
  const word = (ready: boolean, serving: boolean, terminating: boolean) =>
    lampOf({ ready, serving, terminating }).word
  assert.equal(word(true, true, false), 'ready')
  assert.equal(word(false, false, false), 'not ready')
  assert.equal(word(false, true, true), 'terminating, still serving')
  assert.equal(word(false, false, true), 'terminating')
  assert.equal(word(true, false, false), 'ready, though its pod is not')
  assert.equal(lampOf(undefined).word, 'gone')
})
