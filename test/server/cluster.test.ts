/** What is shown of a namespace: only while somebody looks, and as it changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { Pod } from '../../server/features/cluster/wire.ts'
import { pod } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { startPodIn } from '../support/pod.ts'

const Pods = Type.Object({ listed: Type.Boolean(), items: Type.Array(Pod) })

test('pods are shown as they come, change and go', async (context) => {
  const api = await startApiServer(context)
  api.put('pods', pod({ name: 'web-1', state: 'ContainerCreating' }))
  api.put('pods', pod({ name: 'elsewhere', namespace: 'other' }))
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const reader = await readEvents(context, kuard.port, '/events?topics=cluster.pods')
  const shows = (expected: Record<string, string>) =>
    reader.latest('cluster.pods', Pods, ({ listed, items }) => {
      const shown = Object.fromEntries(items.map(({ name, status }) => [name, status]))
      return listed && JSON.stringify(shown) === JSON.stringify(expected)
    })
  await shows({ 'web-1': 'ContainerCreating' })
  api.put('pods', pod({ name: 'web-1' }))
  api.put('pods', pod({ name: 'web-2', state: 'CrashLoopBackOff', restarts: 3 }))
  await shows({ 'web-1': 'Running', 'web-2': 'CrashLoopBackOff' })
  api.remove('pods', 'web-1')
  await shows({ 'web-2': 'CrashLoopBackOff' })
  await eventually('a watch', () => api.watches.length === 1)
  assert.deepEqual(
    api.requests.map(({ resource, isWatch }) => [resource, isWatch]),
    [
      ['pods', false],
      ['pods', true],
    ],
  )
})
