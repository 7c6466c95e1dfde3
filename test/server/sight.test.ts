/** What labs are told of the cluster: whether a condition holds, what is there, and why it may not hold yet. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { Value } from 'typebox/value'
import type { Condition, Verdict } from '../../server/conditions/condition.ts'
import { LabList, StepState } from '../../server/features/labs/wire.ts'
import {
  autoscaler,
  claim,
  deployment,
  endpointSlice,
  event,
  job,
  pod,
  replicaSet,
  service,
  type PodTraits,
} from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { startPodIn } from '../support/pod.ts'

/** A lab with a step for each of these, in a folder for --labs-dir. */
function labOf(context: TestContext, conditions: readonly Condition[]): string {
  const folder = temporaryFolder(context)
  const head = '---\ntitle: Seen\nkind: own\nminutes: 1\ngoal: It is seen.\n---\n\nLook.\n'
  const steps = conditions.map(
    (condition, index) =>
      `\n## Step ${index + 1}\n\nLook.\n\n\`\`\`step\n${JSON.stringify({ expect: [condition] })}\n\`\`\`\n`,
  )
  writeFileSync(join(folder, 'seen.md'), head + steps.join(''))
  return folder
}

/** A pod whose labs have these conditions. */
async function lookFor(context: TestContext, api: TestApiServer, conditions: readonly Condition[]) {
  const args = ['--labs-dir', labOf(context, conditions)]
  return (await startPodIn(context, api, { args })).kuard
}

/** @param step from 1 */
async function stateOf(kuard: Kuard, step = 1): Promise<StepState> {
  return Value.Parse(StepState, JSON.parse((await kuard.get(`/labs/seen/steps/${step}`)).text))
}

async function verdictOf(kuard: Kuard, step = 1): Promise<Verdict> {
  const [verdict] = (await stateOf(kuard, step)).verdicts
  assert.ok(verdict)
  return verdict
}

/** What keeps it from being so: what a namespace has then, and what a learner has to be told of it. */
interface Trouble {
  readonly put: (api: TestApiServer) => unknown
  readonly see: Condition
  readonly saw: RegExp
  readonly why: RegExp
}

const nothing = (): void => undefined

const ready = (named: string): Condition => ({ see: 'pods', named, with: { ready: true } })

const putPod = (traits: PodTraits) => (api: TestApiServer) => api.put('pods', pod(traits))

/** Of one container. */
const specOf = (fields: Partial<PodSpec['containers'][number]>): Partial<PodSpec> => ({
  containers: [{ name: 'main', image: 'kuard:blue', ...fields }],
})

/** A pod whose container waits. */
const waiting = (name: string, reason: string, message: string) =>
  putPod({
    name,
    image: 'kuard:yellow',
    state: 'ContainerCreating',
    status: {
      containerStatuses: [
        {
          name: 'main',
          image: 'kuard:yellow',
          imageID: '',
          restartCount: 0,
          ready: false,
          state: { waiting: { reason, message } },
        },
      ],
    },
  })

/** A pod that was ended by SIGKILL, without a word of why. */
const killed = (name: string, memory: string) =>
  putPod({
    name,
    state: 'NotReady',
    spec: specOf({ resources: { limits: { memory } } }),
    status: {
      containerStatuses: [
        {
          name: 'main',
          image: 'kuard:blue',
          imageID: '',
          restartCount: 1,
          ready: false,
          state: { running: {} },
          lastState: { terminated: { exitCode: 137, reason: 'Error' } },
        },
      ],
    },
  })

/** A pod that a warning tells of. */
const warned = (traits: PodTraits, reason: string, message: string) => (api: TestApiServer) => {
  const about = { kind: 'Pod', ...putPod(traits)(api) }
  api.put('events', event({ about, reason, message, type: 'Warning' }))
}

