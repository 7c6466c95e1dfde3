/** What the Owners view reckons with the objects that it is told of, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  CronJob,
  DaemonSet,
  Job,
  Node,
  OwnerReference,
  Pod,
  ReplicaSet,
  StatefulSet,
} from '../../server/features/cluster/wire.ts'
import { countsOf } from '../../ui/src/tabs/cluster/owners/counts.ts'
import { cellsOf, indexesOf, spansOf, spanWords } from '../../ui/src/tabs/cluster/owners/indexes.ts'
import { jobState, patternWords } from '../../ui/src/tabs/cluster/owners/job-words.ts'
import { movesBetween, moveWords, together, type Known } from '../../ui/src/tabs/cluster/owners/moves.ts'
import { boundaryOf, ordinalsOf } from '../../ui/src/tabs/cluster/owners/ordinals.ts'
import { placementsOf, whyNot } from '../../ui/src/tabs/cluster/owners/placement.ts'
import { dueTimeOf, missedWords, nextRunOf } from '../../ui/src/tabs/cluster/owners/schedule.ts'
import { podsInWords } from '../../ui/src/tabs/cluster/owners/summary.ts'
import { matches, treeOf, type Branch, type Owner } from '../../ui/src/tabs/cluster/owners/tree.ts'

const owned = (kind: string, name: string): { ownerReferences: OwnerReference[] } => ({
  ownerReferences: [{ kind, name, uid: `${kind}/${name}`, controller: true }],
})

const podOf = (name: string, more: Partial<Pod> = {}): Pod => ({
  name,
  uid: `Pod/${name}`,
  phase: 'Running',
  status: 'Running',
  ready: true,
  containers: [],
  ...more,
})

const replicaSet = (
  name: string,
  more: Partial<ReplicaSet> = {},
): Owner & { readonly kind: 'ReplicaSet' } => ({
  kind: 'ReplicaSet',
  object: {
    name,
    uid: `ReplicaSet/${name}`,
    images: [],
    ...{ desired: 1, current: 1, ready: 1, available: 1 },
    ...more,
  },
})

const deployment = (name: string): Owner => ({
  kind: 'Deployment',
  object: {
    name,
    uid: `Deployment/${name}`,
    images: [],
    ...{ desired: 1, current: 1, updated: 1, ready: 1, available: 1, unavailable: 0, minReadySeconds: 0 },
    ...{ paused: false, strategy: 'RollingUpdate', isObserved: true },
  },
})

const jobOf = (more: Partial<Job>): Job => ({
  name: 'work',
  uid: 'Job/work',
  images: [],
  parallelism: 1,
  completionMode: 'NonIndexed',
  suspend: false,
  ...{ active: 0, ready: 0, succeeded: 0, failed: 0 },
  ...more,
})

/** A branch as lines, each below its owner. */
const outline = ({ kind, name, owner, branches, pods }: Branch, indent = ''): string[] => [
  `${indent}${kind} ${name}${owner ? '' : ' unseen'}`,
  ...branches.flatMap((below) => outline(below, `${indent}  `)),
  ...pods.map((pod) => `${indent}  ${pod.name}`),
]

test('a tree has each owner below its own, the newest revision first, and apart those pods that nobody owns', () => {
  const { roots, bare } = treeOf(
    [
      replicaSet('web-a', { revision: 9, ...owned('Deployment', 'web') }),
      replicaSet('web-b', { revision: 10, ...owned('Deployment', 'web') }),
      replicaSet('alone'),
      deployment('web'),
      deployment('api'),
    ],
    [
      podOf('web-a-1', owned('ReplicaSet', 'web-a')),
      podOf('web-b-1', owned('ReplicaSet', 'web-b')),
      podOf('bare'),
    ],
  )
  assert.deepEqual(
    roots.flatMap((root) => outline(root)),
    [
      'Deployment api',
      'Deployment web',
      '  ReplicaSet web-b',
      '    web-b-1',
      '  ReplicaSet web-a',
      '    web-a-1',
      'ReplicaSet alone',
    ],
  )
  assert.deepEqual(bare, [podOf('bare')])
})

test('an owner that can’t be seen is known by what it owns', () => {
  const { roots } = treeOf(
    [replicaSet('web-a', owned('Deployment', 'web'))],
    [podOf('db-0', owned('StatefulSet', 'db')), podOf('other-1', owned('Rollout', 'other'))],
  )
  assert.deepEqual(
    roots.flatMap((root) => outline(root)),
    [
      'Deployment web unseen',
      '  ReplicaSet web-a',
      'StatefulSet db unseen',
      '  db-0',
      'Rollout other unseen',
      '  other-1',
    ],
  )
})

