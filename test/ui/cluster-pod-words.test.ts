/** What the Cluster tab makes of pods in shapes, words and colours, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Container, Termination } from '../../server/features/cluster/wire.ts'
import { backOffWords, podBackOffWords } from '../../ui/src/tabs/cluster/back-off.ts'
import { podState } from '../../ui/src/tabs/cluster/pod-state.ts'
import {
  parseSelector,
  selected,
  selects,
  trySelector,
  type Labels,
  type Requirement,
} from '../../ui/src/lib/selector.ts'
import { versionOf, versionOfImages } from '../../ui/src/tabs/cluster/version.ts'
import { endWords, lastEndWords } from '../../ui/src/lib/container-end.ts'

const now = Date.parse('2026-11-25T12:00:00Z')

const container = (differs: Partial<Container> = {}): Container => ({
  name: 'kuard',
  role: 'app',
  image: 'kuard:blue',
  state: 'waiting',
  ready: false,
  restartCount: 0,
  ...differs,
})

test('a pod’s state has the word that kubectl shows and one of seven shapes', () => {
  const shapeOf = (status: string, ready = false) => podState({ status, ready })
  assert.deepEqual(shapeOf('Running', true), { shape: 'ready', word: 'Ready' })
  assert.deepEqual(shapeOf('Terminating', true), { shape: 'terminating', word: 'Terminating' })
  const shapes = {
    Pending: 'waiting',
    SchedulingGated: 'waiting',
    ContainerCreating: 'starting',
    PodInitializing: 'starting',
    'Init:0/2': 'starting',
    Running: 'running',
    NotReady: 'running',
    Completed: 'succeeded',
    'Init:Error': 'failed',
    CrashLoopBackOff: 'failed',
    ErrImagePull: 'failed',
    OOMKilled: 'failed',
    Evicted: 'failed',
    'ExitCode:3': 'failed',
    constructor: 'failed',
  }
  for (const [status, shape] of Object.entries(shapes))
    assert.deepEqual(shapeOf(status), { shape, word: status })
})

test('a kuard’s colour is its tag’s, as the server has it, whatever registry it is from', () => {
  const table: [string, string, string][] = [
    ['kuard:blue', 'var(--blue)', 'blue'],
    ['gcr.io/kuar-demo/kuard-amd64:green', 'var(--green)', 'green'],
    ['gcr.io/kuar-demo/kuard-amd64:3', 'var(--purple)', '3'],
    ['localhost:5000/kuard:v0.9-purple', 'var(--purple)', 'v0.9-purple'],
    ['localhost:5000/kuard:2@sha256:0123456789', 'var(--green)', '2'],
    ['localhost:5000/kuard', 'var(--edge)', 'kuard'],
    ['kuard@sha256:0123456789', 'var(--edge)', '0123456'],
    ['kuard:constructor', 'var(--edge)', 'constructor'],
    ['redis:1', 'var(--edge)', 'redis:1'],
    ['docker.io/library/busybox', 'var(--edge)', 'busybox'],
    ['registry:5000/a/redis@sha256:0123456789', 'var(--edge)', 'redis@0123456'],
    ['', 'var(--edge)', ''],
  ]
  for (const [image, colour, word] of table) {
    const version = versionOf(image)
    assert.deepEqual([version.colour, version.word], [colour, word], image)
  }
  assert.equal(versionOfImages(['redis:7', 'kuard:green'])?.word, 'green')
  assert.equal(versionOfImages(['redis:7', 'nginx'])?.word, 'redis:7')
  assert.equal(versionOfImages([]), undefined)
})

test('the next try of a container that keeps failing is told as the kubelet reckons it', () => {
  const failing = (message: string, secondsAgo: number): Container =>
    container({
      reason: 'CrashLoopBackOff',
      message,
      lastState: { exitCode: 1, finishedAt: new Date(now - 1000 * secondsAgo).toISOString() },
    })
  const told = (delay: string) =>
    `back-off ${delay} restarting failed container=kuard pod=alpaca_default(0-1)`
  assert.equal(backOffWords(failing(told('20s'), 8), now), 'next try in 12 s')
  assert.equal(backOffWords(failing(told('1m20s'), 5), now), 'next try in 1 min 15 s')
  assert.equal(backOffWords(failing(told('5m0s'), 0), now), 'next try in 5 min 0 s')
  assert.equal(backOffWords(failing(told('2.5s'), 2), now), 'next try in 1 s')
  assert.equal(backOffWords(failing(told('500ms'), 1), now), 'next try any moment')
  assert.equal(backOffWords(failing(told('10s'), 11), now), 'next try any moment')
  assert.equal(backOffWords(failing('', 11), now), 'next try within 5 min')
  assert.equal(backOffWords(container({ reason: 'ImagePullBackOff' }), now), 'next pull within 5 min')
  assert.equal(backOffWords(container({ reason: 'ContainerCreating' }), now), undefined)
  const both = { containers: [failing(told('40s'), 5), failing(told('20s'), 5), container()] }
  assert.equal(podBackOffWords(both, now), 'next try in 15 s')
  assert.equal(podBackOffWords({ containers: [container()] }, now), undefined)
})

test('how a container ended is its reason, its exit code and the signal in it', () => {
  const words: [Termination, string][] = [
    [{ reason: 'OOMKilled', exitCode: 137 }, 'OOMKilled, exit code 137'],
    [{ reason: 'Error', exitCode: 1 }, 'Error, exit code 1'],
    [{ reason: 'Error', exitCode: 143 }, 'Error, exit code 143 (SIGTERM)'],
    [{ exitCode: 0, signal: 9 }, 'exit code 0 (SIGKILL)'],
    [{ reason: 'Completed', exitCode: 0 }, 'Completed, exit code 0'],
    [{}, 'ended'],
  ]
  for (const [termination, expected] of words) assert.equal(endWords(termination), expected)
  const first = container({ lastState: { reason: 'Error', finishedAt: '2026-11-25T11:00:00Z' } })
  const last = container({ name: 'log', terminated: { exitCode: 3, finishedAt: '2026-11-25T11:30:00Z' } })
  assert.equal(lastEndWords({ containers: [first] }), 'Error')
  assert.equal(lastEndWords({ containers: [first, last] }), 'log: exit code 3')
  assert.equal(lastEndWords({ containers: [container()] }), undefined)
})

/** Pods by a letter, as the answers below have them. */
const pods: Readonly<Record<string, Labels>> = {
  a: { app: 'alpaca', env: 'prod', ver: '1' },
  b: { app: 'alpaca', env: 'test', ver: '2', canary: 'true' },
  c: { app: 'bandicoot', env: 'prod', ver: '2', 'example.com/tier': '' },
  d: { in: 'x' },
  e: {},
}

