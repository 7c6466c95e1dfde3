/** What is shown of a namespace: only while somebody looks, and as it changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { ClusterState, ThisPod, TokenAccess } from '../../server/features/cluster/wire.ts'
import { ago, endpointSlice, event, pod } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { lookAt } from '../support/cluster-view.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { hasty } from '../support/hasty.ts'
import { startKuard } from '../support/kuard.ts'
import { startInPod, startPodIn } from '../support/pod.ts'

/** What is told of pods where there are none to see. */
const PodsNotListed = Type.Object({ listed: Type.Literal(false), items: Type.Tuple([]) })

/** Of each request, whether it was a watch. */
const asked = ({ requests }: TestApiServer) =>
  requests.map(({ resource, isWatch }) => `${isWatch ? 'watch' : 'list'} ${resource}`)

test('pods are shown as they come, change and go, and no other namespace’s', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1', state: 'ContainerCreating' }))
  api.put('pods', pod({ name: 'elsewhere', namespace: 'other' }))
  const { kuard } = await startPodIn(context, api)
  const view = await lookAt(context, kuard, 'pods')
  await view.shows('pods', 'web-1')
  await view.stands('pods', 'watching')
  api.put('pods', pod({ name: 'web-1' }))
  api.put('pods', pod({ name: 'web-2', state: 'CrashLoopBackOff', restarts: 3 }))
  api.put('pods', pod({ name: 'also-elsewhere', namespace: 'other' }))
  await view.shows('pods', 'web-1', 'web-2')
  const words = () => Array.from(view.shown('pods') ?? [], ([, { status }]) => status)
  await eventually('both words', () => words().join() === 'Running,CrashLoopBackOff')
  api.remove('pods', 'web-1')
  await view.shows('pods', 'web-2')
  assert.deepEqual(asked(api), ['list pods', 'watch pods'])
})

test('nothing is asked before somebody looks, and once for all who do', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const { kuard } = await startPodIn(context, api)
  const other = await readEvents(context, kuard.port, '/events?topics=liveness,cluster')
  const { resources } = await other.latest('cluster', ClusterState, () => true)
  assert.deepEqual(new Set(Object.values(resources).map(({ state }) => state)), new Set(['idle']))
  assert.deepEqual(asked(api), [])

  const views = await Promise.all(Array.from({ length: 5 }, () => lookAt(context, kuard, 'pods')))
  for (const view of views) await view.shows('pods', 'web-1')
  api.put('pods', pod({ name: 'web-2' }))
  for (const view of views) await view.shows('pods', 'web-1', 'web-2')
  assert.deepEqual(asked(api), ['list pods', 'watch pods'])
})

test('a watch goes on for a minute after the last has left, and is there for who comes back until then', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1' }))
  const by = 10
  const { kuard } = await startPodIn(context, api, hasty(30_000, by))
  const standing = await lookAt(context, kuard)
  for (let looks = 0; looks < 3; looks += 1) {
    const view = await lookAt(context, kuard, 'pods')
    await view.shows('pods', 'web-1')
    await standing.stands('pods', 'watching')
    view.leave()
    await eventually('nobody to look', async () =>
      /^event_streams 1$/m.test((await kuard.get('/metrics')).text),
    )
  }
  const left = performance.now()
  assert.deepEqual(asked(api), ['list pods', 'watch pods'])
  await standing.stands('pods', 'idle')
  const seconds = ((performance.now() - left) * by) / 1000
  assert.ok(seconds > 45 && seconds < 120, `it went on for ${seconds} s`)
  await eventually('the watch to end', () => api.watches.length === 0)

  const view = await lookAt(context, kuard, 'pods')
  await view.shows('pods', 'web-1')
  assert.equal(asked(api).filter((one) => one === 'list pods').length, 2)
})

