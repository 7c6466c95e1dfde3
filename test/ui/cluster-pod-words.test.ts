/** What the Cluster tab makes of pods in shapes, words and colours, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Termination } from '../../server/features/cluster/wire.ts'
import { backOffWords, podBackOffWords } from '../../ui/src/tabs/cluster/back-off.ts'
import { podState } from '../../ui/src/tabs/cluster/pod-state.ts'
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
