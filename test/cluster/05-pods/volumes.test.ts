/** Volumes: shared by containers, of the node, and of a claim that outlives its pod. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { atEnd } from '../../support/at-end.ts'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folder.ts'

suite('volumes', { concurrency: 2 }, () => {
  test('what one container writes, the other shows', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/two-containers.yaml')
    await namespace.wait('pod/two-containers', 'condition=Ready')
    assert.match(await namespace.kubectl('get', 'pods'), /^two-containers +2\/2 +Running /m)
    const forward = await namespace.forward('pod/two-containers')
    const now = async () => (await forward.get('/fs/data/now')).text
    const first = await eventually('the time', async () => /\d\d:\d\d:\d\d/.exec(await now())?.[0])
    await eventually('a later time', async () => !(await now()).includes(first))

    await namespace.prints(/GET \/fs\/data\/now 200/, 'logs', 'two-containers', '-c', 'kuard')
    assert.equal(await namespace.kubectl('logs', 'two-containers', '-c', 'sync'), '')
    assert.match(
      await namespace.kubectl('exec', 'two-containers', '-c', 'sync', '--', 'ls', '/data'),
      /^now$/,
    )
  })

  test("the node's own folder is in the file system browser, and stays when the pod goes", async (context) => {
    const namespace = await makeNamespace(context, 'privileged')
    await namespace.apply('05-pods/kuard-pod-vol.yaml')
    await namespace.wait('pod/kuard', 'condition=Ready')
    const nodeName = await namespace.read('pod/kuard', '.spec.nodeName')
    const file = `/host/kuard/${namespace.name}`
    // The folder is root's, and kuard isn't.
    await namespace.applyText(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'writer' },
        spec: {
          nodeName,
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'writer',
              image: 'kuard:blue',
              imagePullPolicy: 'IfNotPresent',
              command: ['sleep', '3600'],
              securityContext: { runAsUser: 0 },
              volumeMounts: [{ mountPath: '/host', name: 'host' }],
            },
          ],
          volumes: [{ name: 'host', hostPath: { path: '/var/lib' } }],
        },
      }),
    )
    await namespace.wait('pod/writer', 'condition=Ready')
    atEnd(context, () =>
      namespace.try('exec', 'writer', '--', 'sh', '-c', `rm -f ${file}; busybox rmdir /host/kuard`),
    )
    await namespace.kubectl('exec', 'writer', '--', 'sh', '-c', `echo of the node > ${file}`)
    const forward = await namespace.forward('pod/kuard')
    assert.equal((await forward.get(`/fs/data/${namespace.name}`)).text, 'of the node\n')
    await namespace.kubectl('delete', 'pod', 'kuard', '--now')
    assert.equal(await namespace.kubectl('exec', 'writer', '--', 'cat', file), 'of the node')
  })

  test('what lies on a claim is there for the next pod', async (context) => {
    const namespace = await makeNamespace(context)
    const file = join(temporaryFolder(context), 'config.txt')
    writeFileSync(file, 'kept\n')
    const manifest = '05-pods/kuard-pod-full-claim.yaml'
    await namespace.apply(manifest)
    await namespace.wait('pod/kuard', 'condition=Ready', 120)
    assert.equal(await namespace.read('persistentvolumeclaim/kuard-data', '.status.phase'), 'Bound')
    await namespace.kubectl('cp', file, 'kuard:/data/config.txt')
    await namespace.kubectl('delete', 'pod', 'kuard', '--now')

    await namespace.apply(manifest)
    await namespace.until('pod/kuard', '.status.containerStatuses[0].state', /running/)
    const forward = await namespace.forward('pod/kuard')
    assert.equal((await forward.get('/fs/data/config.txt')).text, 'kept\n')
  })
})
