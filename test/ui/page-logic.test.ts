/** What the page reckons with what it is told, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { extended, maxEntries, spanMs } from '../../ui/src/lib/trail.ts'
import { addressOf, unionOf } from '../../ui/src/lib/wanted.ts'
import { withChanges } from '../../ui/src/lib/with-changes.ts'
import { arrange, narrow } from '../../ui/src/tabs/manifests/arrange.ts'
import { isForwarded } from '../../ui/src/lib/forwarded.ts'
import { keysPerMinute, phaseOf, restOf, type KeyGenSample } from '../../ui/src/tabs/keygen/pace.ts'
import { compareReadings, type FolderReading } from '../../ui/src/tabs/files/changes.ts'
import { flowOf } from '../../ui/src/tabs/memq/flow.ts'
import { withSample, type QueueSample } from '../../ui/src/tabs/memq/queue-samples.ts'
import { newMarks } from '../../ui/src/tabs/probe/new-marks.ts'

const now = Date.parse('2026-11-25T12:00:00Z')

test('a trail keeps what is in its span, and no more than its bound', () => {
  const at = (time: number) => ({ time })
  assert.deepEqual(extended([at(now - spanMs - 1), at(now - spanMs)], [at(now)], now), [
    at(now - spanMs),
    at(now),
  ])
  const many = Array.from({ length: 2 * maxEntries }, (_, index) => at(now - 2 * maxEntries + index))
  assert.deepEqual(extended(many, [], now), many.slice(-maxEntries))
})

test('what pages want together is each topic at the highest rate, and the last sixteen paths', () => {
  const paths = Array.from({ length: 20 }, (_, index) => `/${String(index)}`)
  const union = unionOf([
    { topics: { memq: 1, keygen: 10 }, paths: ['/same'] },
    { topics: { memq: 5 }, paths: ['/same', ...paths] },
  ])
  assert.deepEqual(union, { topics: { memq: 5, keygen: 10 }, paths: paths.slice(4) })
  const { searchParams } = addressOf({ topics: { b: 2, a: 10 }, paths: ['/x y'] }, 'http://pod/a/', true)
  assert.equal(
    searchParams.toString(),
    new URLSearchParams([
      ['topics', 'a;rate=10,b;rate=2'],
      ['watch', '/x y'],
      ['lenient', 'true'],
      ['once', 'true'],
    ]).toString(),
  )
})

test('a state with the changes applied is the state that they were made of', () => {
  const entries = fc.dictionary(fc.string({ maxLength: 3 }), fc.nat(3), {
    maxKeys: 12,
    noNullPrototype: true,
  })
  const listOf = (all: Record<string, number>) =>
    Object.entries(all)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, depth]) => ({ name, depth }))
  fc.assert(
    fc.property(entries, entries, (before, after) => {
      const set = listOf(after).filter(({ name, depth }) => before[name] !== depth)
      const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name))
      const changes = { topic: 'memq', field: 'queues', key: 'name', set, removed }
      const state = { store: 'memory', queues: listOf(before) }
      assert.deepEqual(withChanges(state, changes), { store: 'memory', queues: listOf(after) })
      assert.deepEqual(state.queues, listOf(before))
    }),
  )
})

test('only probes that were not known are new, also of a container that counts anew', () => {
  const call = (id: number, seconds: number) => ({
    id,
    time: new Date(now + seconds * 1000).toISOString(),
    when: '',
    relWhen: '',
    code: 200,
  })
  const known = { id: 7, code: 200, time: now }
  const ids = (marks: readonly { readonly id: number }[]) => marks.map(({ id }) => id)
  assert.deepEqual(ids(newMarks(undefined, [call(2, 1), call(1, 0)])), [1, 2])
  assert.deepEqual(ids(newMarks(known, [call(9, 2), call(8, 1), call(7, 0)])), [8, 9])
  assert.deepEqual(ids(newMarks(known, [call(2, 2), call(1, 1)])), [1, 2])
  // It has come as far as the one before, or farther.
  const first = { ...known, id: 1 }
  assert.deepEqual(ids(newMarks(first, [call(1, 1)])), [1])
  assert.deepEqual(ids(newMarks(first, [call(3, 3), call(2, 2), call(1, 1)])), [1, 2, 3])
  // More have come than are told.
  assert.deepEqual(ids(newMarks(first, [call(9, 2), call(8, 1)])), [8, 9])
  assert.deepEqual(ids(newMarks(known, [])), [])
})

const queue = (time: number, enqueued: number, dequeued = 0): QueueSample => ({
  name: 'keygen',
  depth: enqueued - dequeued,
  enqueued,
  dequeued,
  drained: 0,
  leased: 0,
  delayed: 0,
  dead: 0,
  time,
  peak: enqueued - dequeued,
})

test('a queue has one sample a second with the greatest depth of it, and none where nothing changes', () => {
  const first = withSample([], queue(now, 1), now)
  assert.equal(withSample(first, queue(now, 1), now + 5_000), first)
  const second = withSample(first, queue(now, 9), now + 1_000)
  const third = withSample(second, queue(now, 9, 8), now + 1_500)
  assert.deepEqual(
    third.map(({ time, depth, peak }) => [time - now, depth, peak]),
    [
      [0, 1, 1],
      [1_500, 1, 9],
    ],
  )
  // Made anew under its name.
  assert.equal(withSample(third, queue(now, 2), now + 3_000).length, 1)
  // The last before the span says how it began.
  const late = withSample(third, queue(now, 20, 8), now + spanMs + 60_000)
  assert.deepEqual(
    late.map(({ enqueued }) => enqueued),
    [9, 20],
  )
})

test('the flow is over ten seconds, or what is known of them, and falls to 0', () => {
  assert.deepEqual(flowOf([], now), { enqueued: 0, dequeued: 0 })
  const samples = [queue(now - 20_000, 10), queue(now - 5_000, 60, 20)]
  assert.deepEqual(flowOf(samples, now), { enqueued: 5, dequeued: 2 })
  assert.deepEqual(flowOf(samples, now + 10_000), { enqueued: 0, dequeued: 0 })
  assert.deepEqual(flowOf([queue(now - 2_000, 0), queue(now, 10)], now), { enqueued: 5, dequeued: 0 })
})

const sample = (
  seconds: number,
  done: number,
  more: Partial<KeyGenSample['progress']> = {},
): KeyGenSample => ({
  time: now + seconds * 1000,
  progress: {
    running: true,
    startedAt: new Date(now).toISOString(),
    done,
    of: null,
    secondsLeft: null,
    ...more,
  },
})

const step = {
  run: 'kubectl get pods',
  stays: false,
  beside: null,
  type: [],
  again: false,
  fails: false,
  page: [],
  kubectl: null,
  notRun: null,
}
const concept = {
  id: 'a-pod',
  name: 'A pod',
  book: null,
  needs: [],
  continues: false,
  apply: [],
  fetch: [],
  steps: [],
  cleanup: { run: [], delete: [] },
  tests: [],
}

test('a concept knows its files, its place in the book, and whether the next one goes on from it', () => {
  const file = (path: string, watchFor: string | null = null, text = '') => ({ path, watchFor, text })
  const [one, two] = [file('05-pods/pod.yaml', 'its state'), file('05-pods/other.yaml')]
  const book = { section: 'Running Pods', examples: ['5-1', '5-2'], later: { second: 6, third: null } }
  const later = { second: 5, third: 5 }
  const chapters = arrange({
    files: [one, two],
    chapters: [
      {
        folder: '05-pods',
        number: 5,
        title: 'Pods',
        later,
        concepts: [
          { ...concept, book, apply: [one.path, 'missing.yaml'], fetch: [two.path, one.path] },
          { ...concept, id: 'its-end', continues: true },
        ],
      },
      { folder: '06-labels', number: 6, title: 'Labels', later, concepts: [] },
    ],
  })
  assert.deepEqual(
    chapters.map(({ number, editions }) => [number, editions]),
    [[5, 'second edition 5, third edition 5']],
  )
  const [first, second] = chapters[0]?.concepts ?? []
  assert.deepEqual(first?.files, [one, file('missing.yaml'), two])
  assert.deepEqual(
    [first.key, first.isTakenUp, first.place],
    [
      '5/a-pod',
      true,
      'chapter 5, Running Pods, Example 5-1, Example 5-2; second edition 6, not in the third',
    ],
  )
  assert.deepEqual([second?.key, second?.isTakenUp, second?.place], ['5/its-end', false, null])
})

test('that no test has run any of a concept is told once', () => {
  const later = { second: 5, third: 5 }
  const reasonOf = (...reasons: (string | null)[]) =>
    arrange({
      files: [],
      chapters: [
        {
          folder: '05-pods',
          number: 5,
          title: 'Pods',
          later,
          concepts: [{ ...concept, steps: reasons.map((notRun) => ({ ...step, notRun })) }],
        },
      ],
    })[0]?.concepts[0]?.notRun
  assert.deepEqual(
    [reasonOf(), reasonOf('why', 'why'), reasonOf('why', null), reasonOf('why', 'how'), reasonOf(null)],
    [null, 'why', null, null, null],
  )
})

test('a page is in the way of the steps at port 8080 of this machine alone', () => {
  const isSo = (url: string) => isForwarded(new URL(url))
  for (const url of ['http://localhost:8080/b/', 'http://127.0.0.1:8080/', 'http://[::1]:8080/'])
    assert.ok(isSo(url), url)
  for (const url of ['http://localhost:8000/', 'http://kuard.test:8080/', 'https://localhost:8443/'])
    assert.ok(!isSo(url), url)
})

test('all that a concept shows is searched, and what is in its files', () => {
  const file = { path: '05-pods/pod.yaml', watchFor: 'its state', text: 'image: gcr.io/kuar-demo' }
  const seen = {
    ...step,
    page: [{ tab: 'Memory', view: null, see: 'its limit' }],
    kubectl: 'Running',
    type: ['exit'],
  }
  const later = { second: 13, third: null }
  const whole = {
    ...concept,
    book: { section: 'Running Pods', examples: ['5-1'], later },
    needs: ['a registry'],
    apply: [file.path],
    steps: [seen, { ...step, notRun: 'no such cloud' }],
    cleanup: { run: ['rm hostname'], delete: [] },
  }
  const chapters = arrange({
    files: [file],
    chapters: [
      { folder: '05-pods', number: 5, title: 'Pods', later, concepts: [whole] },
      { folder: '06-labels', number: 6, title: 'Labels', later, concepts: [{ ...concept, name: 'Other' }] },
    ],
  })
  assert.equal(narrow(chapters, ' '), chapters)
  assert.deepEqual(narrow(chapters, 'nowhere'), [])
  for (const words of [
    ' a POD ',
    'example 5-1',
    'running pods',
    'second edition 13',
    'a registry',
    'pod.yaml',
    'its state',
    'gcr.io',
    'get pods',
    'exit',
    'Memory: its limit',
    'running',
    'no such cloud',
    'rm hostname',
  ])
    assert.deepEqual(
      narrow(chapters, words).map(({ number }) => number),
      [5],
      words,
    )
})

test('two readings of a folder differ by what is new, changed and gone, a volume’s keys first', () => {
  const entry = (name: string, size = 1) => ({
    name,
    href: name,
    kind: 'file' as const,
    size,
    mode: '-rw-r--r--',
    owner: null,
    modified: '2026-11-25T12:00:00Z',
    target: null,
    reason: null,
  })
  const file = (text: string) => ({
    size: text.length,
    modified: null,
    bytes: new TextEncoder().encode(text),
  })
  const before: FolderReading = {
    entries: [entry('gone'), entry('key'), entry('grown')],
    files: new Map([['key', file('one')]]),
  }
  const after: FolderReading = {
    entries: [entry('..new'), entry('key'), entry('grown', 2)],
    files: new Map([['key', file('two')]]),
  }
  assert.deepEqual(
    compareReadings(before, after).map(({ name, word, detail }) => [name, word, detail]),
    [
      ['key', 'changed', '3 B as before'],
      ['grown', 'changed', '1 B to 2 B'],
      ['gone', 'gone', undefined],
      ['..new', 'new', undefined],
    ],
  )
  assert.deepEqual(compareReadings(after, after), [])
})

test('the pace is that of the last minute, and the rest is what ends first', () => {
  assert.equal(keysPerMinute([], now), undefined)
  assert.equal(keysPerMinute([sample(0, 0), sample(2, 1)], now + 2_000), undefined)
  assert.equal(keysPerMinute([sample(0, 0), sample(30, 15)], now + 30_000), 30)
  assert.equal(keysPerMinute([sample(0, 0), sample(60, 100), sample(120, 110)], now + 120_000), 10)
  const at = (more: Partial<KeyGenSample['progress']>) => restOf([sample(0, 10, more)], 30, now)
  assert.equal(at({}), undefined)
  assert.deepEqual(at({ of: 40 }), { seconds: 60, isEstimate: true })
  assert.deepEqual(at({ of: 40, secondsLeft: 20 }), { seconds: 20, isEstimate: false })
  assert.equal(at({ of: 40, running: false }), undefined)
  const config = { enable: true } as Parameters<typeof phaseOf>[0]['config']
  const phase = (progress: Partial<KeyGenSample['progress']>) =>
    phaseOf({ config, progress: sample(0, 0, progress).progress, history: [] })
  assert.deepEqual(
    [phase({ startedAt: null }), phase({}), phase({ running: false })],
    ['never started', 'running', 'complete'],
  )
})