const podTroubles: readonly Trouble[] = [
  {
    put: putPod({ name: 'big', state: 'Pending', spec: specOf({ resources: { requests: { cpu: '64' } } }) }),
    see: ready('big'),
    saw: /^big: Pending/,
    why: /no node has 64 CPUs left.*Insufficient cpu/,
  },
  {
    put: waiting('yellow', 'ErrImagePull', 'failed to resolve reference "kuard:yellow": not found'),
    see: ready('yellow'),
    saw: /^yellow: ErrImagePull/,
    why: /kuard:yellow can’t be pulled \(ErrImagePull\): its registry has no image/,
  },
  {
    put: waiting('no-config', 'CreateContainerConfigError', 'configmap "my-config" not found'),
    see: ready('no-config'),
    saw: /CreateContainerConfigError/,
    why: /the ConfigMap my-config isn’t there/,
  },
  {
    put: waiting('no-key', 'CreateContainerConfigError', "couldn't find key dish in ConfigMap default/menu"),
    see: ready('no-key'),
    saw: /CreateContainerConfigError/,
    why: /the ConfigMap menu has no key dish/,
  },
  {
    put: putPod({ name: 'crash', state: 'CrashLoopBackOff', restarts: 3 }),
    see: ready('crash'),
    saw: /CrashLoopBackOff.*3 restarts/,
    why: /started again 3 times.*exit code 1.*kubectl logs crash --previous/,
  },
  {
    put: putPod({
      name: 'oom',
      state: 'OOMKilled',
      spec: specOf({ resources: { limits: { memory: '32Mi' } } }),
    }),
    see: ready('oom'),
    saw: /OOMKilled/,
    why: /more memory than its limit of 32Mi.*OOMKilled/,
  },
  {
    put: killed('starved', '16Mi'),
    see: ready('starved'),
    saw: /not ready.*exit code 137/,
    why: /exit code 137, killed from outside: it took more memory than its limit of 16Mi, or .*--previous/,
  },
  {
    put: warned(
      { name: 'again', state: 'NotReady', restarts: 1 },
      'Unhealthy',
      'Readiness probe failed: connect: connection refused',
    ),
    see: ready('again'),
    saw: /not ready/,
    why: /isn’t ready: its readiness probe is refused.*started again once; last it ended with exit code 1/,
  },
  {
    put: warned(
      {
        name: 'reddy',
        state: 'NotReady',
        spec: specOf({ readinessProbe: { httpGet: { path: '/reddy', port: 8080 } } }),
      },
      'Unhealthy',
      'Readiness probe failed: HTTP probe failed with statuscode: 404',
    ),
    see: ready('reddy'),
    saw: /not ready/,
    why: /its readiness probe, GET :8080\/reddy, answers 404/,
  },
  {
    put: warned(
      { name: 'unmounted', state: 'ContainerCreating' },
      'FailedMount',
      'MountVolume.SetUp failed for volume "c" : secret "my-secret" not found',
    ),
    see: ready('unmounted'),
    saw: /ContainerCreating/,
    why: /the Secret my-secret isn’t there/,
  },
  {
    put: putPod({
      name: 'alpaca-1',
      labels: { app: 'alpaca' },
      spec: specOf({ ports: [{ containerPort: 8080 }] }),
    }),
    see: { see: 'pods', labels: 'app=alpacca' },
    saw: /no pod with app=alpacca/,
    why: /have app=alpaca, none has app=alpacca/,
  },
  { put: nothing, see: ready('crahs'), saw: /no pod crahs/, why: /There is a pod crash, and none crahs/ },
  { put: nothing, see: ready('alpaca-2'), saw: /no pod alpaca-2/, why: /^Waiting for it/ },
]

const overQuota =
  'pods "stopped-1-x" is forbidden: exceeded quota: small, requested: requests.cpu=200m, used: requests.cpu=400m, limited: requests.cpu=400m'

/** A Deployment whose ReplicaSet may make no pods. */
function putStopped(api: TestApiServer): void {
  const stopped = deployment({ name: 'stopped', replicas: 2, current: 0 })
  const owner = { kind: 'Deployment', ...stopped }
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: overQuota }
  const traits = { name: 'stopped-1', owner, labels: { app: 'stopped' }, replicas: 2, current: 0 }
  api.put('deployments', stopped)
  api.put('replicasets', replicaSet(traits, { status: { replicas: 0, conditions: [failure] } }))
}

/** A Service of the pods that have app=alpaca, or are to have it. */
const putService = (name: string, app: string, targetPort: number) => (api: TestApiServer) => {
  api.put('services', service({ name }, { selector: { app }, ports: [{ port: 80, targetPort }] }))
  api.put('endpointslices', endpointSlice(name, []))
}

