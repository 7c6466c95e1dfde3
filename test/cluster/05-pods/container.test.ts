/** The Container page, beside what kubectl says of the same pods: who runs, what it may, what is mounted, who shares it. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { agreesWithKubectl, podOf, reportFrom } from '../as-kubectl-says.ts'
import { kubectl, makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

const mib = 2 ** 20

suite('the Container page', { concurrency: 2 }, () => {
  test('says of restricted pods what kubectl does', async (context) => {
    const namespace = await makeNamespace(context)
    const pods = ['kuard', 'read-only-root', 'share-processes', 'qos-guaranteed', 'full-disk', 'cpu-limit']
    await namespace.apply('05-pods/kuard-pod.yaml', ...pods.slice(1).map((name) => `05-pods/${name}.yaml`))
    for (const name of pods) {
      await namespace.wait(`pod/${name}`, 'condition=Ready')
      await context.test(name, async () => {
        const reports = await agreesWithKubectl(namespace, name)
        for (const { identity } of reports.values()) assert.equal(identity.podSecurity.level, 'restricted')
      })
    }
  })

  test('says of root, of capabilities, of no filter, of a folder of the node and of privilege what kubectl does', async (context) => {
    const namespace = await makeNamespace(context, 'privileged')
    const pods = ['capabilities', 'seccomp', 'privileged']
    await namespace.apply(...pods.map((name) => `05-pods/${name}.yaml`), '05-pods/kuard-pod-vol.yaml')
    for (const name of [...pods, 'kuard']) {
      await namespace.wait(`pod/${name}`, 'condition=Ready')
      await context.test(name, async () => {
        await agreesWithKubectl(namespace, name)
      })
    }
  })

  test('in the network of a node has the name, the address and the sockets of it', async (context) => {
    const namespace = await makeNamespace(context, 'privileged')
    await namespace.apply('05-pods/host-network.yaml')
    await namespace.wait('pod/host-network', 'condition=Ready')
    const report = (await agreesWithKubectl(namespace, 'host-network')).get('kuard')
    const { status, spec } = await podOf(namespace, 'host-network')
    const port = await kubectl([
      'get',
      'node',
      spec?.nodeName ?? '',
      '--output=jsonpath={.status.daemonEndpoints.kubeletEndpoint.Port}',
    ])
    assert.equal(status?.podIP, status?.hostIP)
    assert.ok(report?.sharing.listening?.some((socket) => socket.port === Number(port)))
    assert.equal(report?.identity.podSecurity.level, 'privileged')
  })

  test('shows the processes, and whose each port is, of the container with which it shares them', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/share-processes.yaml')
    await namespace.wait('pod/share-processes', 'condition=Ready')
    const forward = await namespace.forward('pod/share-processes')
    const { processes, listening } = (await reportFrom(forward)).sharing
    const { status } = await podOf(namespace, 'share-processes')
    const idOf = (container: string): string =>
      status?.containerStatuses?.find(({ name }) => name === container)?.containerID?.split('//')[1] ?? ''

    const self = processes?.find(({ isSelf }) => isSelf)
    assert.deepEqual(self?.container, { id: idOf('kuard'), isOwn: true })
    const other = processes?.find(({ command }) => command.endsWith('--address=:8081'))
    assert.deepEqual(other?.container, { id: idOf('other'), isOwn: false })
    assert.equal(processes?.find(({ pid }) => pid === 1)?.name, 'pause')
    const ownerOf = (port: number) => listening?.find((socket) => socket.port === port)?.process?.pid
    assert.equal(ownerOf(8080), self.pid)
    assert.equal(ownerOf(8081), other.pid)
  })

  test('counts the files of a volume in memory with the memory that is used', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('05-pods/memory-volume.yaml')
    await namespace.wait('pod/memory-volume', 'condition=Ready')
    const before = (await agreesWithKubectl(namespace, 'memory-volume')).get('kuard')
    const forward = await namespace.forward('pod/memory-volume')
    const cacheOf = (report: typeof before) => report?.mounts?.find(({ path }) => path === '/cache')
    assert.equal(cacheOf(before)?.size, 192 * mib)
    assert.equal(cacheOf(before)?.used, 0)

    const write = ['dd', 'if=/dev/zero', 'of=/cache/file', 'bs=1M', 'count=64']
    await namespace.kubectl('exec', 'memory-volume', '--', 'busybox', ...write)
    const after = await reportFrom(forward)
    assert.equal(cacheOf(after)?.used, 64 * mib)
    const more = (after.usage.memory ?? 0) - (before?.usage.memory ?? 0)
    assert.ok(more > 48 * mib && more < 96 * mib, `${more} bytes more`)

    await namespace.kubectl('exec', 'memory-volume', '--', 'rm', '/cache/file')
    await eventually('the memory to be given back', async () => {
      const { usage } = await reportFrom(forward)
      return usage.memory !== null && usage.memory < (after.usage.memory ?? 0) - 48 * mib
    })
  })
})
