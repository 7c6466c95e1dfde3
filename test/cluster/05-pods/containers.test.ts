/** Containers beside the one that serves: before it, along with it, and into a pod that runs already; and where images come from. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

suite('containers beside the one that serves', { concurrency: 2 }, () => {
  test('init containers run one after the other, and the pod waits for them', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/init-containers.yaml')
    const initState = '.status.initContainerStatuses'
    await namespace.until('pod/init-containers', `${initState}[0].state.terminated.reason`, /^Completed$/)
    await namespace.until('pod/init-containers', `${initState}[1].state`, /running/)
    assert.match(await namespace.kubectl('get', 'pods'), /^init-containers +0\/1 +Init:1\/2 /m)

    await namespace.kubectl('create', 'service', 'clusterip', 'my-database', '--tcp=3306')
    await namespace.wait('pod/init-containers', 'condition=Ready')
    const forward = await namespace.forward('pod/init-containers')
    assert.match((await forward.get('/fs/data/prepared')).text, /20\d\d$/m)
  })

  test('a sidecar starts before the pod, lives as long as it, and does not keep it from ending', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/sidecar.yaml')
    await namespace.wait('pod/sidecar', 'condition=Ready')
    assert.match(await namespace.kubectl('get', 'pods'), /^sidecar +2\/2 +Running /m)
    const started = (statuses: string) =>
      namespace.read('pod/sidecar', `.status.${statuses}[0].state.running.startedAt`)
    const [sync, kuard] = [await started('initContainerStatuses'), await started('containerStatuses')]
    assert.ok(sync !== '' && sync <= kuard, `${sync} is not before ${kuard}`)
    const forward = await namespace.forward('pod/sidecar')
    // Each time that is written the file is empty first.
    await eventually('the time', async () => /\d\d:\d\d:\d\d/.test((await forward.get('/fs/data/now')).text))
    await namespace.wait('pod/sidecar', 'jsonpath={.status.phase}=Succeeded')
  })

  test('kubectl debug puts a container into a running pod, which sees its processes', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/kuard-pod.yaml')
    await namespace.wait('pod/kuard', 'condition=Ready')
    const debug = ['--image=kuard:blue', '--target=kuard', '--profile=restricted', '--container=debugger']
    await namespace.kubectl('debug', 'kuard', ...debug, '--', 'ps')
    await namespace.until(
      'pod/kuard',
      '.status.ephemeralContainerStatuses[0].state.terminated.reason',
      /^Completed$/,
    )
    assert.match(await namespace.kubectl('logs', 'kuard', '-c', 'debugger'), /\/kuard .*kuard\.cjs/)
    assert.equal(await namespace.read('pod/kuard', '.status.containerStatuses[0].restartCount'), '0')
  })

  test('the pull policy says whether the node may use, must fetch or must not fetch an image', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/pull-policies.yaml')
    await namespace.wait('pod/pull-if-not-present', 'condition=Ready')
    await namespace.prints(/Pulled .*already present on machine/, 'describe', 'pod', 'pull-if-not-present')
    const waiting = '.status.containerStatuses[0].state.waiting.reason'
    await namespace.until('pod/pull-never', waiting, /^ErrImageNeverPull$/)
    await namespace.prints(/Normal +Pulling .*"kuard:blue"/, 'describe', 'pod', 'pull-always')
  })
})