const workloadTroubles: readonly Trouble[] = [
  {
    put: putStopped,
    see: { see: 'deployments', named: 'stopped', with: { available: 2 } },
    saw: /0 of 2 pods available/,
    why: /quota small.*requests.cpu is used up, 400m of 400m.*200m more/,
  },
  { put: nothing, see: { see: 'pods', labels: 'app=stopped', count: 2 }, saw: /no pod/, why: /quota small/ },
  {
    put: (api) =>
      api.put(
        'jobs',
        job(
          { name: 'fails' },
          {
            status: {
              failed: 2,
              conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }],
            },
          },
        ),
      ),
    see: { see: 'jobs', named: 'fails', with: { succeeded: 1 } },
    saw: /2 failed, given up/,
    why: /has given up: 2 of its pods failed/,
  },
  {
    put: (api) => api.put('horizontalpodautoscalers', autoscaler({ name: 'blind', target: 'stopped' })),
    see: { see: 'horizontalpodautoscalers', named: 'blind', with: { desired: 2 } },
    saw: /cpu unknown of 50%/,
    why: /has no figures/,
  },
  {
    put: (api) =>
      api.put('persistentvolumeclaims', claim({ name: 'fast', phase: 'Pending', storageClass: 'fast' })),
    see: { see: 'persistentvolumeclaims', named: 'fast', with: { phase: 'Bound' } },
    saw: /Pending/,
    why: /StorageClass fast, which isn’t there/,
  },
  {
    put: putService('wrong-selector', 'alpacca', 8080),
    see: { see: 'endpoints', with: { service: 'wrong-selector', ready: true } },
    saw: /no endpoint of the Service wrong-selector/,
    why: /pods have app=alpaca, the Service wrong-selector selects app=alpacca/,
  },
  {
    put: putService('wrong-port', 'alpaca', 9090),
    see: { see: 'endpoints', with: { service: 'wrong-port', port: 8080 } },
    saw: /no endpoint/,
    why: /sends port 80 to 9090; its pods listen at 8080/,
  },
  {
    put: nothing,
    see: { see: 'endpoints', with: { service: 'nothing', ready: true } },
    saw: /no endpoint/,
    why: /There is no Service nothing/,
  },
]

test('what is there is told, and what is waited for where nothing is in the way', async (context) => {
  const api = await startApiServer(context)
  const labels = { app: 'kuard' }
  for (const name of ['kuard-a', 'kuard-b', 'kuard-c'])
    api.put('pods', pod({ name, labels, image: 'kuard:green' }))
  const set = deployment({ name: 'kuard', labels, replicas: 3, revision: 2, image: 'kuard:green' })
  api.put('deployments', set)
  const cases: readonly (readonly [Condition, boolean, RegExp, RegExp | null])[] = [
    [
      { see: 'pods', labels: 'app=kuard', with: { ready: true }, count: 3 },
      true,
      /^3 of 3 pods with app=kuard are ready\.$/,
      null,
    ],
    [{ see: 'pods', named: 'kuard-a' }, true, /^kuard-a: Running and ready, kuard:green\.$/, null],
    [{ see: 'pods', named: 'gone', count: 0 }, true, /^There is no pod gone\.$/, null],
    [
      { see: 'pods', named: 'traffic' },
      false,
      /^There is no pod traffic\.$/,
      /^Waiting for it in the namespace default\.$/,
    ],
    [
      { see: 'pods', labels: 'app=kuard', with: { 'containers.*.image': '~ :blue$' }, count: 3 },
      false,
      /^None of 3 pods with app=kuard run an image that ends in :blue; kuard-/,
      /^Waiting until 3 pods with app=kuard run an image that ends in :blue\.$/,
    ],
    [
      { see: 'deployments', named: 'kuard', with: { revision: 2, available: 3 } },
      true,
      /^kuard: revision 2, kuard:green, 3 of 3 pods available\.$/,
      null,
    ],
    [
      { see: 'deployments', named: 'kuard', with: { revision: 3 } },
      false,
      /revision 2/,
      /^Waiting until the Deployment kuard is at revision 3\.$/,
    ],
    [
      { see: 'deployments', named: 'kuard', count: 0 },
      false,
      /^kuard: /,
      /^Waiting until the Deployment kuard is gone\.$/,
    ],
  ]
  const kuard = await lookFor(
    context,
    api,
    cases.map(([see]) => see),
  )
  for (const [index, [see, holds, saw, why]] of cases.entries()) {
    const verdict = await verdictOf(kuard, index + 1)
    const what = JSON.stringify([see, verdict])
    assert.equal(verdict.holds, holds, what)
    assert.match(verdict.saw, saw)
    if (why) assert.match(verdict.why ?? '', why)
    else assert.equal(verdict.why, null, what)
  }
})

