/** What the Container tab makes of the server's report: levels, figures, addresses, and the fields of a manifest to copy. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import type {
  ContainerReport,
  ContainerUsage,
  Identity,
  Mount,
  PodSecurityLevel,
  TokenClaims,
} from '../../server/features/container/wire.ts'
import { allowanceRows } from '../../ui/src/tabs/container/allowance-rows.ts'
import { commands, levelCommand } from '../../ui/src/tabs/container/commands.ts'
import { allowanceFields } from '../../ui/src/tabs/container/fields/allowance.ts'
import { downwardFields } from '../../ui/src/tabs/container/fields/downward.ts'
import { identityFields } from '../../ui/src/tabs/container/fields/identity.ts'
import { mountFields } from '../../ui/src/tabs/container/fields/mounts.ts'
import { namingFields } from '../../ui/src/tabs/container/fields/naming.ts'
import { sharingFields } from '../../ui/src/tabs/container/fields/sharing.ts'
import { tokenFields } from '../../ui/src/tabs/container/fields/tokens.ts'
import { filesAddress, inodeWords, isEverywhere, spaceWords } from '../../ui/src/tabs/container/mounts.ts'
import { containerWords, socketWords } from '../../ui/src/tabs/container/sharing.ts'
import { byLevel, levelSign, standingOf, userWord } from '../../ui/src/tabs/container/standing.ts'
import { cpuWords, fileWords, pidWords, throttleWords } from '../../ui/src/tabs/container/usage-words.ts'
import { noted, toYaml } from '../../ui/src/tabs/container/yaml.ts'

const check = (name: string, level: PodSecurityLevel | null) => ({
  ...{ name, level },
  ...{ found: 'something', setting: `securityContext.${name}`, why: 'because' },
})

const unknownIdentity: Identity = {
  ...{ uid: null, gid: null, groups: null, isRoot: null, userNamespace: null, capabilities: null },
  ...{ seccomp: null, noNewPrivileges: null, appArmor: null, seLinux: null, rootIsReadOnly: null },
  ...{ hostNamespaces: null, podSecurity: { level: null, checks: [] } },
}

const unknownUsage: ContainerUsage = {
  ...{ time: '2026-11-30T10:00:00.000Z', cpuSeconds: null, cpuCores: null, cpuQuota: null, periods: null },
  ...{ throttledPeriods: null, throttledSeconds: null, throttledShare: null, memory: null },
  ...{ memoryLimit: null, pids: null, pidsLimit: null, openFiles: null, openFilesLimit: null },
}

const mount = (path: string, kind: Mount['kind'], more: Partial<Mount> = {}): Mount => ({
  ...{ path, kind, why: 'a sign', volume: null, fileSystem: 'ext4', source: '/dev/vda1', readOnly: false },
  ...{ subPath: null, size: null, used: null, inodes: null, inodesUsed: null, isFolder: true, ...more },
})

const token = (path: string, more: Partial<TokenClaims> = {}): TokenClaims => ({
  ...{ path, problem: null, audience: [], issuer: null, subject: null, serviceAccount: null },
  ...{ namespace: null, pod: null, node: null, issuedAt: null, expiresAt: null, ...more },
})

test('what stands in the way of the next stricter level is what fits none that strict; what isn’t known is told apart', () => {
  const checks = [
    check('a', 'restricted'),
    check('b', 'baseline'),
    check('c', 'privileged'),
    check('d', null),
  ]
  const names = (of: readonly { name: string }[]) => of.map(({ name }) => name).join('')
  const privileged = standingOf({ level: 'privileged', checks })
  assert.equal(privileged.stricter, 'baseline')
  assert.equal(names(privileged.obstacles), 'c')
  assert.equal(names(privileged.unknown), 'd')
  const baseline = standingOf({ level: 'baseline', checks: checks.slice(0, 2) })
  assert.equal(baseline.stricter, 'restricted')
  assert.equal(names(baseline.obstacles), 'b')
  const restricted = standingOf({ level: 'restricted', checks: checks.slice(0, 1) })
  assert.deepEqual([restricted.stricter, restricted.obstacles], [undefined, []])
  const unknown = standingOf({ level: null, checks })
  assert.deepEqual([unknown.stricter, unknown.obstacles], [undefined, []])
  assert.equal(names(byLevel(checks)), 'cbad')
})

test('each level has a sign of its own', () => {
  const signs = ([null, 'privileged', 'baseline', 'restricted'] as const).map(levelSign)
  assert.equal(new Set(signs).size, 4)
})

test('who it is says whether root here is root of the machine', () => {
  const root = { ...unknownIdentity, uid: 0, isRoot: true }
  assert.equal(userWord(unknownIdentity), 'unknown user')
  assert.equal(userWord({ ...unknownIdentity, uid: 1000, isRoot: false }), 'user 1000, not root')
  assert.equal(userWord(root), 'root')
  assert.equal(userWord({ ...root, userNamespace: { map: [], isHosts: true } }), 'root, as on the machine')
  assert.equal(
    userWord({ ...root, userNamespace: { map: [], isHosts: false } }),
    'root here, not on the machine',
  )
})

test('usage is told as a part of what is allowed, and says where nothing is known or nothing is set', () => {
  assert.equal(cpuWords(unknownUsage), 'unknown')
  assert.equal(throttleWords(unknownUsage), 'unknown')
  const counted = { ...unknownUsage, cpuSeconds: 3 }
  assert.equal(cpuWords(counted), 'being measured, no quota seen')
  assert.equal(throttleWords(counted), 'never, without a quota')
  const limited = { ...counted, cpuCores: 0.487, cpuQuota: 0.5, periods: 10, throttledShare: 0.831 }
  assert.equal(cpuWords(limited), '487m of 500m')
  assert.equal(throttleWords(limited), '83 % of periods')
  assert.equal(throttleWords({ ...limited, throttledShare: null }), 'being measured')
  // In version 1 of control groups another one counts CPU time than has the quota.
  assert.equal(cpuWords({ ...limited, cpuSeconds: null }), 'unknown of 500m')
  assert.equal(throttleWords({ ...limited, cpuSeconds: null }), '83 % of periods')
  assert.equal(pidWords({ ...unknownUsage, pidsLimit: 1024 }), 'unknown of 1,024')
  assert.equal(fileWords({ ...unknownUsage, openFiles: 31, openFilesLimit: 1024 }), '31 of 1,024')
})

test('the table of what it may use has what part is taken, and why what isn’t known isn’t', () => {
  const allowance: ContainerReport['allowance'] = {
    ...{ qualityOfService: null, oomScoreAdj: null, qualityOfServiceWhy: 'no /proc' },
    cpu: { quota: 0.5, weight: 10, shares: null, request: 0.1 },
    memory: { limit: 200 * 2 ** 20, swapLimit: null },
    ...{ pids: { limit: null }, hugePages: [{ size: 2 ** 21, limit: 2 ** 22, usage: 0 }] },
    openFiles: { soft: 1024, hard: 4096 },
  }
  const usage = { ...unknownUsage, cpuCores: 0.25, memory: 50 * 2 ** 20, openFiles: 30 }
  const rows = new Map(allowanceRows(allowance, usage).map((row) => [row.name, row]))
  assert.equal(rows.get('CPU')?.share, 0.5)
  assert.equal(rows.get('Memory')?.share, 0.25)
  assert.equal(rows.get('CPU where others want it too')?.meaning, 'made of a request of 100m cores')
  assert.deepEqual(
    [rows.get('Processes and threads')?.used, rows.get('Processes and threads')?.most],
    ['unknown', 'no limit seen'],
  )
  assert.match(rows.get('Open files')?.meaning ?? '', /raise its limit to 4,096/)
  assert.equal(rows.get('Huge pages of 2.0 MiB')?.by, 'resources.limits.hugepages-2Mi')
  const none = allowanceRows({ ...allowance, hugePages: null }, usage).at(-1)
  assert.match(none?.meaning ?? '', /no control group of huge pages/)
})

test('a mount leads to its folder in the file system browser, a file to its folder with the file on show', () => {
  assert.equal(filesAddress('/', true), 'fs/')
  assert.equal(filesAddress('/var/a b/#1', true), 'fs/var/a%20b/%231/')
  assert.equal(filesAddress('/etc/hosts', false), 'fs/etc/?file=hosts')
  assert.equal(filesAddress('/data', null), 'fs/data/')
})

test('a mount’s space and inodes are told as far as they are known', () => {
  assert.equal(spaceWords(mount('/', 'image')), 'unknown')
  assert.equal(spaceWords(mount('/', 'image', { size: 2 ** 20, used: 1024 })), '1.0 KiB of 1.0 MiB')
  assert.equal(inodeWords(mount('/', 'image', { inodes: 0 })), 'no bound')
  assert.equal(inodeWords(mount('/', 'image', { inodes: 4000, inodesUsed: 12 })), '12 of 4,000')
  assert.ok(isEverywhere(mount('/proc', 'kernel')) && !isEverywhere(mount('/x', 'unknown')))
})

test('a process says which container it is of, a socket where it listens', () => {
  const process = {
    ...{ pid: 1, parent: 0, uid: 0, name: 'pause', command: '/pause', isSelf: false },
    container: { id: '0123456789abcdef', isOwn: false },
  }
  assert.equal(containerWords(process), 'another, 0123456789ab')
  assert.equal(containerWords({ ...process, container: { id: 'x', isOwn: true } }), 'this one')
  assert.equal(containerWords({ ...process, container: null }), 'unknown')
  const socket = { protocol: 'tcp6', address: '::', port: 8080, process: null, why: '' } as const
  assert.equal(socketWords(socket), '[::]:8080')
  assert.equal(socketWords({ ...socket, protocol: 'tcp', address: '127.0.0.1' }), '127.0.0.1:8080')
})

test('YAML is read back as what was written, whatever the text means to YAML, and comments don’t get in its way', () => {
  const odd = ['yes', '1.5', '', 'a: b', '- x', '#', 'null', "'", 'wide “text”', 'two\nlines', '*', '~']
  const value = { odd, empty: [], none: {}, 'a/b.c': true, nested: [{ one: 1, list: [[2, 3]] }] }
  assert.deepEqual(parse(toYaml(value)), value)
  const commented = { a: noted(1, 'why: because'), b: noted([1], 'list'), c: [noted('x', 'item')] }
  assert.deepEqual(parse(toYaml(commented)), { a: 1, b: [1], c: ['x'] })
  assert.match(toYaml(commented), /^a: 1 # why: because$/m)
})

/** As a reader's kubectl would take it. */
const read = (yaml: string | undefined): { spec: Record<string, unknown> } =>
  parse(yaml ?? '') as { spec: Record<string, unknown> }

