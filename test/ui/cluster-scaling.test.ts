/** The Cluster tab's view "Scaling and limits": what it says of autoscalers, budgets, quotas, ranges and requests. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { HorizontalPodAutoscaler as ReportedAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts'
import type { LimitRange, ResourceQuota } from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { Page } from 'playwright-core'
import {
  autoscalerEntry,
  budgetEntry,
  limitRangeEntry,
  quotaEntry,
} from '../../server/features/cluster/limits.ts'
import { eventEntry } from '../../server/features/cluster/event.ts'
import { podEntry } from '../../server/features/cluster/pod.ts'
import type { Event, Pod } from '../../server/features/cluster/wire.ts'
import { autoscalerFigures } from '../../ui/src/tabs/cluster/figures.ts'
import { podsByTarget, readingsOf, verdictOf } from '../../ui/src/tabs/cluster/scaling/autoscaler.ts'
import { allowanceOf, ruleOf } from '../../ui/src/tabs/cluster/scaling/budget.ts'
import { rangeRows } from '../../ui/src/tabs/cluster/scaling/limit-range.ts'
import { quotaRows, refusals } from '../../ui/src/tabs/cluster/scaling/quota.ts'
import { containerRows, podAmount, sumOf } from '../../ui/src/tabs/cluster/scaling/requests.ts'
import { metricValues, samplesOf } from '../../ui/src/tabs/cluster/scaling/samples.ts'
import { autoscaler, event, meta, pod, replicaSet, type AutoscalerTraits } from '../support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startPodIn } from '../support/pod.ts'

/** A condition as the autoscaler's controller sets it. */
const condition = (type: string, status: string, reason: string, message = '') => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-11-30T03:00:00Z',
})
const able = condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size')
const measures = condition('ScalingActive', 'True', 'ValidMetricFound')
const inRange = condition('ScalingLimited', 'False', 'DesiredWithinRange')
const cannotMeasure = (message: string, reason = 'FailedGetResourceMetric') => [
  able,
  condition('ScalingActive', 'False', reason, `the HPA was unable to compute the replica count: ${message}`),
]

/** An autoscaler in a certain state. */
function scaler(
  traits: Partial<AutoscalerTraits>,
  conditions: ReturnType<typeof condition>[],
  spec: Partial<ReportedAutoscaler['spec']> = {},
): ReportedAutoscaler {
  const made = autoscaler({ name: 'web', target: 'web', ...traits })
  return {
    ...made,
    ...(made.spec ? { spec: { ...made.spec, ...spec } } : {}),
    status: { currentReplicas: 1, desiredReplicas: 1, ...made.status, conditions },
  }
}

/** What the page makes of it. */
function said(reported: ReportedAutoscaler, pods: readonly Pod[] = [], events: readonly Event[] = []) {
  const hpa = autoscalerEntry(reported)
  const readings = readingsOf(hpa, pods, events)
  const verdict = verdictOf(hpa, readings, pods)
  return { readings, ...verdict, commands: verdict.mends.map(({ command }) => command) }
}

const webPod = (name: string, requests?: Record<string, string>) =>
  pod({
    name,
    labels: { app: 'web', 'pod-template-hash': 'abc' },
    owner: replicaSet({ name: 'web-abc' }),
    spec: { containers: [{ name: 'main', image: 'kuard:blue', resources: requests ? { requests } : {} }] },
  })

test('an autoscaler without a CPU request to measure by says which container of which pod lacks it, and how to give it one', () => {
  const message = 'failed to get cpu utilization: missing request for cpu in container main of Pod web-abc-1'
  const { state, word, words, commands } = said(scaler({}, cannotMeasure(message)))
  assert.deepEqual([state, word], ['bad', 'can’t measure'])
  assert.match(words, /^Container main of pod web-abc-1 requests no cpu/)
  assert.deepEqual(commands, ['set resources deployment web --containers=main --requests=cpu=50m'])
})