test('what is in the way is told by its names and values', async (context) => {
  const api = await startApiServer(context)
  const troubles = [...podTroubles, ...workloadTroubles]
  for (const { put } of troubles) put(api)
  const kuard = await lookFor(
    context,
    api,
    troubles.map(({ see }) => see),
  )
  for (const [index, { see, saw, why }] of troubles.entries()) {
    const verdict = await verdictOf(kuard, index + 1)
    assert.equal(verdict.holds, false, JSON.stringify(see))
    assert.match(verdict.saw, saw)
    assert.match(verdict.why ?? '', why)
  }
})

test('a step is done as soon as what it waits for is so, and nothing is asked before somebody looks', async (context) => {
  const api = await startApiServer(context)
  const kuard = await lookFor(context, api, [
    { see: 'pods', labels: 'app=kuard', with: { ready: true }, count: 2 },
  ])
  await kuard.get('/labs/')
  await kuard.get('/labs/seen')
  assert.deepEqual(api.requests, [])
  const stream = await readEvents(context, kuard.port, '/events?topics=lab;of=seen%2F1')
  await stream.latest('lab', StepState, ({ state }) => state === 'open')
  for (const name of ['kuard-a', 'kuard-b']) api.put('pods', pod({ name, labels: { app: 'kuard' } }))
  await stream.latest('lab', StepState, ({ state }) => state === 'done')
})

test('without the right to see it, it is said which is missing; without others there are fewer reasons', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'big', state: 'Pending' }))
  api.forbid()
  api.allow('pods')
  const kuard = await lookFor(context, api, [ready('big'), { see: 'deployments', named: 'kuard' }])
  const [of, refused] = [await verdictOf(kuard), await stateOf(kuard, 2)]
  assert.match(of.why ?? '', /Insufficient cpu/)
  assert.equal(refused.state, 'unseen')
  assert.deepEqual(refused.verdicts[0]?.refused, ['deployments'])
  assert.match(refused.verdicts[0].saw, /deployments/)
  api.allow('deployments')
  await eventually('it to be seen', async () => (await stateOf(kuard, 2)).state === 'open', 30_000)
})

test('a pod is asked where it is, and a Service at its address; and where that isn’t to be had, it is said why', async (context) => {
  const api = await startApiServer(context)
  const asked = await startKuard(context)
  const at = (name: string) => pod({ name, labels: { app: 'here' }, status: { podIP: '127.0.0.1' } })
  api.put('pods', at('here'))
  api.put('deployments', deployment({ name: 'here' }))
  const here = service(
    { name: 'here' },
    { clusterIPs: ['127.0.0.1'], selector: { app: 'here' }, ports: [{ port: asked.port }] },
  )
  api.put('services', here)
  api.put('endpointslices', endpointSlice('here', [at('here')]))
  const ask = (of: string) => ({ get: '/healthy', of, port: asked.port, matches: '^ok' })
  const kuard = await lookFor(context, api, [
    ask('pod/here'),
    ask('deployment/here'),
    ask('service/here'),
    ask('pod/there'),
    { ...ask('service/here'), port: 1 },
  ])
  for (const step of [1, 2, 3]) assert.equal((await verdictOf(kuard, step)).holds, true, `step ${step}`)
  assert.match((await verdictOf(kuard, 4)).saw, /There is no pod there/)
  assert.match((await verdictOf(kuard, 5)).saw, /has the port \d+, and is asked at 1/)
})

test('labs are of the cluster by its authority, and of the namespace; outside of one they are of none', async (context) => {
  const api = await startApiServer(context)
  const kuard = await lookFor(context, api, [ready('kuard')])
  const placeOf = async (of: Kuard) => Value.Parse(LabList, JSON.parse((await of.get('/labs/')).text)).place
  const place = await placeOf(kuard)
  assert.match(place?.cluster ?? '', /^[0-9a-f]{12}$/)
  assert.equal(place?.namespace, 'default')
  const outside = await startKuard(context, ['--labs-dir', labOf(context, [ready('kuard')])])
  assert.equal(await placeOf(outside), null)
  const { state, verdicts } = await stateOf(outside)
  assert.equal(state, 'unseen')
  assert.match(verdicts[0]?.saw ?? '', /this is no pod/)
})
