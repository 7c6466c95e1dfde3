/** A HorizontalPodAutoscaler, which adds pods while the CPU is busy. It needs metrics-server. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'

test('KeyGen in one pod makes the ReplicaSet grow, and it shrinks again when KeyGen ends', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('08-replicasets/kuard-rs.yaml', '08-replicasets/kuard-hpa.yaml')
  await namespace.until('rs/kuard', '.status.readyReplicas', /^2$/)
  const byCommand = [
    'autoscale',
    'rs',
    'kuard',
    '--min=2',
    '--max=5',
    '--cpu-percent=80',
    '--name=by-command',
  ]
  await namespace.kubectl(...byCommand, '--dry-run=server')
  await namespace.until('hpa/kuard', '.status.currentMetrics[0].resource.current.averageUtilization', /^\d+$/)

  const [busy = ''] = await namespace.names('pods')
  const forward = await namespace.forward(`pod/${busy}`)
  assert.equal((await forward.put('/keygen', { enable: true })).status, 200)
  await namespace.until('rs/kuard', '.status.readyReplicas', /^[3-5]$/, 120)

  await forward.put('/keygen', { enable: false })
  await namespace.until('rs/kuard', '.spec.replicas', /^2$/, 150)
})