test('where the message names no container, the pods of the target tell which one lacks a request', () => {
  const pods = [webPod('web-1', { cpu: '50m' }), webPod('web-2')].map(podEntry)
  const { words } = said(scaler({}, cannotMeasure('missing request for cpu')), pods)
  assert.match(words, /^Container main of pod web-2 requests no cpu/)
})

test('a ReplicaSet changes no pods that there are, so that they are to be deleted once it is mended', () => {
  const spec = { scaleTargetRef: { kind: 'ReplicaSet', name: 'web-abc' } }
  const message = 'missing request for cpu in container main of Pod web-1'
  const { commands } = said(scaler({}, cannotMeasure(message), spec), [podEntry(webPod('web-1'))])
  assert.deepEqual(commands, [
    'set resources replicaset web-abc --containers=main --requests=cpu=50m',
    'delete pods web-1',
  ])
})

test('each other reason for <unknown> is told apart: no metrics-server, one that is away, no figures yet, no pods, no adapter', () => {
  const api = 'unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API'
  for (const [message, words, command] of [
    [
      `failed to get cpu utilization: ${api}: the server could not find the requested resource (get pods.metrics.k8s.io)`,
      /^This cluster has no metrics-server/,
      /^apply -f https:\/\/github.com\/kubernetes-sigs\/metrics-server\//,
    ],
    [
      `failed to get cpu utilization: ${api}: the server is currently unable to handle the request (get pods.metrics.k8s.io)`,
      /^metrics-server is there, and doesn’t answer: the server is currently unable/,
      /^get apiservice v1beta1.metrics.k8s.io$/,
    ],
    [
      'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
      /^metrics-server has no figures of these pods: 1 of 2 pods is ready/,
      /^top pods$/,
    ],
    [
      'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)',
      /^metrics-server has no figures of these pods: 1 of 2 pods is ready/,
      /^top pods$/,
    ],
    [
      'no pods returned by selector while calculating replica count for cpu',
      /^Deployment web has no pods yet/,
      undefined,
    ],
    [
      'unable to get metric cpu: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
      /^This cluster has nothing that serves custom metrics/,
      /^get apiservice v1beta1.custom.metrics.k8s.io$/,
    ],
    [
      'unable to get external metric default/cpu/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get cpu.external.metrics.k8s.io)',
      /^This cluster has nothing that serves external metrics: .* MemQ server 10-jobs\/memq-apiservice\.yaml\.$/,
      /^get apiservice v1beta1.external.metrics.k8s.io$/,
    ],
    [
      'unable to get external metric default/cpu/nil: no metrics returned from external metrics API',
      /^What serves external metrics knows none of this name and these labels\.$/,
      /^get apiservice v1beta1.external.metrics.k8s.io$/,
    ],
    [
      'unable to get external metric default/cpu/nil: unable to fetch metrics from external metrics API: the server is currently unable to handle the request (get cpu.external.metrics.k8s.io)',
      /^What serves external metrics is registered, and doesn’t answer: the server is currently unable/,
      /^get apiservice v1beta1.external.metrics.k8s.io$/,
    ],
    ['the moon is in the way of cpu', /^The controller says: the moon is in the way of cpu$/, undefined],
  ] as const) {
    const unready = podEntry(pod({ name: 'web-2', state: 'NotReady' }))
    const verdict = said(scaler({}, cannotMeasure(message)), [podEntry(webPod('web-1')), unready])
    assert.equal(verdict.word, 'can’t measure', message)
    assert.match(verdict.words, words)
    assert.match(verdict.commands[0] ?? '', command ?? /^$/)
    assert.equal(verdict.readings[0]?.unknown?.words, verdict.words)
  }
})