/** What `kubectl get pods -l` answers for pods with these labels. */
const answers: [string, string][] = [
  ['', 'abcde'],
  ['  ', 'abcde'],
  ['app=alpaca', 'ab'],
  ['app==alpaca', 'ab'],
  [' app = alpaca ', 'ab'],
  ['app!=alpaca', 'cde'],
  ['app=alpaca,ver=2', 'b'],
  ['app in (alpaca,bandicoot)', 'abc'],
  ['app in (alpaca , bandicoot), env notin (prod)', 'b'],
  ['env notin (prod, test)', 'de'],
  ['env notin (prod)', 'bde'],
  ['canary', 'b'],
  ['!canary', 'acde'],
  ['! canary,app', 'ac'],
  ['app,env=prod', 'ac'],
  ['app=', ''],
  ['example.com/tier=', 'c'],
  ['example.com/tier', 'c'],
  ['example.com/tier in ()', 'c'],
  ['example.com/tier in (,x)', 'c'],
  ['app in (alpaca,)', 'ab'],
  ['in in (x)', 'd'],
  ['in', 'd'],
  ['ver>1', 'bc'],
  ['ver < 2', 'a'],
  ['app>1', ''],
]

/** What the API server refuses, and where the fault is. */
const refused: [string, RegExp][] = [
  ['=a', /^at character 1: a label’s key or “!” is expected, not “=”$/],
  ['app=alpaca,', /^at character 12: a label’s key after the comma is expected, not the end$/],
  ['app=alpaca env=prod', /^at character 12: a comma between two conditions is expected, not “env”$/],
  ['app alpaca', /^at character 5: =, ==, !=, in, notin or a comma is expected, not “alpaca”$/],
  ['app in alpaca', /^at character 8: “\(” after “in” is expected, not “alpaca”$/],
  ['app in (alpaca', /^at character 15: a comma or “\)” is expected, not the end$/],
  ['app in (a b)', /^at character 11: a comma or “\)” is expected, not “b”$/],
  ['!', /^at character 2: a label’s key after “!” is expected, not the end$/],
  ['!app=a', /^at character 5: a comma/],
  ['a=b=c', /^at character 4: a comma/],
  ['a===b', /^at character 4: a value is expected, not “=”$/],
  ['ver>x', /^at character 5: a whole number is expected after “>”$/],
  ['-app', /^at character 1: “-app” is no label’s key: letters/],
  ['a/b/c', /^at character 1: “a\/b\/c” is no label’s key/],
  ['Example.com/a', /^at character 1: “Example.com\/a” is no label’s key/],
  ['app=_', /^at character 5: “_” is no label’s value/],
  [`app=${'a'.repeat(64)}`, /^at character 5: .*at most 63/],
  ['app constructor x', /^at character 5: =, ==/],
]

