/** Signs of a container that not every machine can show: nodes that are containers, other runtimes, security modules. */
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readCredentials } from '../../server/host/credentials.ts'
import { isMachines, readUserMap } from '../../server/host/kernel-namespaces.ts'
import { readMounts } from '../../server/host/mount-table.ts'
import { readSecurityLabels } from '../../server/host/security-labels.ts'
import { tellHostNamespaces } from '../../server/features/container/host-namespaces.ts'
import { checkAppArmor, checkSeLinux } from '../../server/features/container/security-surroundings.ts'
import { readIdentity } from '../../server/features/container/identity.ts'
import { podSecurity } from '../../server/features/container/pod-security.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A folder with these files, and with links for namespaces by their kinds. */
function systemWith(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  namespaces: Readonly<Record<string, number>> = {},
): string {
  const root = temporaryFolder(context)
  mkdirSync(join(root, 'proc/self/ns'), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [kind, number] of Object.entries(namespaces))
    symlinkSync(`${kind}:[${number}]`, join(root, 'proc/self/ns', kind))
  return root
}

const machines = { pid: 4026531836, ipc: 4026531839, user: 4026531837, net: 4026531833 }
const others = { ...machines, pid: 4026532500, ipc: 4026532499, net: 4026532400 }
const id = '0123456789abcdef'.repeat(4)

test('whose process 1 is, its control group tells where the node is a container itself', async (context) => {
  const cases: [is: boolean | null, first: string, self: string][] = [
    // The container's own.
    [false, '0::/\n', '0::/\n'],
    // The pod's pause, with shareProcessNamespace.
    [false, `0::/../cri-containerd-${id}.scope\n`, '0::/\n'],
    [
      false,
      `4:memory:/kubepods/pod1/${id}\n0::/\n`,
      `4:memory:/kubepods/pod1/${id.replace('0', 'f')}\n0::/\n`,
    ],
    // The node's, in kind.
    [true, '0::/../../../../../init.scope\n', '0::/\n'],
    [true, '4:memory:/\n', `4:memory:/kubepods/pod1/${id}\n`],
    // Deeper than usual.
    [null, `0::/../../crio-${id}.scope/container\n`, '0::/\n'],
    [null, '', '0::/\n'],
  ]
  for (const [is, first, self] of cases) {
    const root = systemWith(context, { 'proc/1/cgroup': first, 'proc/self/cgroup': self }, others)
    const { pid } = await tellHostNamespaces({ inPod: true, mounts: null, root })
    assert.equal(pid.is, is, `${first} for ${self}: ${pid.why}`)
  }
})

test('a pod’s IPC is unknown where the node was seen to be a container, and else not the machine’s', async (context) => {
  const ofKubelet = (folder: string, type: string) =>
    `20 1 8:1 ${folder}/pods/a75bf5fb-ebdf-4541-8cfe-5ee66d2003ba/etc-hosts /etc/hosts rw - ${type} /dev/vda1 rw\n`
  const hostsOfNode = '# Kubernetes-managed hosts file (host network).\n'
  const cases: [is: boolean | null, files: Record<string, string>][] = [
    [false, { 'proc/self/mountinfo': ofKubelet('/var/lib/kubelet', 'ext4') }],
    [null, { 'proc/self/mountinfo': ofKubelet('/var/lib/docker/volumes/1/_data/lib/kubelet', 'ext4') }],
    [null, { 'proc/self/mountinfo': ofKubelet('/var/lib/kubelet', 'overlay') }],
    [null, { 'proc/sys/net/core/somaxconn': '4096\n', 'etc/hosts': hostsOfNode }],
  ]
  for (const [is, files] of cases) {
    const root = systemWith(context, files, others)
    const { ipc } = await tellHostNamespaces({ inPod: true, mounts: await readMounts(root), root })
    assert.equal(ipc.is, is, JSON.stringify(files))
  }
  const root = systemWith(context, {}, machines)
  assert.equal((await tellHostNamespaces({ inPod: true, mounts: null, root })).ipc.is, true)
})

test('the machine’s network is told by what only it has, on any kernel', async (context) => {
  const any = { 'proc/sys/net/core/somaxconn': '4096\n' }
  const alone = { ...any, 'proc/sys/net/core/netdev_budget': '300\n' }
  assert.equal(await isMachines('net', systemWith(context, any, others)), false)
  assert.equal(await isMachines('net', systemWith(context, alone, others)), true)
  assert.equal(await isMachines('net', systemWith(context, {}, machines)), true)
  assert.equal(await isMachines('net', systemWith(context, {}, others)), null)
})