test('a metric that is unknown beside one that isn’t takes its reason from the events', () => {
  const spec = {
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
      },
      {
        type: 'Pods',
        pods: {
          metric: { name: 'requests_per_second' },
          target: { type: 'AverageValue', averageValue: '10' },
        },
      },
    ],
  }
  const reported = scaler({ measuredCpu: 20 }, [able, measures, inRange], spec)
  const told = event({
    about: reported,
    reason: 'FailedGetPodsMetric',
    message:
      'unable to get metric requests_per_second: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  })
  const { readings } = said(reported, [], [eventEntry(told)])
  assert.deepEqual(
    readings.map(({ name, measured, wanted }) => [name, measured, wanted]),
    [
      ['cpu', '20 %', '50 %'],
      ['requests_per_second', undefined, '10'],
    ],
  )
  assert.match(readings[1]?.unknown?.words ?? '', /nothing that serves custom metrics/)
})

test('metrics of one name are told apart by the object or the series that they are of', () => {
  const external = (queue: string) => ({
    metric: { name: 'messages', selector: { matchLabels: { queue } } },
  })
  const object = (name: string) => ({ metric: { name: 'hits' }, describedObject: { kind: 'Ingress', name } })
  const target = { type: 'Value', value: '10' }
  const metrics = [
    ...['a', 'b'].map((queue) => ({ type: 'External', external: { ...external(queue), target } })),
    ...['web', 'api'].map((name) => ({ type: 'Object', object: { ...object(name), target } })),
  ]
  const reported = scaler({}, [able, measures], { metrics })
  const currentMetrics = [
    { type: 'External', external: { ...external('b'), current: { value: '2' } } },
    { type: 'Object', object: { ...object('web'), current: { value: '3' } } },
    { type: 'Object', object: { ...object('api'), current: { value: '4' } } },
  ]
  const status = { desiredReplicas: 1, ...reported.status, currentMetrics }
  const { readings } = said({ ...reported, status })
  assert.deepEqual(
    readings.map(({ name, measured }) => [name, measured]),
    [
      ['messages {queue=a}', undefined],
      ['messages {queue=b}', '2'],
      ['hits of Ingress/web', '3'],
      ['hits of Ingress/api', '4'],
    ],
  )
  const figures = autoscalerFigures(autoscalerEntry({ ...reported, status }))
  assert.deepEqual(
    readings.map(({ metric }) => metricValues(metric)(figures).measured),
    [null, 2000, 3000, 4000],
  )
})

