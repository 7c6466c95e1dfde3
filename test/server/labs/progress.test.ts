/** How it stands with a lab's step: what the cluster shows, and what pods answer. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { StepState } from '../../../server/features/labs/wire.ts'
import { deployment, endpointSlice, event, pod, service } from '../../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../../support/api-server.ts'
import { readEvents, type EventReader } from '../../support/event-stream.ts'
import { eventually } from '../../support/eventually.ts'
import type { Kuard } from '../../support/kuard.ts'
import { labFolder, labOfOne, labText } from '../../support/labs.ts'
import { startHttpServer } from '../../support/odd-server.ts'
import { startPodIn } from '../../support/pod.ts'

/** What a step may take to tick, from the change on. */
const limitMs = 2_000

/** A server that is a pod of the API server's cluster, with labs of one step by their ids. */
async function startWith(
  context: TestContext,
  api: TestApiServer,
  blocks: Readonly<Record<string, string>>,
): Promise<Kuard> {
  const files = Object.entries(blocks).map(([id, block]) => [`${id}.md`, labOfOne(block)])
  const folder = labFolder(context, Object.fromEntries(files) as Record<string, string>)
  return (await startPodIn(context, api, { args: [`--labs-dir=${folder}`] })).kuard
}

const look = (context: TestContext, kuard: Kuard, id: string): Promise<EventReader> =>
  readEvents(context, kuard.port, `/events?topics=lab;of=${encodeURIComponent(`${id}/1`)}`)

const asked = async (kuard: Kuard, id: string): Promise<StepState> =>
  (await kuard.get(`/labs/${id}/steps/1`)).json(StepState)

const is = (state: StepState['state']) => (one: StepState) => one.state === state

test('a step ticks within two seconds of the change that it waits for, and opens again with the next', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1', labels: { app: 'web' }, state: 'ContainerCreating' }))
  const kuard = await startWith(context, api, {
    ready: 'expect:\n  - { see: pods, labels: app=web, with: { ready: true }, count: 2 }',
  })
  const view = await look(context, kuard, 'ready')
  await view.latest('lab', StepState, is('open'))
  api.put('pods', pod({ name: 'web-1', labels: { app: 'web' } }))
  await view.latest('lab', StepState, ({ verdicts: [one] }) => one?.saw.includes('web-1') ?? false)
  const changed = performance.now()
  api.put('pods', pod({ name: 'web-2', labels: { app: 'web' } }))
  const done = await view.latest('lab', StepState, is('done'))
  assert.ok(performance.now() - changed < limitMs)
  assert.deepEqual([done.lab, done.step, done.verdicts.length], ['ready', 1, 1])
  assert.equal((await asked(kuard, 'ready')).state, 'done')
  api.remove('pods', 'web-2')
  await view.latest('lab', StepState, is('open'))
})

test('all conditions have to hold at once', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'one' }))
  const kuard = await startWith(context, api, {
    both: 'expect:\n  - { see: pods, named: one }\n  - { see: services, named: two }',
  })
  const before = await asked(kuard, 'both')
  assert.deepEqual([before.state, before.verdicts.map(({ holds }) => holds)], ['open', [true, false]])
  api.put('services', service({ name: 'two' }))
  const view = await look(context, kuard, 'both')
  await view.latest('lab', StepState, is('done'))
})

test('what was told before the object of this lab was made ticks no step', async (context) => {
  const api = await startApiServer(context)
  const told = (secondsAgo: number) => {
    const about = pod({ name: 'web-1' })
    api.put('events', event({ about, reason: 'Killing', message: 'Stopping container', secondsAgo }))
  }
  told(30)
  const kuard = await startWith(context, api, {
    ended: 'expect:\n  - { see: events, with: { reason: Killing }, since: deployments/web }',
  })
  const view = await look(context, kuard, 'ended')
  await view.latest('lab', StepState, is('open'))
  api.put('deployments', deployment({ name: 'web', ageSeconds: 20 }))
  assert.equal((await asked(kuard, 'ended')).state, 'open')
  told(10)
  await view.latest('lab', StepState, is('done'))
  api.remove('deployments', 'web')
  await view.latest('lab', StepState, is('open'))
})

