/** Health checks of every kind, each in its own namespace: what fails is restarted, and what starts slowly is left in peace. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ProbeStatus } from '../../../server/features/probe/wire.ts'
import { makeNamespace, manifestText, type Namespace } from '../../support/cluster.ts'

/** Waits for the restart, and for what the reader finds when asking why. */
async function seeRestart(namespace: Namespace, pod: string): Promise<void> {
  await namespace.until(`pod/${pod}`, '.status.containerStatuses[?(@.name=="kuard")].restartCount', /^[1-9]/)
  for (const event of [
    /Unhealthy .*Liveness probe failed/,
    /Killing .*Container kuard failed liveness probe, will be restarted/,
  ])
    await namespace.prints(event, 'describe', 'pods', pod)
  assert.match(await namespace.previousLog(pod), /Received SIGTERM/)
}

suite('a liveness probe that fails has the container restarted', { concurrency: 3 }, () => {
  for (const [pod, path] of [
    ['kuard', '05-pods/kuard-pod-health.yaml'],
    ['probe-exec', '05-pods/probe-exec.yaml'],
    ['probe-grpc', '05-pods/probe-grpc.yaml'],
    ['probe-https', '05-pods/probe-https.yaml'],
  ] as const) {
    test(`${path}: told to fail on its page, it comes back with a page of its own`, async (context) => {
      const namespace = await makeNamespace(context)
      await namespace.apply(path)
      await namespace.wait(`pod/${pod}`, 'condition=Ready')
      assert.equal(await namespace.read(`pod/${pod}`, '.status.containerStatuses[0].restartCount'), '0')
      const before = await namespace.forward(`pod/${pod}`)
      await before.put('/healthy/api', { failNext: -1 })
      await seeRestart(namespace, pod)

      await namespace.wait(`pod/${pod}`, 'condition=Ready')
      const after = await namespace.forward(`pod/${pod}`)
      assert.equal((await after.get('/healthy/api')).json(ProbeStatus).failNext, 0)
    })
  }

  test('05-pods/probe-tcp.yaml: alive while its port takes connections, restarted when it does not', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/probe-tcp.yaml')
    await namespace.wait('pod/probe-tcp', 'condition=Ready')
    await namespace.kubectl('delete', 'pod', 'probe-tcp', '--now')

    const text = manifestText('05-pods/probe-tcp.yaml')
    await namespace.applyText(text.replace(' port: 8080', ' port: 8081'))
    await seeRestart(namespace, 'probe-tcp')
  })

  test('05-pods/probe-startup.yaml: while it starts, failures count for the startup probe alone', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/probe-startup.yaml')
    await namespace.until('pod/probe-startup', '.status.containerStatuses[0].started', /^false$/)
    await namespace.until('pod/probe-startup', '.status.containerStatuses[0].started', /^true$/)
    assert.match(
      await namespace.kubectl('describe', 'pod', 'probe-startup'),
      /Unhealthy .*Startup probe failed/,
    )
    const forward = await namespace.forward('pod/probe-startup')
    const codes = (await forward.get('/healthy/api')).json(ProbeStatus).history.map(({ code }) => code)
    assert.deepEqual(codes.slice(-6), [200, 500, 500, 500, 500, 500])
    assert.equal(await namespace.read('pod/probe-startup', '.status.containerStatuses[0].restartCount'), '0')
  })
})