test('what an autoscaler is at is told by a word and a reason for each of its conditions', () => {
  const cases = [
    [{}, [], 'new', /has not looked/],
    [
      {},
      [condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "web" not found')],
      'no target',
      /^There is no Deployment web/,
    ],
    [
      {},
      [condition('AbleToScale', 'False', 'FailedUpdateScale', 'quota')],
      'can’t scale',
      /^The controller says: quota$/,
    ],
    [
      {},
      [
        able,
        condition('ScalingActive', 'False', 'ScalingDisabled', 'the replica count of the target is zero'),
      ],
      'switched off',
      /scaled to 0 by hand/,
    ],
    [
      {},
      [
        able,
        condition(
          'ScalingActive',
          'False',
          'AmbiguousSelector',
          'pods by selector app=web are controlled by multiple HPAs: [default/web default/other]',
        ),
      ],
      'too many autoscalers',
      /^The same pods are scaled by other, so neither/,
    ],
    [
      { measuredCpu: 400, replicas: 4, maxReplicas: 4 },
      [able, measures, condition('ScalingLimited', 'True', 'TooManyReplicas')],
      'at its maximum',
      /^The metrics ask for 32 replicas; more than 4 it may not make/,
    ],
    [
      { measuredCpu: 0, replicas: 2, minReplicas: 2 },
      [able, measures, condition('ScalingLimited', 'True', 'TooFewReplicas')],
      'at its minimum',
      /^The metrics ask for none; fewer than 2 it may not leave/,
    ],
    [
      { measuredCpu: 500, replicas: 2, desired: 6 },
      [able, measures, condition('ScalingLimited', 'True', 'ScaleUpLimit')],
      'growing',
      /as fast as its policies allow: 6 next, on its way to 20 replicas/,
    ],
    [
      { measuredCpu: 5, replicas: 4, desired: 4 },
      [condition('AbleToScale', 'True', 'ScaleDownStabilized'), measures, inRange],
      'waiting to shrink',
      /ask for 1 replica now; 4 were asked for within the last 5 min 0 s \(the default\)/,
    ],
    [
      { measuredCpu: 80, replicas: 2, desired: 4 },
      [condition('AbleToScale', 'True', 'SucceededRescale'), measures, inRange],
      'growing',
      /^From 2 to 4 replicas/,
    ],
    [{ measuredCpu: 54, replicas: 3 }, [able, measures, inRange], 'steady', /within 10 % of what is wanted/],
  ] as const
  for (const [traits, conditions, word, words] of cases) {
    const verdict = said(scaler(traits, [...conditions]))
    assert.equal(verdict.word, word)
    assert.match(verdict.words, words)
  }
})

test('how many replicas are asked for is reckoned as the controller does, with the figures of the day', () => {
  for (const [replicas, measuredCpu, formula] of [
    [2, 80, 'ceil(2 × 80 % / 50 %) = 4'],
    [3, 51, 'within 10 % of what is wanted: 3, as it is'],
    [10, 100, 'ceil(10 × 100 % / 50 %) = 20'],
    [1, 0, 'ceil(1 × 0 % / 50 %) = 0'],
  ] as const)
    assert.equal(said(scaler({ replicas, measuredCpu }, [able])).readings[0]?.asks?.formula, formula)
  const metrics = [
    {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
    },
  ]
  const reported = scaler({ replicas: 2 }, [able], { metrics })
  const current = { averageValue: '150Mi' }
  const status = { currentMetrics: [{ type: 'Resource', resource: { name: 'memory', current } }] }
  const { readings } = said({ ...reported, status: { desiredReplicas: 2, ...reported.status, ...status } })
  assert.equal(readings[0]?.asks?.formula, 'ceil(2 × 150 MiB / 100 MiB) = 3')
})

test('a Deployment’s pods are those of its ReplicaSets, and of no other whose name begins alike', () => {
  const other = pod({
    name: 'web-api-1',
    labels: { 'pod-template-hash': 'def' },
    owner: replicaSet({ name: 'web-api-def' }),
  })
  const found = podsByTarget([webPod('web-1'), other, pod({ name: 'alone' })].map(podEntry))
  const names = (target: string) => found.get(target)?.map(({ name }) => name)
  assert.deepEqual(names('Deployment/web'), ['web-1'])
  assert.deepEqual(names('Deployment/web-api'), ['web-api-1'])
  assert.deepEqual(names('ReplicaSet/web-abc'), ['web-1'])
})

test('what is remembered is drawn in steps up to now, and not at all where nothing was known', () => {
  const spans = [
    { value: 1, start: 100_000, end: 110_000 },
    { value: 2, start: 110_000, end: 120_000 },
    { value: 3, start: 150_000 },
  ]
  assert.deepEqual(
    samplesOf(spans, (value) => ({ line: value }), 160_000).map(({ time, values }) => [time, values.line]),
    [
      [100_000, 1],
      [110_000, 2],
      [120_000, undefined],
      [150_000, 3],
      [160_000, 3],
    ],
  )
})

const budget = (
  name: string,
  spec: PodDisruptionBudget['spec'],
  [allowed, healthy, desired, expected]: readonly [number, number, number, number],
): PodDisruptionBudget => ({
  metadata: meta({ name }),
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  status: {
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: [condition('DisruptionAllowed', allowed > 0 ? 'True' : 'False', 'SufficientPods')],
  },
})

test('a disruption budget says how many may go, and when that will never be any', () => {
  for (const [spec, figures, word, why] of [
    [{ minAvailable: 2 }, [1, 3, 2, 3], '1 of 3 may go', /^3 healthy, 2 wanted/],
    [{ minAvailable: 2 }, [0, 2, 2, 3], 'none may go', /a drain waits until more are healthy/],
    // One of three is there so far: of those that are wanted a budget by number knows nothing.
    [
      { minAvailable: 2 },
      [0, 0, 2, 1],
      'none may go',
      /of 1 pod there now: a drain waits until there are more/,
    ],
    [
      { minAvailable: '100%' },
      [0, 2, 2, 2],
      'none may go',
      /however healthy they are, and a drain waits for ev/,
    ],
    [{ maxUnavailable: 0 }, [0, 1, 3, 3], 'none may go', /of 3 pods: it lets none go, however healthy/],
    [{ minAvailable: 2 }, [0, 0, 0, 0], 'covers no pod', /guards nothing/],
  ] as const) {
    const allowance = allowanceOf(budgetEntry(budget('web', spec, figures)))
    assert.equal(allowance.word, word)
    assert.match(allowance.why, why)
  }
  const { status: _status, ...unseen } = budget('new', { minAvailable: 2 }, [0, 0, 0, 0])
  assert.equal(allowanceOf(budgetEntry(unseen)).word, 'not counted yet')
  assert.equal(ruleOf(budgetEntry(budget('a', { minAvailable: '50%' }, [0, 0, 0, 0]))), 'at least 50% stay')
  assert.equal(ruleOf(budgetEntry(budget('a', { maxUnavailable: 1 }, [0, 0, 0, 0]))), 'at most 1 may be gone')
})

const quota: ResourceQuota = {
  metadata: meta({ name: 'small' }),
  status: {
    hard: { pods: '4', 'requests.cpu': '100m', 'limits.memory': '1Gi', 'count/secrets': '0', services: '9' },
    used: { pods: '4', 'requests.cpu': '90m', 'limits.memory': '256Mi', 'count/secrets': '2' },
  },
}

test('a quota says of each resource what is left, that little is, or that it is full', () => {
  assert.deepEqual(
    quotaRows([quotaEntry(quota)]).map(({ resource, used, hard, word, state }) => [
      ...[resource, used, hard],
      ...[word, state],
    ]),
    [
      ['count/secrets', '2', '0', 'over by 2: nothing more is taken', 'bad'],
      ['limits.memory', '256 MiB', '1.0 GiB', '768 MiB left', 'good'],
      ['pods', '4', '4', 'full', 'bad'],
      ['requests.cpu', '90m', '100m', 'nearly full: 10m left', 'caution'],
      ['services', '', '9', 'not counted yet', 'idle'],
    ],
  )
})

const refusal = (name: string, secondsAgo: number) =>
  event({
    about: replicaSet({ name }),
    reason: 'FailedCreate',
    type: 'Warning',
    message: `Error creating: pods "${name}-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4`,
    secondsAgo,
  })

test('what a quota refused is found among the events, the newest first', () => {
  const events = [
    refusal('old', 60),
    refusal('new', 2),
    event({ about: quota, reason: 'X', message: 'quota' }),
  ]
  assert.deepEqual(
    refusals(events.map(eventEntry)).map(({ object }) => object.name),
    ['new', 'old'],
  )
  // Fractions of a second sort after none, as text before.
  const at = (name: string, lastTimestamp: string) => ({ ...eventEntry(refusal(name, 0)), lastTimestamp })
  const within = [at('old', '2026-11-30T03:00:00Z'), at('new', '2026-11-30T03:00:00.500000Z')]
  assert.deepEqual(
    refusals(within).map(({ object }) => object.name),
    ['new', 'old'],
  )
})

const range: LimitRange = {
  metadata: meta({ name: 'defaults' }),
  spec: {
    limits: [
      {
        type: 'Container',
        default: { memory: '64Mi' },
        defaultRequest: { cpu: '5m' },
        max: { memory: '1Gi' },
      },
    ],
  },
}

test('a range of limits is a row for each resource', () => {
  const common = { range: 'defaults', type: 'Container', min: '' }
  assert.deepEqual(rangeRows([limitRangeEntry(range)]), [
    { ...common, resource: 'memory', max: '1.0 GiB', defaultRequest: '', limit: '64.0 MiB' },
    { ...common, resource: 'cpu', max: '', defaultRequest: '5m', limit: '' },
  ])
})

test('a pod counts with its containers and sidecars together, or with an init container that asks for more; one that is over doesn’t', () => {
  const container = (name: string, cpu: string) => ({
    name,
    image: 'x',
    resources: { requests: { cpu } },
  })
  const made = pod({
    name: 'several',
    spec: {
      initContainers: [
        { ...container('proxy', '100m'), restartPolicy: 'Always' },
        container('migrate', '500m'),
      ],
      containers: [container('main', '200m'), container('log', '50m')],
    },
  })
  const entry = podEntry(made)
  assert.equal(podAmount(entry, 'requests', 'cpu'), 0.6)
  const over = podEntry(pod({ name: 'done', state: 'Completed', spec: made.spec ?? {} }))
  assert.equal(sumOf([entry, over], 'requests', 'cpu'), 0.6)
  assert.deepEqual(
    containerRows([entry, over]).map(({ container: { name } }) => name),
    ['proxy', 'migrate', 'main', 'log'],
  )
})

/** A pod whose page shows the view. */
async function openView(context: TestContext, api: TestApiServer): Promise<Page> {
  const { kuard } = await startPodIn(context, api)
  return openPage(context, kuard, '/-/cluster/scaling')
}

/** The part of the view below a heading. */
const section = (page: Page, heading: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: heading }) })

