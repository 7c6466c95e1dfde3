/** Requests and limits: what the scheduler, the kernel and the Memory page make of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStatus } from '../../../server/features/memory/wire.ts'
import { kubectl, makeNamespace, manifest, type Forward } from '../../support/cluster.ts'

const memory = async (forward: Forward): Promise<MemoryStatus> =>
  (await forward.get('/mem/api')).json(MemoryStatus)

test('a request reserves room on a node and limits nothing', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod-resreq.yaml')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const node = await namespace.read('pod/kuard', '.spec.nodeName')
  const row = new RegExp(
    `${namespace.name} +kuard +500m \\(\\d+%\\) +0 \\(0%\\) +128Mi \\(\\d+%\\) +0 \\(0%\\)`,
  )
  assert.match(await kubectl(['describe', 'node', node]), row)
  const { cgroup } = await memory(await namespace.forward('pod/kuard'))
  assert.equal(cgroup.cpu.quota, null)
  assert.ok(cgroup.memory.limit === null || cgroup.memory.limit > 256 * 2 ** 20)
})

test('past its memory limit the container is killed by the kernel and started again', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod-reslim.yaml')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const before = await namespace.forward('pod/kuard')
  const { cgroup } = await memory(before)
  assert.equal(cgroup.memory.limit, 256 * 2 ** 20)
  assert.equal(cgroup.cpu.quota, 1)

  await before.post('/mem/api/alloc?size=100000000')
  const after = await memory(before)
  assert.equal(after.node.allocated, 100_000_000)
  assert.ok((after.cgroup.memory.usage ?? 0) > 100_000_000)
  assert.equal(await namespace.read('pod/kuard', '.status.containerStatuses[0].restartCount'), '0')

  await before.post('/mem/api/alloc?size=300000000').catch(() => undefined)
  const ended = '.status.containerStatuses[0].lastState.terminated'
  await namespace.until('pod/kuard', `${ended}.reason`, /^OOMKilled$/)
  assert.equal(await namespace.read('pod/kuard', `${ended}.exitCode`), '137')
  assert.match(await namespace.kubectl('describe', 'pod', 'kuard'), /Reason: +OOMKilled\s+Exit Code: +137/)
  await namespace.wait('pod/kuard', 'condition=Ready')
  assert.equal((await memory(await namespace.forward('pod/kuard'))).node.allocated, 0)
})

test('requests and limits make the class of a pod', async (context) => {
  const namespace = await makeNamespace(context)
  for (const [path, expected] of [
    ['05-pods/kuard-pod.yaml', 'BestEffort'],
    ['05-pods/two-containers.yaml', 'Burstable'],
    ['05-pods/kuard-pod-reslim.yaml', 'Burstable'],
    ['05-pods/qos-guaranteed.yaml', 'Guaranteed'],
  ] as const) {
    const filename = `--filename=${manifest(path)}`
    const output = '--output=jsonpath={.status.qosClass}'
    assert.equal(await namespace.kubectl('apply', '--dry-run=server', filename, output), expected, path)
  }
})
