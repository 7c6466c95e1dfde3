/** What the Rollout view makes of a Deployment in words and numbers, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Condition, Deployment } from '../../server/features/cluster/wire.ts'
import { boundsOf } from '../../ui/src/tabs/cluster/rollout/bounds.ts'
import { momentsOf, revisionsOf } from '../../ui/src/tabs/cluster/rollout/moments.ts'
import { deadlineOf, rolloutStatus } from '../../ui/src/tabs/cluster/rollout/words.ts'

const now = Date.parse('2026-11-25T12:00:00Z')

const progressing = (reason: string, differs: Partial<Condition> = {}): Condition => ({
  type: 'Progressing',
  status: 'True',
  reason,
  lastUpdateTime: '2026-11-25T12:00:00Z',
  lastTransitionTime: '2026-11-25T11:00:00Z',
  ...differs,
})

const deployment = (differs: Partial<Deployment> = {}): Deployment => ({
  ...{ name: 'kuard', uid: 'u', images: ['kuard:blue'] },
  ...{ desired: 3, current: 3, updated: 3, ready: 3, available: 3, unavailable: 0 },
  ...{ paused: false, isObserved: true, minReadySeconds: 0, progressDeadlineSeconds: 600 },
  ...{ strategy: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%' },
  conditions: [progressing('NewReplicaSetAvailable')],
  ...differs,
})

test('a rollout is told by the conditions and in the words of kubectl rollout status', () => {
  const waiting = (words: string) => `Waiting for deployment "kuard" rollout to finish: ${words}...`
  const table: [Partial<Deployment>, string, string][] = [
    [{}, 'complete', 'deployment "kuard" successfully rolled out'],
    [
      { desired: 0, current: 0, updated: 0, available: 0 },
      'complete',
      'deployment "kuard" successfully rolled out',
    ],
    [{ isObserved: false }, 'progressing', 'Waiting for deployment spec update to be observed...'],
    [{ updated: 1, current: 4 }, 'progressing', waiting('1 out of 3 new replicas have been updated')],
    [{ current: 4 }, 'progressing', waiting('1 old replicas are pending termination')],
    [{ available: 2 }, 'progressing', waiting('2 of 3 updated replicas are available')],
    [{ paused: true, updated: 1 }, 'paused', waiting('1 out of 3 new replicas have been updated')],
    [{ paused: true }, 'paused', 'deployment "kuard" successfully rolled out'],
    [
      { updated: 1, paused: true, conditions: [progressing('ProgressDeadlineExceeded')] },
      'failed',
      'deployment "kuard" exceeded its progress deadline',
    ],
    [
      { isObserved: false, conditions: [progressing('ProgressDeadlineExceeded')] },
      'progressing',
      'Waiting for deployment spec update to be observed...',
    ],
  ]
  for (const [differs, word, sentence] of table)
    assert.deepEqual(rolloutStatus(deployment(differs)), { word, sentence })
})

test('the deadline counts from the last progress, and only while something is waited for', () => {
  const left = (differs: Partial<Deployment>) => deadlineOf(deployment(differs))
  const moving = { conditions: [progressing('ReplicaSetUpdated')] }
  assert.equal(left(moving), Date.parse('2026-11-25T12:10:00Z'))
  assert.equal(left({ ...moving, progressDeadlineSeconds: 10 }), Date.parse('2026-11-25T12:00:10Z'))
  assert.equal(left({}), undefined)
  assert.equal(left({ conditions: [progressing('ProgressDeadlineExceeded')] }), undefined)
  assert.equal(left({ ...moving, paused: true }), undefined)
  assert.equal(left({ ...moving, progressDeadlineSeconds: 2147483647 }), undefined)
  assert.equal(left({ conditions: [] }), undefined)
})

test('a share is rounded up for the surge and down for what may be unavailable', () => {
  const bounds = (desired: number, maxSurge: string, maxUnavailable: string) => {
    const { most, least } = boundsOf({ desired, strategy: 'RollingUpdate', maxSurge, maxUnavailable })
    return [most, least]
  }
  assert.deepEqual(bounds(3, '25%', '25%'), [4, 3])
  assert.deepEqual(bounds(4, '25%', '25%'), [5, 3])
  assert.deepEqual(bounds(10, '25%', '25%'), [13, 8])
  assert.deepEqual(bounds(3, '2', '0'), [5, 3])
  assert.deepEqual(bounds(3, '0', '1'), [3, 2])
  assert.deepEqual(bounds(3, '0', '10%'), [3, 2], 'neither leaves anything: one may be unavailable')
  assert.deepEqual(bounds(3, '100%', '100%'), [6, 0])
  assert.deepEqual(bounds(3, '1', '5'), [4, 0], 'no more than there are')
  assert.deepEqual(bounds(0, '25%', '25%'), [0, 0])
  assert.deepEqual(boundsOf({ desired: 3, strategy: 'Recreate' }), { desired: 3, most: 3, least: 0 })
})

test('a rolling update can always go on', () => {
  const share = fc
    .oneof(
      fc.nat(120),
      fc.nat(100).map((percent) => `${String(percent)}%`),
    )
    .map(String)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), share, share, (desired, maxSurge, maxUnavailable) => {
      const { most, least } = boundsOf({ desired, strategy: 'RollingUpdate', maxSurge, maxUnavailable })
      assert.ok(least >= 0 && least <= desired && desired <= most && least < most)
    }),
  )
})

test('a revision that is gone back to stands above the one that it replaces, and was below it before', () => {
  const figures = (image: string, revision: number, current: number) => ({
    ...{ deployment: 'u', revision, images: [image], desired: current },
    ...{ current, ready: current, available: current },
  })
  const sets = new Map([
    [
      'blue',
      [
        { value: figures('kuard:blue', 1, 2), start: now, end: now + 1_000 },
        { value: figures('kuard:blue', 1, 0), start: now + 1_000, end: now + 2_000 },
        { value: figures('kuard:blue', 3, 1), start: now + 2_000 },
      ],
    ],
    ['green', [{ value: figures('kuard:green', 2, 1), start: now }]],
    ['another', [{ value: { ...figures('kuard:blue', 1, 1), deployment: 'v' }, start: now }]],
  ])
  const bounds = { desired: 2, strategy: 'RollingUpdate', maxSurge: '1', maxUnavailable: '0', paused: false }
  const remembered = { deployment: [{ value: bounds, start: now }], sets, uid: 'u' }
  const edge = now + 3_000
  const revisions = revisionsOf(remembered, edge)
  assert.deepEqual(
    revisions.map(({ name }) => name),
    ['revision 1, blue', 'revision 2, green', 'revision 3, blue'],
  )
  const seen = momentsOf(remembered, revisions, edge).map(({ start, end, parts }) => ({
    ...{ start: start - now, end: end - now },
    parts: parts.map(({ key, ready }) => `${key}: ${String(ready)}`),
  }))
  assert.deepEqual(seen, [
    { start: 0, end: 1_000, parts: ['blue/1: 2', 'green/2: 1'] },
    { start: 1_000, end: 2_000, parts: ['blue/1: 0', 'green/2: 1'] },
    { start: 2_000, end: 3_000, parts: ['green/2: 1', 'blue/3: 1'] },
  ])
})