test('a busy namespace whose changes are none of the step’s tells nothing', async (context) => {
  const api = await startApiServer(context)
  const kuard = await startWith(context, api, { one: 'expect:\n  - { see: pods, named: one }' })
  const view = await look(context, kuard, 'one')
  await view.latest('lab', StepState, is('open'))
  const told = view.states('lab', StepState).length
  for (let count = 0; count < 50; count += 1) api.put('pods', pod({ name: `other-${count}` }))
  api.put('pods', pod({ name: 'one' }))
  await view.latest('lab', StepState, is('done'))
  assert.ok(view.states('lab', StepState).length - told < 10)
})

test('without the right to see, it is said which, and it ticks once there is one', async (context) => {
  const api = await startApiServer(context)
  api.forbid('pods')
  api.put('pods', pod({ name: 'one' }))
  const kuard = await startWith(context, api, { one: 'expect:\n  - { see: pods, named: one }' })
  const state = await asked(kuard, 'one')
  assert.equal(state.state, 'unseen')
  assert.deepEqual([state.verdicts[0]?.holds, state.verdicts[0]?.refused], [null, ['pods']])
  const view = await look(context, kuard, 'one')
  await view.latest('lab', StepState, is('unseen'))
  api.allow('pods')
  await view.latest('lab', StepState, is('done'))
})

test('of a step or a lab that isn’t there the stream says so, and goes on', async (context) => {
  const api = await startApiServer(context)
  const kuard = await startWith(context, api, { one: 'expect: []' })
  const none = await look(context, kuard, 'none')
  const { state, verdicts } = await none.latest('lab', StepState, () => true)
  assert.deepEqual([state, verdicts[0]?.holds], ['unseen', null])
  assert.match(verdicts[0]?.saw ?? '', /there is no such lab/)
  const button = await look(context, kuard, 'one')
  assert.deepEqual(await button.latest('lab', StepState, () => true), {
    lab: 'one',
    step: 1,
    state: 'unseen',
    verdicts: [],
  })
  for (const name of ['one', 'one/x', '/1', 'one/1/1', 'one/99999'])
    assert.equal((await kuard.get(`/events?topics=lab;of=${encodeURIComponent(name)}`)).status, 400, name)
})

test('a pod is asked once a second while somebody looks, and not after', async (context) => {
  const api = await startApiServer(context)
  let answer = [503, 'not yet\n'] as const as readonly [number, string]
  const times: number[] = []
  const server = await startHttpServer(context, (_request, response) => {
    times.push(performance.now())
    response.writeHead(answer[0]).end(answer[1])
  })
  api.put('pods', pod({ name: 'web', status: { podIP: '127.0.0.1' } }))
  const kuard = await startWith(context, api, {
    ready: `expect:\n  - { get: /ready, of: pod/web, port: ${server.port}, matches: ^ok$ }`,
  })
  const view = await look(context, kuard, 'ready')
  const open = await view.latest('lab', StepState, is('open'))
  assert.deepEqual(open.verdicts[0], {
    holds: false,
    saw: 'GET /ready of web answered 503 not yet.',
    why: 'The answer is to match ^ok$, which isn’t found in it.',
    refused: [],
  })
  const changed = performance.now()
  answer = [200, 'ok\n']
  const done = await view.latest('lab', StepState, is('done'))
  assert.ok(performance.now() - changed < limitMs)
  assert.equal(done.verdicts[0]?.saw, 'GET /ready of web answered 200 ok.')
  await eventually('some questions', () => times.length >= 4)
  // Each on time, but for how long the one before took to arrive.
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
  assert.ok(times.length <= seconds + 2, `${times.length} in ${seconds} s`)
  view.response.destroy()
  await eventually('no further question', () => performance.now() - (times.at(-1) ?? 0) > 2_500)
})

test('a Service is asked at its port, and a Deployment at a pod that is ready', async (context) => {
  const api = await startApiServer(context)
  const server = await startHttpServer(context, (request, response) =>
    response.end(`you asked ${request.url ?? ''}`),
  )
  const web = deployment({ name: 'web' })
  const [endpoint] = [pod({ name: 'web-1', labels: { app: 'web' }, status: { podIP: '127.0.0.1' } })]
  api.put('pods', endpoint)
  api.put('deployments', web)
  api.put(
    'services',
    service(
      { name: 'web' },
      { clusterIP: '127.0.0.1', clusterIPs: ['127.0.0.1'], ports: [{ port: server.port }] },
    ),
  )
  api.put('endpointslices', endpointSlice('web', [endpoint]))
  const kuard = await startWith(context, api, {
    service: `expect:\n  - { get: /a?b=c, of: service/web, port: ${server.port}, matches: '^you asked /a\\?b=c$' }`,
    none: `expect:\n  - { get: /, of: deployment/none, matches: you }`,
  })
  assert.equal((await asked(kuard, 'service')).state, 'done')
  const none = await asked(kuard, 'none')
  assert.deepEqual([none.state, none.verdicts[0]?.saw], ['open', 'There is no deployment none.'])
})