test('an owner that is none of the controllers leaves a pod without one', () => {
  const reference = { kind: 'ReplicaSet', name: 'web', uid: 'ReplicaSet/web', controller: false }
  const { roots, bare } = treeOf([replicaSet('web')], [podOf('web-1', { ownerReferences: [reference] })])
  assert.equal(bare.length, 1)
  assert.deepEqual(roots[0]?.pods, [])
})

test('a filter finds an owner by its own name and by that of anything below it', () => {
  const { roots } = treeOf(
    [deployment('web'), replicaSet('web-a', owned('Deployment', 'web')), deployment('api')],
    [podOf('odd-name', owned('ReplicaSet', 'web-a'))],
  )
  const found = (wanted: string) => roots.filter((root) => matches(root, wanted)).map(({ name }) => name)
  assert.deepEqual(found('odd'), ['web'])
  assert.deepEqual(found('web-a'), ['web'])
  assert.deepEqual(found('a'), ['api', 'web'])
})

test('many pods in a line are counted by their states, the most frequent first', () => {
  const failing = podOf('c', { status: 'CrashLoopBackOff', ready: false })
  assert.equal(podsInWords([failing, podOf('a'), podOf('b')]), '3 pods: 2 Ready, 1 CrashLoopBackOff')
  assert.equal(podsInWords([]), 'no pods')
})

const at = 1_000

/** Of ReplicaSets all that there are, unless they can't be read. */
const knowing = (owners: readonly Owner[], kinds: readonly string[] = ['ReplicaSet']): Known => ({
  owners: new Map(owners.map((owner) => [owner.object.uid, owner])),
  kinds: new Set(kinds),
})
const moved = (
  before: Partial<Pod>,
  after: Partial<Pod>,
  owners: readonly Owner[],
  kinds?: readonly string[],
) => {
  const known = knowing(owners, kinds)
  const [move, ...others] = movesBetween('Pod', [podOf('web-1', before)], [podOf('web-1', after)], known, at)
  assert.deepEqual(others, [])
  return move
}
const wordsOf = (move: ReturnType<typeof moved>, owners: readonly Owner[]): string | undefined =>
  move &&
  moveWords({ ...move, names: [move.name] }, new Map(owners.map((owner) => [owner.object.uid, owner])))

test('a pod whose labels no longer match has left its ReplicaSet for that, whatever becomes of it later', () => {
  const set = replicaSet('web', { selector: 'app=web' })
  const before = { labels: { app: 'web' }, ...owned('ReplicaSet', 'web') }
  const quarantined = moved(before, { labels: { debug: 'true' } }, [set])
  const words = 'left ReplicaSet web: its labels no longer match app=web'
  assert.equal(wordsOf(quarantined, [set]), words)
  assert.equal(wordsOf(quarantined, []), words)
})

test('a pod that an owner leaves behind says that it was deleted, if that was so then and can be seen', () => {
  const set = replicaSet('web', { selector: 'app=web' })
  const labels = { app: 'web' }
  const before = { labels, ...owned('ReplicaSet', 'web') }
  const going = replicaSet('web', { deletionTimestamp: '2026-11-25T12:00:00Z' })
  const words = 'left ReplicaSet web, which was deleted with --cascade=orphan'
  assert.equal(wordsOf(moved(before, { labels }, [going]), []), words)
  assert.equal(wordsOf(moved(before, { labels }, []), []), words)
  const taken = moved(before, { labels }, [set])
  for (const owners of [[set], [going], []])
    assert.equal(wordsOf(taken, owners), 'left ReplicaSet web: its owner reference was taken away')
  const quarantined = moved(before, { labels: {} }, [], [])
  assert.equal(wordsOf(quarantined, []), 'left ReplicaSet web')
})

test('a pod that is adopted says by whom, and by which selector', () => {
  const set = replicaSet('web', { selector: 'app=web' })
  const labels = { app: 'web' }
  const adopted = moved({ labels }, { labels, ...owned('ReplicaSet', 'web') }, [set])
  assert.equal(wordsOf(adopted, [set]), 'was adopted by ReplicaSet web: its labels match app=web')
  const other = moved({ labels, ...owned('ReplicaSet', 'old') }, { labels, ...owned('ReplicaSet', 'web') }, [
    set,
  ])
  assert.equal(wordsOf(other, [set]), 'went from ReplicaSet old to ReplicaSet web: its labels match app=web')
})

