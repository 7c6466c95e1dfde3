/** What a condition means, and whether it holds: labels, fields by their paths, and how many. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { See, Wanted } from '../../server/conditions/condition.ts'
import { isSo, valuesAt } from '../../server/conditions/fields.ts'
import { faultIn, seenOf } from '../../server/conditions/seen.ts'

const object = {
  name: 'kuard-1',
  labels: { app: 'kuard', 'example.com/tier': 'front' },
  ready: true,
  revision: 2,
  used: { pods: '4', 'requests.cpu': '400m' },
  conditions: [
    { type: 'Available', status: 'True' },
    { type: 'Progressing', status: 'False' },
  ],
  containers: [
    { name: 'kuard', image: 'kuard:green', restartCount: 0 },
    { name: 'sync', image: 'sync:green', restartCount: 3 },
  ],
  images: ['kuard:green', 'sync:green'],
  active: [],
}

test('a field is found by the names of keys, and an item of a list by its name, its type or its place', () => {
  const found: readonly (readonly [path: string, values: unknown[]])[] = [
    ['revision', [2]],
    ['containers.sync.restartCount', [3]],
    ['containers.0.image', ['kuard:green']],
    ['containers.*.restartCount', [0, 3]],
    ['conditions.Available.status', ['True']],
    ['images', ['kuard:green', 'sync:green']],
    ['images.*', ['kuard:green', 'sync:green']],
    ['images.1', ['sync:green']],
    ['used.requests.cpu', ['400m']],
    ['labels.example.com/tier', ['front']],
    ['nothing.here', []],
    ['ready.deeper', []],
    ['active.*', []],
    ['constructor', []],
  ]
  for (const [path, values] of found) assert.deepEqual(valuesAt(object, path), values, path)
})

test('a field is as wanted if it is equal, compares so, or a pattern is found in it', () => {
  const cases: readonly (readonly [path: string, wanted: Wanted, is: boolean])[] = [
    ['ready', true, true],
    ['ready', false, false],
    ['revision', 2, true],
    ['revision', '2', true],
    ['revision', '>= 2', true],
    ['revision', '>2', false],
    ['revision', '< 3', true],
    ['revision', '<= 1', false],
    ['used.pods', 4, true],
    ['used.pods', '>= 3', true],
    ['used.requests.cpu', '>= 3', false],
    ['containers.kuard.image', 'kuard:green', true],
    ['containers.kuard.image', '~ :green$', true],
    ['containers.kuard.image', '~ ^green', false],
    ['containers.*.image', '~ :green$', true],
    ['containers.*.restartCount', 0, false],
    ['active.*', '~ .', false],
    ['missing', false, false],
    ['missing', '< 3', false],
  ]
  for (const [path, wanted, is] of cases) assert.equal(isSo(object, path, wanted), is, `${path}: ${wanted}`)
})

test('objects are meant by name and labels, and counted where their fields are so', () => {
  const pods = ['a', 'b', 'c'].map((name) => ({ name, labels: { app: 'kuard' }, ready: name !== 'c' }))
  const others = [{ name: 'x', labels: { app: 'other' }, ready: true }]
  const holds = (see: Omit<See, 'see'>) => seenOf({ see: 'pods', ...see }, [...pods, ...others]).holds
  const ready = { ready: true }
  assert.equal(holds({ labels: 'app=kuard', with: ready, count: 2 }), true)
  assert.equal(holds({ labels: 'app=kuard', with: ready, count: 3 }), false)
  assert.equal(holds({ labels: 'app=kuard', with: ready, count: '>= 1' }), true)
  assert.equal(holds({ labels: 'app=kuard', with: ready, count: '<2' }), false)
  assert.equal(holds({ labels: 'app=kuard' }), true)
  assert.equal(holds({ with: ready, count: 3 }), true)
  assert.equal(holds({ named: 'c' }), true)
  assert.equal(holds({ named: 'c', with: ready }), false)
  assert.equal(holds({ named: 'c', labels: 'app=other' }), false)
  assert.equal(holds({ named: 'd' }), false)
  assert.equal(holds({ named: 'd', count: 0 }), true)
  assert.equal(holds({ labels: 'app=kuard', count: 0 }), false)
})

test('labels and patterns that can’t be read are told', () => {
  assert.equal(faultIn({ see: 'pods', labels: 'app=kuard', with: { name: '~ ^k' } }), undefined)
  assert.match(faultIn({ see: 'pods', labels: 'app kuard' }) ?? '', /^labels: at character 5: /)
  assert.match(faultIn({ see: 'pods', with: { name: '~ (' } }) ?? '', /Unterminated group/)
})