test('a selector selects what kubectl selects', () => {
  for (const [text, letters] of answers) {
    const selector = parseSelector(text)
    const found = Object.entries(pods).filter(([, labels]) => selects(selector, labels))
    assert.equal(found.map(([letter]) => letter).join(''), letters, text)
  }
})

test('what is no selector is refused with what is expected and where', () => {
  for (const [text, words] of refused) {
    const read = trySelector(text)
    assert.ok('fault' in read, text)
    assert.match(read.fault, words)
  }
})

test('a selector that is left out selects nothing, an empty one everything', () => {
  const items = [{ labels: { app: 'alpaca' } }, {}]
  assert.deepEqual(selected(undefined, items), [])
  assert.deepEqual(selected('', items), items)
  assert.deepEqual(selected('app', items), items.slice(0, 1))
  assert.deepEqual(selected('!app', items), items.slice(1))
  assert.deepEqual(selected('=', items), [])
})

const word = fc.constantFrom('a', 'b', 'in', 'notin', 'x.y_z-0')
const gap = fc.constantFrom('', ' ', '\t ')
const plain = { noNullPrototype: true }
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record(
    {
      key: word,
      operator: fc.constantFrom('in', 'notin'),
      values: fc.array(fc.oneof(word, fc.constant('')), { minLength: 1, maxLength: 3 }),
    },
    plain,
  ),
  fc.record({ key: word, operator: fc.constantFrom('exists', 'not exists'), values: fc.constant([]) }, plain),
)

/** As people write it, with room where there may be some. */
function written({ key, operator, values }: Requirement, room: string): string {
  if (operator === 'exists') return key
  if (operator === 'not exists') return `!${room}${key}`
  const [value = ''] = values
  if (values.length === 1 && room === '') return `${key}${operator === 'in' ? '==' : '!='}${value}`
  return `${key} ${operator}${room}(${room}${values.join(`${room},${room}`)}${room})`
}

test('what is written is what is read, however much room is left in it', () => {
  fc.assert(
    fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), gap, (requirements, room) => {
      const text = requirements.map((one) => written(one, room)).join(`${room},`)
      assert.deepEqual(parseSelector(text), requirements)
    }),
  )
})

test('any text is read or refused in words', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '=', '!', ',', '(', ')', ' ', '<', '>', 'in') }),
      (text) => {
        const read = trySelector(text)
        if ('fault' in read) assert.match(read.fault, /^at character \d+: /)
      },
    ),
  )
})