test('/-/cluster/scaling: an autoscaler that grows is seen to, in words, in its formula and in its plots', async (context) => {
  const api = await startApiServer(context)
  const grown = (replicas: number, measuredCpu: number, desired = replicas) => ({
    ...scaler({ replicas, measuredCpu, desired }, [able, measures, inRange]),
    metadata: { ...meta({ name: 'web' }), uid: 'web-uid' },
  })
  api.put('horizontalpodautoscalers', grown(2, 48))
  for (const name of ['web-1', 'web-2']) api.put('pods', webPod(name, { cpu: '100m' }))
  const page = await openView(context, api)
  const autoscalers = section(page, 'Autoscalers')
  await autoscalers.getByText('steady').waitFor()
  await autoscalers.getByText('within 10 % of what is wanted: 2, as it is').waitFor()

  api.put('horizontalpodautoscalers', grown(2, 80, 4))
  await autoscalers.getByText('growing').waitFor()
  await autoscalers.getByText('desired = ceil(2 × 80 % / 50 %) = 4').waitFor()
  await page.getByRole('img', { name: /^Plot of cpu of web .*wanted 50 %.*measured 80 %/ }).waitFor()
  await page.getByRole('img', { name: /^Plot of replicas of web .*replicas 2, wanted 4/ }).waitFor()

  // What was so before is kept while another view is on show.
  await page.getByRole('link', { name: 'Storage' }).click()
  api.put('horizontalpodautoscalers', grown(4, 40))
  await page.getByRole('link', { name: 'Scaling and limits' }).click()
  const plot = page.getByRole('img', { name: /^Plot of replicas of web .*replicas 4, wanted 4/ })
  await plot.press('Home')
  await page
    .getByRole('status')
    .getByText(/replicas 2, wanted 2/)
    .waitFor()
})

