/** Who the process is, by GET /container/api, held against what the kernel says of the same process from outside. */
import assert from 'node:assert/strict'
import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { command } from '../support/command.ts'
import { containerOf, levelsIn, reportFromInside, statusOf } from '../support/container-report.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { etcFiles, whyNoResolvConf } from '../support/resolv-conf.ts'
import type { ContainerReport } from '../../server/features/container/wire.ts'

const asRoot = process.getuid?.() === 0 ? false : 'only root can become somebody else'
const withFilter = ['python3', '-I', join(import.meta.dirname, '../support/seccomp.py')]
const podEnv = { KUBERNETES_SERVICE_HOST: '10.96.0.1' }

/** Held against /proc/PID/status, as far as that is read here. */
function assertAsKernelSays(kuard: Kuard, { identity }: ContainerReport): void {
  const { uid, gid, groups, isRoot, capabilities, seccomp, noNewPrivileges } = identity
  const [kernelsUid, kernelsGid] = ['Uid', 'Gid'].map((name) => Number(statusOf(kuard, name).split('\t')[1]))
  assert.deepEqual([uid, gid, isRoot], [kernelsUid, kernelsGid, kernelsUid === 0])
  assert.equal(groups?.join(' '), statusOf(kuard, 'Groups').trim())
  const counts = (['effective', 'permitted', 'bounding', 'ambient'] as const).map(
    (set) => capabilities?.[set].length,
  )
  const bits = ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb'].map(
    (name) =>
      BigInt(`0x${statusOf(kuard, name)}`)
        .toString(2)
        .replaceAll('0', '').length,
  )
  assert.deepEqual(counts, bits)
  assert.equal(seccomp, ['off', 'strict', 'filter'][Number(statusOf(kuard, 'Seccomp'))])
  assert.equal(noNewPrivileges, statusOf(kuard, 'NoNewPrivs') === '1')
}

test('a server tells the user, groups, capabilities and filters that the kernel has for it', async (context) => {
  const kuard = await startKuard(context)
  assertAsKernelSays(kuard, await containerOf(kuard))
})

test('another user, groups and no capability that can be had', { skip: asRoot }, async (context) => {
  const become = ['--reuid=65534', '--regid=2345', '--groups=10,20', '--bounding-set=-all', '--no-new-privs']
  const kuard = await startKuard(context, [], { under: ['setpriv', ...become, '--'] })
  const report = await containerOf(kuard)
  assertAsKernelSays(kuard, report)
  const { uid, gid, groups, capabilities } = report.identity
  assert.deepEqual([uid, gid, groups], [65534, 2345, [10, 20]])
  assert.deepEqual(capabilities, { effective: [], permitted: [], bounding: [], ambient: [] })
  const { User, Capabilities, 'Privilege escalation': escalation, Privileged } = levelsIn(report)
  assert.deepEqual([User, Capabilities, escalation, Privileged], Array(4).fill('restricted'))
})

/** A server that may have these capabilities at most, by their names without CAP_, and how its check came out. */
async function capabilitiesCheck(context: TestContext, names: readonly string[]) {
  const all = (await command('setpriv', ['--list-caps'])).output.split('\n').filter(Boolean)
  const dropped = all.filter((name) => !names.includes(name.toUpperCase())).map((name) => `-${name}`)
  const under = ['unshare', '--map-root-user', 'setpriv', `--bounding-set=${dropped.join(',')}`, '--']
  const kuard = await startKuard(context, [], { under })
  const report = await containerOf(kuard)
  assertAsKernelSays(kuard, report)
  const check = report.identity.podSecurity.checks.find(({ name }) => name === 'Capabilities')
  return { bounding: report.identity.capabilities?.bounding, ...check }
}

const runtimes = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'NET_BIND_SERVICE'],
  ...['NET_RAW', 'SYS_CHROOT', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'],
]

test('NET_BIND_SERVICE alone is restricted, what runtimes give is baseline, anything more privileged', async (context) => {
  const one = await capabilitiesCheck(context, ['NET_BIND_SERVICE'])
  assert.deepEqual([one.bounding, one.level], [['CAP_NET_BIND_SERVICE'], 'restricted'])

  const usual = await capabilitiesCheck(context, runtimes)
  assert.deepEqual([usual.bounding, usual.level], [runtimes.map((name) => `CAP_${name}`), 'baseline'])
  assert.match(usual.why ?? '', /Most runtimes give NET_RAW too/)

  const more = await capabilitiesCheck(context, [...runtimes, 'NET_ADMIN'])
  assert.equal(more.level, 'privileged')
  assert.match(more.why ?? '', /^No runtime gives NET_ADMIN by itself: capabilities\.add/)
})

test('a filter of system calls is told, and fits the level restricted', async (context) => {
  const kuard = await startKuard(context, [], { under: withFilter })
  const report = await containerOf(kuard)
  assertAsKernelSays(kuard, report)
  assert.deepEqual([report.identity.seccomp, levelsIn(report).Seccomp], ['filter', 'restricted'])
})