test('the fields of a strict container are those of the restricted level', () => {
  const yaml = identityFields({
    ...{ uid: 65534, gid: 65534, groups: [65534], isRoot: false, userNamespace: null, seccomp: 'filter' },
    capabilities: { effective: [], permitted: [], bounding: [], ambient: [] },
    ...{ noNewPrivileges: true, appArmor: 'cri-containerd.apparmor.d (enforce)', seLinux: null },
    ...{ rootIsReadOnly: true, hostNamespaces: { pid: false, ipc: false, network: false } },
    podSecurity: { level: 'restricted', checks: [] },
  })
  assert.deepEqual(read(yaml).spec, {
    containers: [
      {
        name: 'kuard',
        securityContext: {
          ...{ runAsUser: 65534, runAsGroup: 65534, runAsNonRoot: true, allowPrivilegeEscalation: false },
          ...{ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          ...{ seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'RuntimeDefault' } },
        },
      },
    ],
  })
})

test('the fields of a container in the node’s namespaces name them, and its capabilities as they are added', () => {
  const own = { effective: [], permitted: [], ambient: [] }
  const { spec } = read(
    identityFields({
      ...unknownIdentity,
      groups: [1, 2],
      gid: 1,
      capabilities: { ...own, bounding: ['CAP_SYS_TIME', 'CAP_NET_ADMIN'] },
      ...{ seLinux: 'system_u:system_r:container_t:s0:c1,c2', seccomp: 'off', appArmor: 'mine (enforce)' },
      ...{
        hostNamespaces: { pid: true, ipc: null, network: true },
        userNamespace: { map: [], isHosts: false },
      },
    }),
  )
  assert.deepEqual(
    [spec.hostPID, spec.hostIPC, spec.hostNetwork, spec.hostUsers],
    [true, undefined, true, false],
  )
  assert.deepEqual(spec.securityContext, { supplementalGroups: [2] })
  assert.deepEqual(spec.containers, [
    {
      name: 'kuard',
      securityContext: {
        runAsGroup: 1,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'SYS_TIME'] },
        seccompProfile: { type: 'Unconfined' },
        appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' },
        seLinuxOptions: { user: 'system_u', role: 'system_r', type: 'container_t', level: 's0:c1,c2' },
      },
    },
  ])
  const all = Array.from({ length: 41 }, (_, number) => `CAP_${String(number)}`)
  assert.match(
    identityFields({ ...unknownIdentity, capabilities: { ...own, bounding: all } }),
    /privileged: true/,
  )
  assert.match(
    identityFields({
      ...unknownIdentity,
      capabilities: { ...own, bounding: ['CAP_SYS_ADMIN'] },
      podSecurity: { level: 'privileged', checks: [check('privileged', 'privileged')] },
    }),
    /privileged: true/,
    'some kernels know fewer capabilities',
  )
})

