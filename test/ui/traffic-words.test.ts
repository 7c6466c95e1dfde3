/** What the Traffic tab reckons with what it is told, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service } from '../../server/features/cluster/wire.ts'
import type { TrafficSecond } from '../../server/features/traffic/wire.ts'
import { formatMilliseconds } from '../../ui/src/lib/milliseconds.ts'
import { heights, logarithmicAxis, pictureOf, tickText } from '../../ui/src/parts/plot.ts'
import { columnsOf, dotsOf } from '../../ui/src/tabs/traffic/dots.ts'
import { rateOf } from '../../ui/src/tabs/traffic/phase.ts'
import { countSamples, layersOf, versionsIn } from '../../ui/src/tabs/traffic/seconds.ts'
import { serviceTargets, urlOf } from '../../ui/src/tabs/traffic/targets.ts'
import { signOf } from '../../ui/src/tabs/traffic/versions.ts'

test('a name is taken for a URL of HTTP, and what is no URL for none', () => {
  assert.equal(urlOf(' kuard '), 'http://kuard/')
  assert.equal(urlOf('kuard:8080/a?b=c'), 'http://kuard:8080/a?b=c')
  assert.equal(urlOf('https://kuard.default.svc'), 'https://kuard.default.svc/')
  assert.equal(urlOf('[fd00::2]:8080'), 'http://[fd00::2]:8080/')
  for (const text of ['', ' ', 'ftp://kuard/', 'two words', 'kuard:port'])
    assert.equal(urlOf(text), undefined, text)
})

const service = (
  name: string,
  selector: string | undefined,
  ...ports: readonly Partial<Service['ports'][number]>[]
): Service => ({
  name,
  uid: name,
  type: 'ClusterIP',
  clusterIPs: [],
  externalIPs: [],
  loadBalancer: [],
  ports: ports.map((port) => ({ protocol: 'TCP', port: 80, ...port })),
  ...(selector === undefined ? {} : { selector }),
  sessionAffinity: 'None',
  publishNotReadyAddresses: false,
})

test('of the Services, those that select this pod come first, at the port that is HTTP’s', () => {
  const pod = {
    name: 'kuard-1',
    uid: '1',
    labels: { app: 'kuard' },
    phase: 'Running',
    status: 'Running',
    ready: true,
    containers: [],
  }
  const services = [
    service('all', ''),
    service('by-hand', undefined, { port: 8443 }),
    service('dns', 'app=dns', { protocol: 'UDP', port: 53 }),
    service('kuard', 'app=kuard', { port: 9090, name: 'metrics' }, { port: 8080, name: 'http-web' }),
    service('secure', 'app=other', { port: 443 }),
  ]
  assert.deepEqual(serviceTargets(services, pod), [
    { name: 'kuard', url: 'http://kuard:8080/' },
    { name: 'by-hand', url: 'http://by-hand:8443/' },
    { name: 'secure', url: 'https://secure/' },
  ])
  assert.equal(serviceTargets(services, null)[0]?.name, 'by-hand')
})

test('a mark keeps its row while others come, and moves on by whole columns', () => {
  const last = { versions: ['1.0.0-blue', '1.0.0-green'], marks: 'aAb!' }
  assert.deepEqual(dotsOf(last, 4, 3), {
    versions: [
      { version: '1.0.0-blue', answered: [{ x: 0, y: 0 }], failed: [{ x: 0, y: 10 }] },
      { version: '1.0.0-green', answered: [{ x: 0, y: 20 }], failed: [] },
    ],
    unanswered: [{ x: 10, y: 0 }],
  })
  const rows = 8
  const full = { versions: ['1.0.0-blue'], marks: 'a'.repeat(400) }
  for (let ended = 400; ended < 420; ended += 1) {
    const places = dotsOf(full, ended, rows).versions[0]?.answered ?? []
    assert.equal(places.length, 400)
    assert.equal(new Set(places.map(({ x, y }) => `${x} ${y}`)).size, 400)
    assert.equal(places.at(-1)?.y, 10 * ((ended - 1) % rows))
    assert.ok(places.every(({ x }) => x >= 0 && x < 10 * columnsOf(rows)))
  }
})

test('versions of the three colours have shapes of their own, and others letters', () => {
  assert.deepEqual(
    ['1.0.0-blue', '1.0.0-green', '1.0.0-purple', 'nginx/1.29', '', '1.1.0-blue'].map((version) => {
      const { name, colour, shape, letter } = signOf(version)
      return [name, colour, shape, letter]
    }),
    [
      ['1.0.0-blue', 'var(--blue)', 'dot', undefined],
      ['1.0.0-green', 'var(--green)', 'square', undefined],
      ['1.0.0-purple', 'var(--purple)', 'diamond', undefined],
      ['nginx/1.29', 'var(--muted)', 'dot', 'A'],
      ['no version', 'var(--edge)', 'dot', 'B'],
      ['1.1.0-blue', 'var(--text)', 'dot', 'C'],
    ],
  )
})

const start = Date.parse('2026-11-30T06:00:00.400Z')
const second = (
  number: number,
  versions: Record<string, number>,
  failures: Record<string, number> = {},
): TrafficSecond => ({
  at: new Date(start + 1000 * number).toISOString(),
  sent: Object.values({ ...versions, ...failures }).reduce((sum, count) => sum + count, 0),
  versions,
  failures,
  latency: null,
})

test('answers lie on one another by version, failures on top, and nothing lies where nothing was sent', () => {
  const seconds = [
    second(0, { '1.0.0-blue': 8 }),
    second(1, { '1.0.0-blue': 5, '1.0.0-green': 2 }, { refused: 1, '5xx': 2 }),
    second(4, { '1.0.0-green': 9 }),
  ]
  const versions = versionsIn(seconds)
  const picture = pictureOf({
    samples: countSamples(seconds, versions),
    unit: 'count',
    isStepped: true,
    limit: undefined,
    layers: layersOf(versions),
    end: start + 5000,
    isNow: true,
    gapMs: Infinity,
  })
  assert.deepEqual(
    picture.times.map((time) => time - start),
    [0, 1000, 2000, 4000, 5000],
  )
  assert.deepEqual(
    picture.lines.map(({ name, values }) => [name, values]),
    [
      ['1.0.0-blue', [8, 5, 0, 0, 0]],
      ['1.0.0-green', [0, 2, 0, 9, 9]],
      ['failed', [0, 3, 0, 0, 0]],
    ],
  )
  assert.deepEqual(heights(picture.lines), [
    [8, 5, 0, 0, 0],
    [8, 7, 0, 9, 9],
    [8, 10, 0, 9, 9],
  ])
  assert.ok(picture.top >= 10)
})

test('the rate is that of the last seconds, and of few requests that of more of them', () => {
  const startedAt = new Date(start).toISOString()
  assert.equal(rateOf([], startedAt, 10), undefined)
  assert.equal(rateOf([second(-3, { a: 1000 }), second(0, { a: 10 })], startedAt, 10), 10)
  const steady = Array.from({ length: 20 }, (_, number) => second(number, { a: number < 10 ? 500 : 12 }))
  assert.equal(rateOf(steady, startedAt, 10), 12)
  const late = steady.map((one, index) => second(index + (index === 19 ? 0.003 : 0), one.versions))
  assert.equal(rateOf(late, startedAt, 10)?.toFixed(1), '12.0')
  const rare = [0, 10, 20, 30, 40, 50, 59].map((number) => second(number, { a: 1 }))
  assert.equal(rateOf(rare, startedAt, 0.1)?.toFixed(2), '0.12')
})

test('a logarithmic axis lies between two round values', () => {
  assert.deepEqual(logarithmicAxis(2.3, 84), { bottom: 2, top: 100, ticks: [2, 5, 10, 20, 50, 100] })
  assert.deepEqual(logarithmicAxis(0.2, 4100), {
    bottom: 0.2,
    top: 5000,
    ticks: [1, 10, 100, 1000],
  })
  assert.deepEqual(logarithmicAxis(1, 1), { bottom: 1, top: 2, ticks: [1, 2] })
  assert.deepEqual(logarithmicAxis(0, 0).bottom > 0, true)
})

test('latencies have three figures at most', () => {
  assert.deepEqual([0.1234, 9.99, 12.34, 123.4, 999.6, 1250, 12_340].map(formatMilliseconds), [
    '0.12 ms',
    '9.99 ms',
    '12.3 ms',
    '123 ms',
    '1.00 s',
    '1.25 s',
    '12.3 s',
  ])
  assert.deepEqual(
    [0, 0.2, 500, 1000, 2500].map((value) => tickText(value, 'milliseconds')),
    ['0 ms', '0.2 ms', '500 ms', '1 s', '2.5 s'],
  )
})