test('/-/cluster/scaling: <unknown> is explained with the command that mends it, in this namespace', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', webPod('web-abc-1'))
  const message = 'failed to get cpu utilization: missing request for cpu in container main of Pod web-abc-1'
  api.put('horizontalpodautoscalers', scaler({}, cannotMeasure(message)))
  const page = await openView(context, api)
  await page.getByText('Container main of pod web-abc-1 requests no cpu').waitFor()
  await page
    .getByText('kubectl -n default set resources deployment web --containers=main --requests=cpu=50m')
    .waitFor()
  await page.getByRole('cell', { name: '<unknown>' }).waitFor()

  // Two metrics may be the same in all that tells them apart.
  const twice = { metric: { name: 'messages' }, target: { type: 'Value', value: '10' } }
  const metrics = [twice, twice].map((external) => ({ type: 'External', external }))
  api.put('horizontalpodautoscalers', scaler({ name: 'queue' }, [able], { metrics }))
  const rows = page.getByRole('table', { name: 'Metrics of queue' }).getByRole('row')
  await eventually('both to be there', async () => (await rows.count()) === 3)
})

test('/-/cluster/scaling: budgets with the pods that they cover, quotas with what they refused, ranges and requests, all axe-clean at each width', async (context) => {
  const api = await startApiServer(context)
  api.put('horizontalpodautoscalers', scaler({ measuredCpu: 80 }, [able, measures, inRange]))
  for (const name of ['web-1', 'web-2']) api.put('pods', webPod(name, { cpu: '100m', memory: '64Mi' }))
  api.put('pods', pod({ name: 'other' }))
  api.put('poddisruptionbudgets', budget('web', { minAvailable: 2 }, [0, 2, 2, 2]))
  api.put('resourcequotas', quota)
  api.put('limitranges', range)
  api.put('events', refusal('web-abc', 3))
  const page = await openView(context, api)
  const budgets = section(page, 'Disruption budgets')
  await budgets.getByText('none may go').waitFor()
  const covered = budgets.getByRole('img', { name: /^web-\d: Ready/ })
  await eventually('both pods', async () => (await covered.count()) === 2)
  await section(page, 'Quotas').getByRole('cell', { name: 'nearly full: 10m left' }).waitFor()
  await section(page, 'Quotas')
    .getByText(/exceeded quota: small/)
    .waitFor()
  await section(page, 'Ranges of limits').getByRole('cell', { name: '64.0 MiB' }).waitFor()
  const requests = section(page, 'Requests and limits')
  await requests.getByText('Together the pods request 200m of CPU and 128 MiB').waitFor()
  await requests.getByText('1 of 3 containers requests no CPU').waitFor()
  await page.getByRole('img', { name: /^Plot of cpu/ }).waitFor()
  for (const width of [1920, 910, 900, 360]) {
    await page.setViewportSize({ width, height: 900 })
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(wide <= width, `${wide} px wide in ${width}`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await accessibilityViolations(page), [], `${colorScheme}, ${width} px wide`)
    }
  }
})