test('what moves alike and at once is told in one line', () => {
  const owner = { kind: 'ReplicaSet', name: 'web', uid: 'ReplicaSet/web', controller: true }
  const leaves = (name: string, time: number) =>
    ({ time, kind: 'Pod', name, uid: name, from: owner, letGoBy: 'deleted' }) as const
  const adopted = { time: 300, kind: 'Pod', name: 'c', uid: 'c', to: owner }
  const groups = together([leaves('a', 0), leaves('b', 200), adopted, leaves('d', 5_000)])
  assert.deepEqual(
    groups.map((group) => [group.names.join(), moveWords(group, new Map())]),
    [
      ['a,b', 'left ReplicaSet web, which was deleted with --cascade=orphan'],
      ['c', 'was adopted by ReplicaSet web'],
      ['d', 'left ReplicaSet web, which was deleted with --cascade=orphan'],
    ],
  )
})

test('what comes, what goes, and what is made anew under its old name has not changed its owner', () => {
  const one = podOf('web-1', owned('ReplicaSet', 'web'))
  const owners = knowing([])
  assert.deepEqual(movesBetween('Pod', [], [one], owners, at), [])
  assert.deepEqual(movesBetween('Pod', [one], [], owners, at), [])
  assert.deepEqual(movesBetween('Pod', [one], [{ ...podOf('web-1'), uid: 'another' }], owners, at), [])
  assert.deepEqual(movesBetween('Pod', [one], [{ ...one, labels: {} }], owners, at), [])
})

test('sets of indexes are read as Kubernetes writes them', () => {
  assert.deepEqual(spansOf('0,2-4,10-12'), [
    [0, 0],
    [2, 4],
    [10, 12],
  ])
  assert.deepEqual(spansOf(undefined), [])
  assert.equal(spanWords(spansOf('0,2-4')), '0, 2–4')
  assert.equal(spanWords([]), 'none')
})

const indexLabel = 'batch.kubernetes.io/job-completion-index'

test('each index is complete, failed, active by its pod, or waiting', () => {
  const job = jobOf({
    completionMode: 'Indexed',
    completions: 10,
    completedIndexes: '0-2,5',
    failedIndexes: '3',
  })
  const at = (index: number, phase: string) =>
    podOf(`work-${index}`, { phase, labels: { [indexLabel]: String(index) } })
  const indexes = indexesOf(job, [at(4, 'Running'), at(6, 'Pending'), at(5, 'Running'), at(3, 'Failed')])
  const words = (['complete', 'failed', 'active', 'waiting'] as const).map((state) =>
    spanWords(indexes[state]),
  )
  assert.deepEqual(words, ['0–2, 5', '3', '4, 6', '7–9'])
  const cells = cellsOf(indexes, 10, 400).map(({ state }) => state[0])
  assert.equal(cells.join(''), 'cccfacawww')
})

test('a grid of too many indexes has several in a cell, which shows the worst of them', () => {
  const job = jobOf({
    completionMode: 'Indexed',
    completions: 100_000,
    completedIndexes: '0-499',
    failedIndexes: '501',
  })
  const cells = cellsOf(indexesOf(job, []), 100_000, 400)
  assert.equal(cells.length, 400)
  assert.deepEqual(
    cells.slice(0, 4).map(({ state }) => state),
    ['complete', 'complete', 'failed', 'waiting'],
  )
  assert.deepEqual(cells[2], {
    span: [500, 749],
    state: 'failed',
    counts: { waiting: 249, active: 0, complete: 0, failed: 1 },
  })
})

test('a Job says of which pattern it is', () => {
  assert.equal(patternWords(jobOf({ completions: 1 })), 'one-shot: one pod, until it succeeds')
  assert.equal(
    patternWords(jobOf({ completions: 10, parallelism: 5 })),
    'parallel: until 10 succeed, 5 at a time',
  )
  assert.equal(
    patternWords(jobOf({ parallelism: 3 })),
    'work queue: 3 pods, until one succeeds and all have ended',
  )
  assert.equal(
    patternWords(jobOf({ completionMode: 'Indexed', completions: 4, parallelism: 2 })),
    'Indexed: each of 4 indexes, 2 at a time',
  )
})

