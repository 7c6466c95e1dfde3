/** What stands between the page and the cluster: the way to the API server, rights, a token. Each goes and comes back while the page is open. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { RelayedViewer } from './relayed-viewer.ts'
import { applyAll, pod } from './viewer.ts'

/** The API server is asked again every ten seconds at most, watches last for twenty, and a busy machine takes its time. */
const patience = { timeout: 60_000 }

/** What the rights that are handed out allow, and what needs a role for the whole cluster. */
const resources = [
  'pods services endpointslices replicasets deployments statefulsets daemonsets jobs cronjobs horizontalpodautoscalers',
  'poddisruptionbudgets persistentvolumeclaims resourcequotas limitranges controllerrevisions events',
  'nodes persistentvolumes storageclasses',
].flatMap((line) => line.split(' '))

test('the page goes on by itself whatever was away between it and the cluster', async (context) => {
  const relayed = await RelayedViewer.start(context)
  const { viewer } = relayed
  const { namespace } = viewer
  const page = await viewer.open()
  const status = (text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).first()
  const says = (text: string | RegExp, timeout = patience.timeout) => status(text).waitFor({ timeout })
  const saysNoMore = (text: string) => status(text).waitFor({ ...patience, state: 'detached' })
  const shows = (pod: string) => page.getByText(pod).first().waitFor(patience)
  await shows('viewer')

  await context.test('the API server', async () => {
    await relayed.takeAway()
    await says(/The API server has been out of reach since .*: connection refused/)
    await applyAll(namespace, pod('meanwhile'))
    await relayed.bringBack()
    await shows('meanwhile')
    await saysNoMore('out of reach')
  })

  await context.test('the right to see the pods', async () => {
    await namespace.kubectl('delete', 'rolebinding', 'kuard-cluster-view')
    // A watch that has begun goes on until its end, some twenty seconds later: the API server asks for rights at its beginning only.
    await says('It can’t be shown yet: this pod may not read pods')
    await page
      .getByText('meanwhile')
      .first()
      .waitFor({ ...patience, state: 'detached' })
    await viewer.allow()
    await shows('meanwhile')
    await saysNoMore('It can’t be shown yet')
  })

  await context.test('a token that is good', async () => {
    await namespace.kubectl('create', 'secret', 'generic', 'life')
    const bound = ['--bound-object-kind=Secret', '--bound-object-name=life']
    await relayed.useToken(await namespace.kubectl('create', 'token', 'default', ...bound))
    await relayed.interrupt()
    await shows('meanwhile')
    await namespace.kubectl('delete', 'secret', 'life')
    // The token has ended, which the API server finds out within ten seconds.
    await eventually('the page to say that the token is refused', async () => {
      await relayed.interrupt()
      return page
        .getByText('Unauthorized')
        .first()
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        )
    })
    await relayed.useToken(await namespace.kubectl('create', 'token', 'default'))
    await shows('meanwhile')
    await saysNoMore('Unauthorized')
  })

  await context.test('and all that it asks is to list and watch what it shows, and what it may', async () => {
    for (const link of await page.getByRole('navigation', { name: 'Views' }).getByRole('link').all()) {
      await link.click()
      await eventually(
        'the view to be on show',
        async () => (await link.getAttribute('aria-current')) === 'page',
      )
    }
    const review = 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
    const asked = await eventually('the last view to have asked', async () => {
      const requests = await relayed.requests()
      return requests.includes(review) && requests
    })
    assert.deepEqual(
      asked.filter((line) => line !== review && !isRead(line, namespace.name)),
      [],
    )
    for (const what of ['get secrets', 'list configmaps', 'delete pods', 'create pods/exec'])
      assert.equal(await mayViewer(namespace, what), 'no', what)
    assert.equal(await mayViewer(namespace, 'watch pods'), 'yes')
  })
})

/** Whether a request lists or watches what is shown. @param line as `GET /api/v1/nodes?limit=100` */
function isRead(line: string, namespace: string): boolean {
  const [, path = ''] = /^GET (\/[^?]+)\?/.exec(line) ?? []
  const [, resource = ''] =
    new RegExp(`^/apis?/(?:[a-z0-9.]+/)?v[12](?:/namespaces/${namespace})?/([a-z]+)$`).exec(path) ?? []
  return resources.includes(resource)
}

/** What `kubectl auth can-i` says of the viewer. @param what as `get secrets` */
async function mayViewer(namespace: Namespace, what: string): Promise<string> {
  const who = `--as=system:serviceaccount:${namespace.name}:default`
  const { output } = await namespace.try('auth', 'can-i', ...what.split(' '), who)
  return output.trim()
}