test('nobody but whom the condition names is asked, whatever its path looks like', async (context) => {
  const api = await startApiServer(context)
  const elsewhere: string[] = []
  const other = await startHttpServer(context, (request, response) => {
    elsewhere.push(request.url ?? '')
    response.end('here')
  })
  const paths: string[] = []
  const server = await startHttpServer(context, (request, response) => {
    paths.push(request.url ?? '')
    response.writeHead(302, { location: other.url }).end('there')
  })
  api.put('pods', pod({ name: 'web', status: { podIP: '127.0.0.1' } }))
  const host = `127.0.0.1:${other.port}`
  const ask = (path: string) =>
    `expect:\n  - { get: '${path}', of: pod/web, port: ${server.port}, matches: there }`
  const kuard = await startWith(context, api, {
    slashes: ask(`//${host}/`),
    backslash: ask(`/\\${host}/`),
    user: ask(`/@${host}/`),
    moved: ask('/moved'),
  })
  for (const id of ['slashes', 'backslash', 'user', 'moved'])
    assert.equal((await asked(kuard, id)).state, 'done', id)
  assert.equal(paths.length, 4)
  assert.deepEqual(elsewhere, [])
})

test('what doesn’t answer, or without end, is said to be so and keeps nobody waiting', async (context) => {
  const api = await startApiServer(context)
  const server = await startHttpServer(context, (request, response) => {
    if (request.url === '/endless') {
      response.write('x'.repeat(70_000))
      response.write('needle')
    }
  })
  const closed = await startHttpServer(context, () => undefined)
  closed.server.close()
  api.put('pods', pod({ name: 'web', status: { podIP: '127.0.0.1' } }))
  const ask = (path: string, port = server.port) =>
    `expect:\n  - { get: ${path}, of: pod/web, port: ${port}, matches: needle }`
  const kuard = await startWith(context, api, {
    endless: ask('/endless'),
    silent: ask('/silent'),
    closed: ask('/', closed.port),
  })
  const endless = await asked(kuard, 'endless')
  assert.equal(endless.state, 'open')
  assert.match(endless.verdicts[0]?.why ?? '', /isn’t found in the first 64 KiB of it/)
  const silent = await asked(kuard, 'silent')
  assert.equal(silent.verdicts[0]?.saw, 'GET /silent of web had no answer: no answer within 2s.')
  const refused = await asked(kuard, 'closed')
  assert.equal(refused.verdicts[0]?.saw, 'GET / of web had no answer: connection refused.')
})

test('a pattern that would be looked for for years is given up, and probes are answered meanwhile', async (context) => {
  const api = await startApiServer(context)
  const server = await startHttpServer(context, (_request, response) => response.end(`${'a'.repeat(5_000)}!`))
  api.put('pods', pod({ name: 'web', status: { podIP: '127.0.0.1' } }))
  const kuard = await startWith(context, api, {
    endless: `expect:\n  - { get: /, of: pod/web, port: ${server.port}, matches: '^(a+)+$' }`,
  })
  const view = await look(context, kuard, 'endless')
  const { verdicts } = await view.latest('lab', StepState, is('open'))
  assert.match(verdicts[0]?.why ?? '', /takes too long/)
  assert.equal((await kuard.get('/healthy')).status, 200)
})

test('a lab of the book’s is seen by what its concepts expect', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api)
  const view = await readEvents(context, kuard.port, '/events?topics=lab;of=05-pods/1')
  await view.latest('lab', StepState, is('open'))
  api.put('pods', pod({ name: 'kuard' }))
  await view.latest('lab', StepState, is('done'))
})

test('where the Cluster feature is off nothing is seen, and it is said', async (context) => {
  const api = await startApiServer(context)
  const folder = labFolder(context, {
    'one.md': labText('## One\n\n```step\nexpect:\n  - { see: pods, named: one }\n```'),
  })
  const { kuard } = await startPodIn(context, api, { args: [`--labs-dir=${folder}`, '--disable=cluster'] })
  const state = await asked(kuard, 'one')
  assert.equal(state.state, 'unseen')
  assert.match(state.verdicts[0]?.saw ?? '', /--disable/)
  assert.deepEqual(api.requests, [])
})