test('a Job says how it goes, and why it failed in its controller’s words', () => {
  const [startTime, completionTime] = ['2026-11-25T12:00:00Z', '2026-11-25T12:01:05Z']
  const complete = { type: 'Complete', status: 'True', reason: 'CompletionsReached', message: 'Reached' }
  assert.deepEqual(jobState(jobOf({ conditions: [complete], startTime, completionTime })), {
    word: 'complete after 1 min 5 s',
    isBad: false,
  })
  const failed = {
    type: 'Failed',
    status: 'True',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached it',
  }
  assert.deepEqual(jobState(jobOf({ conditions: [{ ...failed, type: 'FailureTarget' }, failed] })), {
    word: 'failed',
    isBad: true,
    why: 'BackoffLimitExceeded: Job has reached it',
  })
  assert.equal(jobState(jobOf({ active: 1 })).word, 'running')
  assert.equal(jobState(jobOf({ succeeded: 3, completions: 5 })).word, 'running')
  assert.equal(jobState(jobOf({})).word, 'to be started')
  assert.equal(jobState(jobOf({ failed: 1 })).word, 'waits to try again')
  assert.equal(jobState(jobOf({ suspend: true })).word, 'suspended')
})

const cronJob = (schedule: string, more: Partial<CronJob> = {}): CronJob => ({
  name: 'tick',
  uid: 'CronJob/tick',
  creationTimestamp: '2026-03-01T00:00:00Z',
  images: [],
  schedule,
  suspend: false,
  concurrencyPolicy: 'Allow',
  active: [],
  ...more,
})

/** The next runs after a time, in RFC 3339. */
function runs(job: CronJob, after: string, count = 1): string[] {
  const next = nextRunOf(job)
  assert.ok(next)
  const times: string[] = []
  let time = Date.parse(after)
  while (times.length < count) {
    time = next(time) ?? NaN
    if (Number.isNaN(time)) break
    times.push(new Date(time).toISOString().slice(0, 16))
  }
  return times
}

test('the next run is by the schedule, in its time zone, in UTC without one', () => {
  const after = '2026-01-01T12:00:30Z'
  assert.deepEqual(runs(cronJob('* * * * *'), after), ['2026-01-01T12:01'])
  assert.deepEqual(runs(cronJob('30 9 * * 1-5'), after), ['2026-01-02T09:30'])
  assert.deepEqual(runs(cronJob('30 9 * * 1-5', { timeZone: 'America/New_York' }), after), [
    '2026-01-01T14:30',
  ])
  assert.deepEqual(runs(cronJob('@hourly'), after), ['2026-01-01T13:00'])
  assert.deepEqual(runs(cronJob('5/20 * * * *'), after, 4), [
    '2026-01-01T12:05',
    '2026-01-01T12:25',
    '2026-01-01T12:45',
    '2026-01-01T13:05',
  ])
})

test('where both the day of the month and that of the week are restricted, either will do', () => {
  assert.deepEqual(runs(cronJob('0 0 13 * 5'), '2026-02-14T00:00:00Z', 3), [
    '2026-02-20T00:00',
    '2026-02-27T00:00',
    '2026-03-06T00:00',
  ])
  assert.deepEqual(runs(cronJob('0 0 ? * 1'), '2026-02-14T00:00:00Z', 2), [
    '2026-02-16T00:00',
    '2026-02-23T00:00',
  ])
})

test('an hour that the clock leaves out has no run', () => {
  const job = cronJob('30 2 * * *', { timeZone: 'Europe/Zurich' })
  assert.deepEqual(runs(job, '2026-03-27T12:00:00Z', 2), ['2026-03-28T01:30', '2026-03-30T00:30'])
})

test('an interval counts from the making of the CronJob', () => {
  assert.deepEqual(runs(cronJob('@every 1h30m'), '2026-03-01T01:00:00Z', 2), [
    '2026-03-01T01:30',
    '2026-03-01T03:00',
  ])
  assert.deepEqual(runs(cronJob('@every 1.5h'), '2026-03-01T01:00:00Z'), ['2026-03-01T01:30'])
  const [after, soon] = [Date.parse('2026-03-01T01:00:00Z'), nextRunOf(cronJob('@every 500ms'))]
  assert.equal(soon?.(after), after + 1000, 'not more often than each second')
  assert.equal(nextRunOf(cronJob('@every day')), undefined)
})