test('a user namespace is told with its map, and root in it isn’t the machine’s', async (context) => {
  const kuard = await startKuard(context, [], { under: ['unshare', '--map-root-user'] })
  const { identity } = await containerOf(kuard)
  assert.deepEqual([identity.uid, identity.isRoot], [0, true])
  assert.deepEqual(identity.userNamespace, {
    map: [{ inside: 0, outside: process.getuid?.(), count: 1 }],
    isHosts: false,
  })
  const user = identity.podSecurity.checks.find(({ name }) => name === 'User')
  assert.equal(user?.found, 'root, who is another outside of the user namespace')
})

test('a root file system that is read-only is told so, and one that isn’t', async (context) => {
  const script = 'mount -o remount,bind,ro / && exec "$@"'
  const under = ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh']
  const [writable, readOnly] = await Promise.all([
    startKuard(context, [], { under: ['unshare', '--map-root-user', '--mount'] }),
    startKuard(context, [], { under }),
  ])
  const isReadOnly = (text: string) => / \/ \/ ro[, ]/.test(text)
  const ofWritable = isReadOnly(readFileSync(`/proc/${writable.child.pid}/mountinfo`, 'utf8'))
  assert.equal((await containerOf(writable)).identity.rootIsReadOnly, ofWritable)
  assert.equal((await containerOf(readOnly)).identity.rootIsReadOnly, true)
})

/** The number of the machine's first namespace of a kind: linux/nsfs.h. */
const first = { pid: 4026531836, ipc: 4026531839 }

test('a process that no container surrounds shares what the machine’s first process has', async (context) => {
  const kuard = await startKuard(context)
  const { hostNamespaces } = (await containerOf(kuard)).identity
  for (const kind of ['pid', 'ipc'] as const) {
    const isFirst = readlinkSync(`/proc/${kuard.child.pid}/ns/${kind}`) === `${kind}:[${first[kind]}]`
    assert.equal(hostNamespaces?.[kind], isFirst)
  }
})

test('a network and IPC of its own aren’t the machine’s', async (context) => {
  const script = 'ip link set lo up && exec "$@"'
  const under = ['unshare', '--map-root-user', '--net', '--ipc', 'sh', '-c', script, 'sh']
  const kuard = await startKuard(context, [], { under })
  const { identity } = await reportFromInside(kuard)
  assert.deepEqual([identity.hostNamespaces?.network, identity.hostNamespaces?.ipc], [false, false])
})

test('process 1 of a pod’s own container isn’t the node’s', async (context) => {
  const under = ['unshare', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
  const kuard = await startKuard(context, [], { under, env: podEnv })
  const { identity } = await containerOf(kuard)
  assert.equal(identity.hostNamespaces?.pid, false)
  const check = identity.podSecurity.checks.find(({ setting }) => setting === 'hostPID')
  assert.deepEqual([check?.level, check?.why], ['restricted', 'Process 1 is in this container.'])
})

test(
  'whose network a pod has, the kubelet’s line in /etc/hosts tells',
  { skip: whyNoResolvConf() },
  async (context) => {
    for (const [ofHost, header] of [
      [true, '# Kubernetes-managed hosts file (host network).'],
      [false, '# Kubernetes-managed hosts file.'],
    ] as const) {
      const { under } = await etcFiles(context, { hosts: `${header}\n127.0.0.1 localhost\n` })
      const kuard = await startKuard(context, [], { under, env: podEnv })
      const report = await containerOf(kuard)
      assert.equal(report.identity.hostNamespaces?.network, ofHost)
      assert.equal(levelsIn(report)['Host network'], ofHost ? 'privileged' : 'restricted')
    }
  },
)

/** As a runtime hides and write-protects what isn't for containers. */
const hide = [
  'mount --bind /dev/null /proc/keys',
  'mount --bind /proc/sys /proc/sys',
  'mount -o remount,bind,ro /proc/sys',
  'exec "$@"',
].join(' && ')

test('what a runtime hides tells a container from a privileged one', async (context) => {
  const inNamespace = [
    'unshare',
    '--map-root-user',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ]
  const [open, hidden] = await Promise.all([
    startKuard(context, [], { under: inNamespace }),
    startKuard(context, [], { under: [...inNamespace, 'sh', '-c', hide, 'sh'] }),
  ])
  const levels = async (kuard: Kuard) => {
    const { Privileged, '/proc': proc } = levelsIn(await containerOf(kuard))
    return { Privileged, proc }
  }
  assert.deepEqual(await levels(open), { Privileged: 'privileged', proc: 'privileged' })
  assert.deepEqual(await levels(hidden), { Privileged: 'restricted', proc: 'restricted' })
})

test('the level of all is that of the laxest check, and what leaves no sign is unknown', async (context) => {
  const kuard = await startKuard(context)
  const report = await containerOf(kuard)
  const levels = levelsIn(report)
  const laxest = ['privileged', 'baseline', 'restricted'].find((level) =>
    Object.values(levels).some((one) => one === level),
  )
  assert.equal(report.identity.podSecurity.level, laxest)
  assert.deepEqual(
    [levels['Host ports'], levels.Sysctls, levels['Probes of other hosts']],
    [null, null, null],
  )
})