test('resources are written as the classes want them', () => {
  const allowance: ContainerReport['allowance'] = {
    ...{ qualityOfService: 'Burstable', oomScoreAdj: 980, qualityOfServiceWhy: '' },
    cpu: { quota: 0.5, weight: 4, shares: null, request: 0.1 },
    memory: { limit: 200 * 2 ** 20, swapLimit: 0 },
    ...{ pids: { limit: null }, hugePages: [{ size: 2 ** 21, limit: 2 ** 22, usage: 0 }] },
    openFiles: { soft: null, hard: null },
  }
  const resources = (of: typeof allowance) =>
    (read(allowanceFields(of)).spec.containers as [{ resources: unknown }])[0].resources
  const limits = { cpu: '500m', memory: '200Mi', 'hugepages-2Mi': '4Mi' }
  assert.deepEqual(resources(allowance), { requests: { cpu: '100m' }, limits })
  assert.deepEqual(resources({ ...allowance, qualityOfService: 'Guaranteed' }), { requests: limits, limits })
  assert.deepEqual(resources({ ...allowance, qualityOfService: 'BestEffort' }), {})
})

test('volumes are written once each, by their kinds; what no field mounts is left out', () => {
  assert.equal(mountFields([mount('/proc', 'kernel'), mount('/', 'image')]), undefined)
  const { spec } = read(
    mountFields([
      mount('/proc', 'kernel'),
      mount('/cache', 'emptyDir in memory', { volume: 'cache', size: 64 * 2 ** 20 }),
      mount('/cache/again', 'emptyDir in memory', { volume: 'cache', size: 64 * 2 ** 20 }),
      mount('/etc/app', 'configMap', { volume: 'settings', subPath: 'app', readOnly: true }),
      mount('/data', 'claim'),
    ]),
  )
  assert.deepEqual(spec.volumes, [
    { name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'settings', configMap: { name: 'CONFIGMAP' } },
    { name: 'volume-1', persistentVolumeClaim: { claimName: 'CLAIM' } },
  ])
  assert.deepEqual((spec.containers as [{ volumeMounts: unknown[] }])[0].volumeMounts, [
    { name: 'cache', mountPath: '/cache' },
    { name: 'cache', mountPath: '/cache/again' },
    { name: 'settings', mountPath: '/etc/app', subPath: 'app', readOnly: true },
    { name: 'volume-1', mountPath: '/data' },
  ])
})