test('a large list comes in pages, and one whose next page has expired begins anew', async (context) => {
  const api = await startApiServer(context)
  const names = Array.from({ length: 1_234 }, (_, index) => `pod-${index}`)
  for (const name of names) api.put('pods', pod({ name }))
  let hasExpired = false
  api.intercept = ({ query }) => {
    if (query.has('continue') && api.requests.length > 5 && !hasExpired) {
      api.remove('pods', 'pod-0')
      api.expire()
      hasExpired = true
    }
    return false
  }
  const { kuard } = await startPodIn(context, api)
  const view = await lookAt(context, kuard, 'pods')
  await view.shows('pods', ...names.slice(1))
  const limits = api.requests.filter(({ isWatch }) => !isWatch).map(({ query }) => query.get('limit'))
  assert.ok(limits.length > 12 && limits.every((limit) => Number(limit) <= 500), limits.join())
  assert.equal(api.requests.filter(({ isWatch, query }) => !isWatch && !query.has('continue')).length, 2)
})

test('of a busy namespace’s events the newest thousand are kept', async (context) => {
  const api = await startApiServer(context)
  const about = pod({ name: 'web-1' })
  const put = (index: number) => {
    const told = event({ about, reason: 'Pulled', message: String(index), secondsAgo: 5_000 - index })
    return api.put('events', told).metadata.name ?? ''
  }
  const listed = Array.from({ length: 1_500 }, (_, index) => put(index))
  const { kuard } = await startPodIn(context, api)
  const view = await lookAt(context, kuard, 'events')
  await view.shows('events', ...listed.slice(500))
  await view.stands('events', 'watching')
  const later = Array.from({ length: 150 }, (_, index) => put(1_500 + index))
  await eventually('the newest to be shown, and not all before', () => {
    const shown = view.shown('events')
    return shown && shown.size <= 1_100 && later.every((name) => shown.has(name))
  })
})

test('an object that lacks what all of its kind have is left out, and the others are shown', async (context) => {
  const api = await startApiServer(context)
  const whole = endpointSlice('web', [pod({ name: 'web-1' })])
  api.put('endpointslices', whole)
  // What no API server gives, types are against.
  const odd = { ...whole, metadata: { name: 'odd' }, endpoints: [null] } as unknown as typeof whole
  api.put('endpointslices', odd)
  const { kuard } = await startPodIn(context, api)
  const view = await lookAt(context, kuard, 'endpointslices')
  await view.shows('endpointslices', 'web-abcde')
  api.put('endpointslices', { ...odd, metadata: { name: 'odder' } })
  api.put('endpointslices', endpointSlice('other', []))
  await view.shows('endpointslices', 'web-abcde', 'other-abcde')
  assert.deepEqual(asked(api), ['list endpointslices', 'watch endpointslices'])
  assert.ok(kuard.lines.every((line) => !line.includes('TypeError')))
})

test('a slow browser gets the newest state', async (context) => {
  const api = await startApiServer(context)
  const names = Array.from({ length: 300 }, (_, index) => `pod-${index}`)
  for (const name of names) api.put('pods', pod({ name }))
  const { kuard } = await startPodIn(context, api)
  const [slow, quick] = [await lookAt(context, kuard, 'pods'), await lookAt(context, kuard, 'pods')]
  for (const view of [slow, quick]) await view.shows('pods', ...names)
  slow.reader.response.pause()
  const annotated = 'x'.repeat(4_000)
  for (let round = 1; round <= 5; round += 1) {
    for (const name of names) api.put('pods', pod({ name, labels: { round: String(round), annotated } }))
    await eventually('the quick one to have it', () =>
      [...(quick.shown('pods')?.values() ?? [])].every(({ labels }) => labels?.round === String(round)),
    )
  }
  slow.reader.response.resume()
  await eventually('the slow one to have it', () =>
    [...(slow.shown('pods')?.values() ?? [])].every(({ labels }) => labels?.round === '5'),
  )
})

