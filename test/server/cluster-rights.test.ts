/** What is told of rights that this pod lacks: once, until that changes, and quietly. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClusterState } from '../../server/features/cluster/wire.ts'
import { pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { startPodIn } from '../support/pod.ts'

test('a refusal stands while it is tried again, which the log says nothing of, and ends with the rights', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'kuard' }))
  api.forbid()
  const { kuard } = await startPodIn(context, api)
  const reader = await readEvents(context, kuard.port, '/events?topics=cluster,cluster.pods,cluster.this')
  const tries = () => api.requests.filter(({ resource }) => resource === 'pods').length
  // That of all pods and that of this one.
  await eventually('a second try of each', () => tries() >= 4)
  const told = reader
    .states('cluster', ClusterState)
    .map(({ resources }) => resources.pods?.state)
    .filter((state, index, all) => state !== all[index - 1])
  assert.deepEqual(told.slice(told.indexOf('refused')), ['refused'])
  assert.doesNotMatch(kuard.output, /forbidden/i)
  api.allow()
  await reader.latest('cluster', ClusterState, ({ resources }) => resources.pods?.state === 'watching')
})