test('names are found by a policy where it is known, else by the lines that make the same resolv.conf', () => {
  const naming: ContainerReport['naming'] = {
    ...{ hostname: 'kuard', dnsPolicy: 'ClusterFirst', dnsPolicyWhy: '', nameServers: ['10.96.0.10'] },
    hosts: [
      { address: '127.0.0.1', names: ['localhost'], from: 'kubelet' },
      { address: '10.1.2.3', names: ['db'], from: 'hostAliases' },
    ],
    ...{ search: ['a.b'], ndots: 5, options: ['ndots:5', 'rotate'] },
    example: { name: 'queue', wouldAsk: [], why: '' },
  }
  const hostAliases = [{ ip: '10.1.2.3', hostnames: ['db'] }]
  assert.deepEqual(read(namingFields(naming)).spec, { dnsPolicy: 'ClusterFirst', hostAliases })
  assert.deepEqual(read(namingFields({ ...naming, dnsPolicy: null })).spec, {
    dnsPolicy: 'None',
    dnsConfig: {
      nameservers: ['10.96.0.10'],
      searches: ['a.b'],
      options: [{ name: 'ndots', value: '5' }, { name: 'rotate' }],
    },
    hostAliases,
  })
})

test('the account’s own token is automounted, another is a projected volume with its audience', () => {
  const own = token('/run/secrets/kubernetes.io/serviceaccount/token', { serviceAccount: 'kuard' })
  const other = token('/var/run/vault/token', {
    audience: ['vault'],
    issuedAt: '2026-11-30T10:00:00Z',
    expiresAt: '2026-11-30T10:10:00Z',
  })
  assert.deepEqual(read(tokenFields([own])).spec, {
    serviceAccountName: 'kuard',
    automountServiceAccountToken: true,
  })
  assert.deepEqual(read(tokenFields([other])).spec, {
    automountServiceAccountToken: false,
    containers: [{ name: 'kuard', volumeMounts: [{ name: 'token-1', mountPath: '/var/run/vault' }] }],
    volumes: [
      {
        name: 'token-1',
        projected: {
          sources: [{ serviceAccountToken: { path: 'token', audience: 'vault', expirationSeconds: 600 } }],
        },
      },
    ],
  })
})