test('a schedule without any day has no next run, and one that can’t be read is none', () => {
  assert.deepEqual(runs(cronJob('0 0 30 2 *'), '2026-01-01T00:00:00Z'), [])
  assert.equal(nextRunOf(cronJob('every now and then')), undefined)
  assert.equal(nextRunOf(cronJob('* * * * *', { timeZone: 'Mars/Olympus' })), undefined)
})

const missed = (job: Partial<CronJob>, now: string): string | undefined => {
  const whole = cronJob('* * * * *', { lastScheduleTime: '2026-03-01T12:00:00Z', ...job })
  const next = nextRunOf(whole)
  return next && missedWords(whole, next, Date.parse(now))
}

test('a run that was due and has not been started says what becomes of it', () => {
  assert.equal(missed({}, '2026-03-01T12:00:59Z'), undefined)
  assert.equal(missed({}, '2026-03-01T12:01:05Z'), undefined)
  assert.match(missed({}, '2026-03-01T12:01:30Z') ?? '', /^The run of \d\d:01:00 has not been started yet$/)
  assert.match(
    missed({ startingDeadlineSeconds: 20 }, '2026-03-01T12:01:30Z') ?? '',
    /^The run of \d\d:01:00 is skipped: later than 20 s$/,
  )
  assert.match(
    missed({ concurrencyPolicy: 'Forbid', active: ['tick-1'] }, '2026-03-01T12:03:02Z') ?? '',
    /^The run of \d\d:03:00 waits for tick-1 to end; 2 runs before it skipped$/,
  )
})

test('of more missed runs than are counted none is named', () => {
  const now = '2026-03-02T12:00:00Z'
  assert.equal(missed({}, now), 'More than 100 runs have not been started')
  assert.equal(missed({ startingDeadlineSeconds: 20 }, now), 'More than 100 runs have not been started')
  assert.equal(
    missed({ concurrencyPolicy: 'Forbid', active: ['tick-1'] }, now),
    'More than 100 runs passed while tick-1 is active',
  )
})

test('what passes while a CronJob is suspended is counted, as far as its controller counts', () => {
  assert.equal(
    missed({ suspend: true }, '2026-03-01T12:02:01Z'),
    '2 runs passed while it is suspended: the latest starts as soon as it is resumed',
  )
  assert.equal(
    missed({ suspend: true, startingDeadlineSeconds: 10 }, '2026-03-01T12:01:30Z'),
    '1 run passed while it is suspended: too late to be started',
  )
  assert.equal(
    missed({ suspend: true }, '2026-03-02T12:00:00Z'),
    'More than 100 runs passed while it is suspended',
  )
})

test('a Job’s name says when its run was due, unless somebody made it by hand', () => {
  assert.equal(dueTimeOf('tick-29539440', 'tick'), Date.parse('2026-03-01T12:00:00Z'))
  assert.equal(dueTimeOf('by-hand', 'tick'), undefined)
  assert.equal(dueTimeOf('tick-now', 'tick'), undefined)
})

const statefulSet = (more: Partial<StatefulSet> = {}): StatefulSet => ({
  name: 'db',
  uid: 'StatefulSet/db',
  images: [],
  ...{ desired: 3, current: 3, updated: 1, ready: 3, available: 3 },
  ...{ podManagementPolicy: 'OrderedReady', firstOrdinal: 0, partition: 0, updateStrategy: 'RollingUpdate' },
  ...{ currentRevision: 'db-old', updateRevision: 'db-new' },
  ...more,
})
const revision = (hash: string) => ({ labels: { 'controller-revision-hash': hash } })

test('ordinals come one after the other, in the order of numbers, each with its pod’s revision', () => {
  const pods = [
    podOf('db-0', revision('db-old')),
    podOf('db-10', revision('db-new')),
    podOf('db-2', revision('db-new')),
  ]
  const ordinals = ordinalsOf(statefulSet(), pods)
  assert.deepEqual(
    ordinals.map(({ ordinal, name, revision, isNewest, isWanted }) => [
      ordinal,
      name,
      revision,
      isNewest,
      isWanted,
    ]),
    [
      [0, 'db-0', 'old', false, true],
      [1, 'db-1', undefined, undefined, true],
      [2, 'db-2', 'new', true, true],
      [10, 'db-10', 'new', true, false],
    ],
  )
  const [first] = ordinalsOf(statefulSet({ firstOrdinal: 5 }), [])
  assert.equal(first?.name, 'db-5')
})