test('a pod sees itself with its probes, and what is told of it', async (context) => {
  const api = await startApiServer(context)
  const httpGet = { path: '/ready', port: 8080 }
  const containers = [{ name: 'main', image: 'kuard:blue', readinessProbe: { httpGet, periodSeconds: 2 } }]
  const [own, other] = [pod({ name: 'web-1', spec: { containers } }), pod({ name: 'web-2' })]
  for (const one of [own, other]) api.put('pods', one)
  api.put('events', event({ about: other, reason: 'Killing', message: 'not of this one' }))
  api.put('events', event({ about: own, reason: 'Pulled', message: 'first', secondsAgo: 50 }))
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const reader = await readEvents(context, kuard.port, '/events?topics=cluster.this')
  const { pod: shown, probes } = await reader.latest(
    'cluster.this',
    ThisPod,
    ({ events }) => events.length === 1,
  )
  assert.deepEqual([shown?.name, shown?.status], ['web-1', 'Running'])
  assert.deepEqual(
    probes.map(({ container, type, action, periodSeconds }) => [container, type, action, periodSeconds]),
    [['main', 'readiness', 'GET http://:8080/ready', 2]],
  )
  api.put('events', event({ about: own, reason: 'Unhealthy', message: 'second', type: 'Warning' }))
  const { events } = await reader.latest('cluster.this', ThisPod, (state) => state.events.length === 2)
  assert.deepEqual(
    events.map(({ message }) => message),
    ['second', 'first'],
  )
  await eventually('both to be watched', () => api.watches.length === 2)
  assert.deepEqual(api.requests.map(({ query }) => query.get('fieldSelector')).sort(), [
    'involvedObject.name=web-1',
    'involvedObject.name=web-1',
    'metadata.name=web-1',
    'metadata.name=web-1',
  ])
})

test('what this pod’s token is, and allows, is told in the API server’s words', async (context) => {
  const api = await startApiServer(context)
  api.rules = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }]
  const { kuard } = await startPodIn(context, api, { namespace: 'prod' })
  const access = (await kuard.get('/cluster/access')).json(TokenAccess)
  assert.equal(access.subject, 'system:serviceaccount:default:default')
  assert.deepEqual(access.audience, ['https://kubernetes.default.svc.cluster.local'])
  assert.ok(Date.parse(access.expiresAt ?? '') > Date.parse(ago(0)))
  assert.deepEqual(access.rules, api.rules)
  api.tokens.clear()
  const { status, text } = await kuard.get('/cluster/access')
  assert.deepEqual([status, text.trim()], [502, 'Unauthorized'])
})

test('outside of a cluster, and without a token, it is said that there is none to see', async (context) => {
  const told = async (kuard: { port: number }) => {
    const reader = await readEvents(context, kuard.port, '/events?topics=cluster,cluster.pods,cluster.this')
    await reader.latest('cluster.pods', PodsNotListed, () => true)
    return reader.latest('cluster', ClusterState, () => true)
  }
  const outside = await told(await startKuard(context, [], { env: { KUBERNETES_SERVICE_HOST: '' } }))
  assert.match(outside.message ?? '', /^this is no pod/)
  const api = await startApiServer(context)
  const tokenless = await told(await startInPod(context, undefined, { env: api.env }))
  assert.match(tokenless.message ?? '', /^no service account token is mounted/)
  assert.deepEqual(asked(api), [])
})

test('switched off, it tells nothing and asks nothing', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api, { args: ['--disable=cluster'] })
  assert.equal((await kuard.get('/events?topics=cluster')).status, 400)
  assert.equal((await kuard.get('/cluster/access')).status, 404)
  assert.deepEqual(asked(api), [])
})

test('it ends at once while watches run', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api)
  const view = await lookAt(context, kuard, 'pods', 'services', 'events')
  for (const resource of ['pods', 'services', 'events'] as const) await view.stands(resource, 'watching')
  const asked = performance.now()
  assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
  const ms = performance.now() - asked
  assert.ok(ms < 2_000, `it took ${ms} ms`)
})