test('the downward API’s fields are written as they were told, or as they could be', () => {
  const values = [{ name: null, value: 'x' }]
  const { spec } = read(
    downwardFields([
      { field: 'spec.nodeName', values, from: 'variable NODE' },
      { field: 'metadata.labels', values, from: 'file /etc/podinfo/labels' },
      { field: 'spec.nodeName', values, from: 'the token' },
    ]),
  )
  const fieldRef = (fieldPath: string) => ({ fieldRef: { fieldPath } })
  assert.deepEqual(spec, {
    containers: [
      {
        name: 'kuard',
        env: [{ name: 'NODE', valueFrom: fieldRef('spec.nodeName') }],
        volumeMounts: [{ name: 'podinfo', mountPath: '/etc/podinfo' }],
      },
    ],
    volumes: [
      {
        name: 'podinfo',
        downwardAPI: { items: [{ path: 'labels', ...fieldRef('metadata.labels') }] },
      },
    ],
  })
  assert.match(downwardFields([]), /name: NODE_NAME\n.*valueFrom:\n.*fieldRef:\n.*fieldPath: spec.nodeName/)
})

test('files of the downward API get a volume for each folder, and none in the place of the service account’s', () => {
  const values = [{ name: null, value: 'x' }]
  const account = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'
  const { spec } = read(
    downwardFields([
      { field: 'metadata.namespace', values, from: `file ${account}` },
      { field: 'metadata.labels', values, from: 'file /etc/podinfo/labels' },
      { field: 'metadata.annotations', values, from: 'file /etc/podinfo/annotations' },
      { field: 'metadata.labels', values, from: 'file /srv/labels' },
    ]),
  )
  const item = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } })
  assert.deepEqual(spec, {
    containers: [
      {
        name: 'kuard',
        volumeMounts: [
          { name: 'podinfo', mountPath: '/etc/podinfo' },
          { name: 'podinfo-2', mountPath: '/srv' },
        ],
      },
    ],
    volumes: [
      {
        name: 'podinfo',
        downwardAPI: {
          items: [item('labels', 'metadata.labels'), item('annotations', 'metadata.annotations')],
        },
      },
      { name: 'podinfo-2', downwardAPI: { items: [item('labels', 'metadata.labels')] } },
    ],
  })
})

test('sharing is written as it was found', () => {
  const sharing = { processes: null, processCount: null, listening: null, connections: null }
  assert.deepEqual(read(sharingFields({ ...sharing, sharesProcesses: true })).spec, {
    shareProcessNamespace: true,
  })
  assert.deepEqual(read(sharingFields({ ...sharing, sharesProcesses: false })).spec, {
    shareProcessNamespace: false,
  })
})

test('the commands name fields of the pod, and the level’s changes nothing', () => {
  assert.equal(
    commands.naming,
    `get pod $POD -o jsonpath='.spec.dnsPolicy: {.spec.dnsPolicy}{"\\n"}.spec.dnsConfig: {.spec.dnsConfig}{"\\n"}.spec.hostAliases: {.spec.hostAliases}{"\\n"}'`,
  )
  assert.match(levelCommand('mine', 'restricted'), /--dry-run=server .* namespace mine .*enforce=restricted$/)
})
