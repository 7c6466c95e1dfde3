/** What the Reach tab reckons with what it is told, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReachStep } from '../../server/features/reach/wire.ts'
import { arrange } from '../../ui/src/lib/environment.ts'
import { attemptsInWords, marksOf, picture, type Attempt } from '../../ui/src/tabs/reach/attempts.ts'
import { validityOf } from '../../ui/src/tabs/reach/certificates.ts'
import { redirectOf } from '../../ui/src/tabs/reach/redirect.ts'
import { nameServerTarget, serviceTargets } from '../../ui/src/tabs/reach/targets.ts'
import { barOf, spanOf } from '../../ui/src/lib/waterfall.ts'

/** As Kubernetes makes them; a name without an underscore. */
const variables = (name: string, port: number, portName?: string, protocol = 'TCP') => ({
  [`${name}_SERVICE_HOST`]: '10.96.0.7',
  [`${name}_SERVICE_PORT`]: String(port),
  ...(portName === undefined ? {} : { [`${name}_SERVICE_PORT_${portName}`]: String(port) }),
  [`${name}_PORT_${String(port)}_${protocol}`]: `${protocol.toLowerCase()}://10.96.0.7:${String(port)}`,
})

test('each Service of the environment is a target that speaks what its port is named for, and the API server comes last', () => {
  const { services } = arrange({
    ...variables('CACHE', 6379),
    ...variables('DB', 15432, 'POSTGRES'),
    ...variables('KUBERNETES', 443, 'HTTPS'),
    ...variables('LOGS', 514, undefined, 'UDP'),
    ...variables('PLAIN', 9000),
    ...variables('SHOP', 8443, 'HTTPS_SHOP'),
    ...variables('WEB', 80),
  })
  assert.deepEqual(serviceTargets(services, true), [
    'redis://cache:6379',
    'postgres://db:15432',
    'plain:9000',
    'https://shop:8443',
    'http://web/',
    'https://kubernetes.default/',
  ])
})

test('without a cluster around there is no API server to reach for', () => {
  assert.deepEqual(serviceTargets([], false), [])
  assert.deepEqual(serviceTargets([], true), ['https://kubernetes.default/'])
  const { services } = arrange(variables('KUBERNETES', 443))
  assert.deepEqual(
    serviceTargets(services, false),
    ['https://kubernetes.default/'],
    'where its variables are',
  )
})

test('the first name server is asked for a name of its own cluster', () => {
  const naming = (nameServers: string[], search: string[]) => nameServerTarget({ nameServers, search })
  assert.deepEqual(naming(['10.96.0.10', '10.96.0.11'], ['shop.svc.k8s.test', 'svc.k8s.test', 'k8s.test']), [
    'dns://10.96.0.10/kubernetes.default.svc.k8s.test',
  ])
  assert.deepEqual(naming(['fd00::10'], []), ['dns://[fd00::10]/kubernetes.default.svc.cluster.local'])
  assert.deepEqual(naming([], []), [])
})

test('a redirect is taken from where it was said, and only what is HTTP can be followed', () => {
  assert.equal(redirectOf('/login?a=b', 'http://web:8080/x/'), 'http://web:8080/login?a=b')
  assert.equal(redirectOf('https://web.test/', 'http://web/'), 'https://web.test/')
  for (const location of ['javascript:alert(1)', 'ftp://web/', 'http://'])
    assert.equal(redirectOf(location, 'http://web/'), undefined, location)
})

test('a certificate has days left, few of them, none, or hasn’t begun', () => {
  const now = Date.parse('2026-11-30T12:00:00Z')
  const validity = (notBefore: string, notAfter: string) => {
    const { state, words } = validityOf({ subject: '', issuer: '', names: [], notBefore, notAfter }, now)
    return `${state}: ${words}`
  }
  assert.equal(validity('2026-01-01T00:00:00Z', '2027-11-30T13:00:00Z'), 'good: 365 days left')
  assert.equal(validity('2026-01-01T00:00:00Z', '2026-12-02T11:00:00Z'), 'caution: 1 day left')
  assert.equal(validity('2026-01-01T00:00:00Z', '2026-11-30T13:00:00Z'), 'caution: 0 days left')
  assert.equal(validity('2026-01-01T00:00:00Z', '2026-11-28T11:00:00Z'), 'bad: ended 2 days ago')
  assert.equal(validity('2026-11-30T13:00:00Z', '2027-11-30T13:00:00Z'), 'bad: begins in 1 day')
})

test('bars lie in the whole of the time, and what took none is seen', () => {
  const step = (at: number, milliseconds: number): ReachStep => ({
    kind: 'connect',
    of: '',
    at,
    milliseconds,
    outcome: 'done',
    words: '',
  })
  const steps = [step(0, 50), step(50, 100), step(200, 0)]
  assert.equal(spanOf(steps, 200), 200)
  assert.equal(spanOf([step(150, 100)], 200), 250)
  assert.equal(spanOf([], 5), 5)
  const bars = steps.map((one) => barOf(one, 200))
  assert.deepEqual(bars, [
    { left: 0, width: 25 },
    { left: 25, width: 50 },
    { left: 99, width: 1 },
  ])
  assert.deepEqual(barOf(step(0, 0), 0), { left: 0, width: 1 })
})

test('attempts are told in words, and drawn with the newest at the right', () => {
  const attempt = (end: Attempt['end'], milliseconds: number): Attempt => ({
    time: '2026-11-30T12:00:00Z',
    end,
    milliseconds,
  })
  assert.equal(attemptsInWords([]), '0 attempts, none failed')
  assert.equal(attemptsInWords([attempt('refused', 1)]), '1 attempt, 1 failed')
  const attempts = [attempt('reached', 4), attempt('timed out', 1000), attempt('reached', 8)]
  assert.equal(attemptsInWords(attempts), '3 attempts, 1 failed; reached in 4.00 ms to 8.00 ms')

  const { reached, failed } = marksOf(attempts)
  const places = (path: string) => [...path.matchAll(/M(\d+)/g)].map(([, x]) => Number(x))
  assert.deepEqual(places(reached), [picture.width - 5, picture.width - 1])
  assert.deepEqual(places(failed), [picture.width - 3])
  const heights = [...reached.matchAll(/v-([\d.]+)/g)].map(([, height]) => Number(height))
  assert.ok(
    heights[0] !== undefined && heights[1] !== undefined && heights[0] < heights[1],
    'slower is higher',
  )
})