test('/-/cluster/scaling: where there is nothing, the page says how to make it, and what may not be read is left out', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'kuard' }))
  api.forbid('resourcequotas')
  const page = await openView(context, api)
  await section(page, 'Autoscalers')
    .getByText('kubectl -n default autoscale deployment kuard --cpu-percent=50 --min=1 --max=4')
    .waitFor()
  await section(page, 'Disruption budgets').getByText('kubectl -n default create pdb kuard').waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Quotas' }).count(), 0)
})

test('/-/cluster/scaling: 200 autoscalers are lines that keys open, found by name; names as long as there can be fit', async (context) => {
  const api = await startApiServer(context)
  const long = `z${'long-name.'.repeat(25)}z`
  for (let number = 0; number < 200; number += 1) {
    const name = number === 199 ? long : `web-${String(number)}`
    api.put('horizontalpodautoscalers', scaler({ name, target: name, measuredCpu: 80 }, [able, measures]))
    api.put('poddisruptionbudgets', budget(name, { minAvailable: 1 }, [1, 2, 1, 2]))
  }
  const page = await openView(context, api)
  const autoscalers = section(page, 'Autoscalers')
  await autoscalers.getByText('200 autoscalers').waitFor()
  await page.setViewportSize({ width: 360, height: 900 })
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
  await autoscalers.getByLabel('Filter').fill(long)
  const line = autoscalers.locator('summary')
  await eventually('one to be left', async () => (await line.count()) === 1)
  await line.press('Enter')
  await line.press('Enter')
  await page.getByRole('img', { name: /^Plot of replicas of z/ }).waitFor()
})