test('what a partition holds back is not missed among the updated', () => {
  const short = (partition: number) =>
    countsOf({ kind: 'StatefulSet', object: statefulSet({ updated: 1, ready: 2, partition }) })
      .filter(({ isShort }) => isShort)
      .map(({ word }) => word)
  assert.deepEqual(short(2), ['ready'])
  assert.deepEqual(short(1), ['ready', 'updated'])
})

test('a partition is counted from where the ordinals start', () => {
  assert.equal(boundaryOf(statefulSet({ partition: 2 })), 2)
  assert.equal(boundaryOf(statefulSet({ partition: 2, firstOrdinal: 5 })), 7)
  assert.equal(boundaryOf(statefulSet({ firstOrdinal: 5 })), undefined)
})

const daemonSet = (more: Partial<DaemonSet> = {}): DaemonSet => ({
  name: 'agent',
  uid: 'DaemonSet/agent',
  images: [],
  ...{ desired: 1, current: 1, updated: 1, ready: 1, available: 1, misscheduled: 0 },
  updateStrategy: 'RollingUpdate',
  ...more,
})
const nodeOf = (name: string, more: Partial<Node> = {}): Node => ({
  name,
  uid: `Node/${name}`,
  ready: true,
  unschedulable: false,
  ...{ taints: [], roles: [], addresses: [], allocatable: {} },
  ...more,
})

test('a node has no pod of a DaemonSet for its labels, its taints, or because it is still to be made', () => {
  const ssd = daemonSet({ nodeSelector: { disk: 'ssd' } })
  assert.equal(whyNot(ssd, nodeOf('a')), 'its labels lack disk=ssd')
  assert.equal(whyNot(ssd, nodeOf('a', { labels: { disk: 'ssd' } })), undefined)
  const affine = daemonSet({ nodeAffinity: ['disk in (ssd)', 'metadata.name in (b)', 'cores>8'] })
  assert.equal(
    whyNot(affine, nodeOf('a')),
    'the node affinity wants disk in (ssd), or metadata.name in (b), or cores>8',
  )
  assert.equal(whyNot(affine, nodeOf('b')), undefined)
  assert.equal(whyNot(affine, nodeOf('c', { labels: { cores: '16' } })), undefined)
  assert.deepEqual(placementsOf(daemonSet(), [], [nodeOf('a')]), [
    { node: 'a', pods: [], why: 'should run it: its pod is still to be made' },
  ])
})

test('taints keep a DaemonSet’s pods away unless they are tolerated, as some always are', () => {
  const tainted = (taint: string) => nodeOf('a', { taints: [taint] })
  const control = tainted('node-role.kubernetes.io/control-plane:NoSchedule')
  assert.equal(
    whyNot(daemonSet(), control),
    'its taint node-role.kubernetes.io/control-plane:NoSchedule is not tolerated',
  )
  assert.equal(whyNot(daemonSet({ tolerations: [{ operator: 'Exists' }] }), control), undefined)
  assert.equal(whyNot(daemonSet(), tainted('node.kubernetes.io/unschedulable:NoSchedule')), undefined)
  assert.equal(whyNot(daemonSet(), tainted('slow:PreferNoSchedule')), undefined)
  const gpu = daemonSet({
    tolerations: [{ key: 'gpu', operator: 'Equal', value: 'yes', effect: 'NoSchedule' }],
  })
  assert.equal(whyNot(gpu, tainted('gpu=yes:NoSchedule')), undefined)
  assert.equal(whyNot(gpu, tainted('gpu=yes:NoExecute')), 'its taint gpu=yes:NoExecute is not tolerated')
  assert.equal(whyNot(gpu, tainted('gpu=no:NoSchedule')), 'its taint gpu=no:NoSchedule is not tolerated')
})

test('a DaemonSet’s pods are shown where they are, on nodes that can’t be seen and on none too', () => {
  const pods = [podOf('agent-1', { node: 'a' }), podOf('agent-2', { node: 'hidden' }), podOf('agent-3')]
  const set = daemonSet({ nodeSelector: { disk: 'ssd' } })
  assert.deepEqual(placementsOf(set, pods, [nodeOf('a')]), [
    { node: 'a', pods: [pods[0]], why: 'should not run it any more: its labels lack disk=ssd' },
    { node: 'hidden', pods: [pods[1]] },
    { pods: [pods[2]], why: 'on no node yet' },
  ])
})
