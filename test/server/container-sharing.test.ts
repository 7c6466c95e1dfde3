/** Who shares the pod, on the Container page: processes, sockets and connections, as /proc has them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { createSocket } from 'node:dgram'
import { platform } from 'node:os'
import { test } from 'node:test'
import { ContainerReport, type Sharing } from '../../server/features/container/wire.ts'
import { groupPathIn } from '../../server/host/own-group.ts'
import { atEnd } from '../support/at-end.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'

const sharing = async (kuard: Kuard): Promise<Sharing> =>
  (await kuard.get('/container/api')).json(ContainerReport).sharing

const skip = platform() === 'linux' ? false : 'only Linux has /proc'

const inOwnProcesses = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
const whyNoNamespace =
  spawnSync('unshare', [...inOwnProcesses.slice(1), 'true']).status === 0
    ? false
    : 'needs a namespace of processes'

test(
  'a process is told with its parent, user, name and arguments',
  { skip: skip || whyNoNamespace },
  async (context) => {
    const under = [...inOwnProcesses, 'sh', '-c', 'sleep 4711 & "$@"', 'sh']
    const { processes, processCount } = await sharing(
      await startKuard(context, [`--log-format=text`, `--fs-root=/${'/'.repeat(300)}`], { under }),
    )
    assert.equal(processCount, 3)
    const [shell, sleep, server] = ['sh', 'sleep', 'node-MainThread'].map((wanted) =>
      processes?.find(({ name }) => name === wanted),
    )
    assert.deepEqual([sleep?.command, sleep?.parent, sleep?.isSelf], ['sleep 4711', shell?.pid, false])
    assert.deepEqual([server?.isSelf, server?.uid, server?.parent], [true, process.geteuid?.(), shell?.pid])
    assert.equal(server?.command.length, 256)
  },
)

test('a socket that listens is told with its process, where that is seen', { skip }, async (context) => {
  const kuard = await startKuard(context)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const udp = createSocket('udp6').bind(0, '::1')
  await once(udp, 'listening')
  atEnd(context, () => {
    server.close()
    udp.close()
  })
  const { listening } = await sharing(kuard)
  const at = (wanted: number) => listening?.find(({ port }) => port === wanted)
  assert.deepEqual(at(kuard.port), {
    protocol: 'tcp',
    address: '127.0.0.1',
    port: kuard.port,
    process: { pid: kuard.child.pid, name: 'node-MainThread' },
    why: `it is among the open files of process ${kuard.child.pid ?? 0}`,
  })
  assert.equal(at((server.address() as AddressInfo).port)?.process?.pid, process.pid)
  const bound = at(udp.address().port)
  assert.deepEqual([bound?.protocol, bound?.address, bound?.process?.pid], ['udp6', '::1', process.pid])
})

test('a socket of a process that is not seen says so', { skip: skip || whyNoNamespace }, async (context) => {
  const server = createServer().listen(0, '::1')
  await once(server, 'listening')
  atEnd(context, () => {
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { listening } = await sharing(await startKuard(context, [], { under: inOwnProcesses }))
  const found = listening?.find((socket) => socket.port === port)
  assert.deepEqual([found?.protocol, found?.address, found?.process], ['tcp6', '::1', null])
  assert.match(found?.why ?? '', /no process that is seen here has it open/)
})

test('connections are counted by state, without those that listen', { skip }, async (context) => {
  const kuard = await startKuard(context)
  const count = async () => {
    const { connections } = await sharing(kuard)
    assert.ok(connections?.every(({ state }) => /^[A-Z][A-Z_0-9]+$/.test(state) && state !== 'LISTEN'))
    return connections?.find(({ state }) => state === 'ESTABLISHED')?.count ?? 0
  }
  const sockets = Array.from({ length: 300 }, () => connect(kuard.port, '127.0.0.1'))
  atEnd(context, () => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  // Both ends of each are in this network.
  assert.ok((await count()) >= 600)
})

const id = '1d98dea834e08fab6b675ab2ac67c132bcc3dfd7140fcd63ae360789da0e828f'
const pod = '622cdb93-d46e-4350-8fee-279a9212b427'
const groups = [
  ['containerd, cgroupfs', `5:pids:/kubepods/burstable/pod${pod}/${id}\n0::/`, id, 'Burstable'],
  ['a Guaranteed pod', `0::/kubepods/pod${pod}/${id}`, id, 'Guaranteed'],
  [
    'containerd, systemd',
    `0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`,
    id,
    'BestEffort',
  ],
  [
    'a Guaranteed pod, CRI-O',
    `0::/kubepods.slice/kubepods-pod${pod.replaceAll('-', '_')}.slice/crio-${id}.scope/container`,
    id,
    'Guaranteed',
  ],
  [
    'below kind',
    `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/cri-containerd-${id}.scope`,
    id,
    'Burstable',
  ],
  ['another container, from a namespace', `0::/../${id}`, id, null],
  ['a namespace of its own', '0::/', null, null],
  ['a machine', '1:name=systemd:/init.scope\n0::/system.slice/ssh.service', null, null],
] as const

for (const [name, text, container, qualityOfService] of groups) {
  test(`the control group's path tells container and class: ${name}`, () => {
    const found = groupPathIn(text)
    assert.deepEqual([found?.container, found?.qualityOfService], [container, qualityOfService])
  })
}