test('profiles and labels are told from each other, wherever the kernel has them', async (context) => {
  const profile = 'cri-containerd.apparmor.d (enforce)'
  const label = 'system_u:system_r:container_t:s0:c1,c2'
  const cases: [files: Record<string, string>, appArmor: string | null, seLinux: string | null][] = [
    [{}, null, null],
    [{ 'proc/self/attr/current': `${profile}\n` }, profile, null],
    [{ 'proc/self/attr/current': 'unconfined\n' }, 'unconfined', null],
    [{ 'proc/self/attr/current': `${label}\0` }, null, label],
    [
      { 'proc/self/attr/current': `${label}\0`, 'proc/self/attr/apparmor/current': `${profile}\n` },
      profile,
      label,
    ],
  ]
  for (const [files, appArmor, seLinux] of cases)
    assert.deepEqual(await readSecurityLabels(systemWith(context, files)), { appArmor, seLinux })
})

test('a profile fits every level, spc_t none but privileged, and what may be the runtime’s doing is unknown', () => {
  const labels = (appArmor: string | null, seLinux: string | null) => ({ labels: { appArmor, seLinux } })
  const ofAppArmor = [null, 'unconfined', 'cri-containerd.apparmor.d (enforce)'].map(
    (appArmor) => checkAppArmor(labels(appArmor, null)).level,
  )
  assert.deepEqual(ofAppArmor, [null, null, 'restricted'])
  const types = ['container_t', 'container_engine_t', 'spc_t', 'unconfined_service_t']
  const ofSeLinux = types.map((type) => checkSeLinux(labels(null, `system_u:system_r:${type}:s0`)).level)
  assert.deepEqual(ofSeLinux, ['restricted', 'restricted', 'privileged', null])
})

test('without /proc nothing is told but what every system tells', async (context) => {
  const root = join(temporaryFolder(context), 'none')
  assert.deepEqual(await Promise.all([readCredentials(root), readUserMap(root), readMounts(root)]), [
    null,
    null,
    null,
  ])
  const { network, pid, ipc } = await tellHostNamespaces({ inPod: false, mounts: null, root })
  assert.deepEqual([network.is, pid.is, ipc.is], [null, null, null])
  const { level, checks } = podSecurity({
    credentials: { uid: 1000, capabilities: null, seccomp: null, noNewPrivileges: null },
    labels: { appArmor: null, seLinux: null },
    hostNamespaces: { network, pid, ipc },
    ...{ userNamespace: null, rootIsReadOnly: null, mountTable: null, mounts: null },
  })
  assert.equal(level, null, 'a user alone says nothing of what else the container may do')
  assert.equal(checks.find(({ name }) => name === 'User')?.level, 'restricted')
})

test('capabilities that are newer than this server are told by their numbers', async (context) => {
  const mask = (1n << 62n) + 1n
  const status = ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb']
    .map((set) => `${set}:\t${mask.toString(16)}\n`)
    .join('')
  const credentials = await readCredentials(systemWith(context, { 'proc/self/status': status }))
  assert.deepEqual(credentials?.capabilities?.bounding, ['CAP_CHOWN', 'CAP_62'])
  assert.deepEqual([credentials.uid, credentials.seccomp, credentials.noNewPrivileges], [null, null, null])
})

test('a volume of the node’s files fits no level but privileged', async () => {
  const mount = {
    path: '/host',
    why: '',
    volume: null,
    fileSystem: 'ext4',
    source: '/dev/vda1',
    readOnly: true,
    subPath: null,
    size: null,
    used: null,
    inodes: null,
    inodesUsed: null,
    isFolder: true,
  }
  const levelWith = async (kind: 'hostPath' | 'unknown' | 'configMap') => {
    const { podSecurity } = await readIdentity({
      mounts: [{ ...mount, kind }],
      mountTable: null,
      inPod: true,
    })
    return podSecurity.checks.find(({ name }) => name === 'Volumes')?.level
  }
  assert.deepEqual(
    [await levelWith('hostPath'), await levelWith('unknown'), await levelWith('configMap')],
    ['privileged', null, 'restricted'],
  )
})
