/** What a container’s page says of its surroundings, beside what kubectl says of the same pod. */
import assert from 'node:assert/strict'
import type { Container, Pod, Volume, VolumeMount } from 'kubernetes-types/core/v1.d.ts'
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import {
  ContainerReport,
  type Allowance,
  type Identity,
  type MountKind,
  type PodSecurityLevel,
  type TokenClaims,
} from '../../server/features/container/wire.ts'
import type { Forward, Namespace } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'
import { quantityOf } from '../../ui/src/tabs/cluster/quantity.ts'

/** A container of a pod, and what it says of itself. */
interface Told {
  readonly namespace: Namespace
  readonly pod: Pod
  readonly container: Container
  readonly report: ContainerReport
}

/** What nobody sets: the user of the image, and the capabilities that containerd gives to root. */
const imageUser = 65534
const defaultCapabilities = (
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID ' +
  'SYS_CHROOT'
).split(' ')

/** Of a pod, as the API server has it. */
export async function podOf(namespace: Namespace, name: string): Promise<Pod> {
  const text = await namespace.kubectl('get', 'pod', name, '--output=json')
  // What kubectl prints of a pod is one.
  return JSON.parse(text) as Pod
}

/** What a container says of itself. @param forward to its port */
export const reportFrom = async (forward: Forward): Promise<ContainerReport> =>
  (await forward.get('/container/api')).json(ContainerReport)

/**
 * Holds all that each container of a pod says of itself against what kubectl says of it.
 * @param name of the pod, whose containers each have one port
 * @returns what they said, by their names
 */
export async function agreesWithKubectl(
  namespace: Namespace,
  name: string,
): Promise<ReadonlyMap<string, ContainerReport>> {
  const pod = await podOf(namespace, name)
  const reports = new Map<string, ContainerReport>()
  for (const container of pod.spec?.containers ?? []) {
    const forward = await namespace.forward(`pod/${name}`, container.ports?.[0]?.containerPort)
    const report = await reportOnceAllListen(forward, pod)
    const told = { namespace, pod, container, report }
    await identityAgrees(told)
    allowanceAgrees(told)
    mountsAgree(told)
    await sharingAgrees(told)
    await namingAgrees(told)
    await tokensAgree(told)
    nodeAgrees(told)
    reports.set(container.name, report)
  }
  await levelAgrees(namespace, name, [...reports.values()])
  return reports
}

/** Without a readiness probe a container is ready before it listens, and those of a pod see each other's ports. */
const reportOnceAllListen = (forward: Forward, { spec }: Pod): Promise<ContainerReport> =>
  eventually('every container to listen', async () => {
    const report = await reportFrom(forward)
    const ports = new Set(report.sharing.listening?.map(({ port }) => port))
    const declared = spec?.containers.flatMap((container) => container.ports ?? []) ?? []
    return declared.every(({ containerPort }) => ports.has(containerPort)) ? report : undefined
  })

/** What a command in the container prints. */
const said = ({ namespace, pod, container }: Told, ...command: string[]): Promise<string> =>
  namespace.kubectl('exec', pod.metadata?.name ?? '', `--container=${container.name}`, '--', ...command)

async function identityAgrees(told: Told): Promise<void> {
  const { identity } = told.report
  const { securityContext: own = {} } = told.container
  const { privileged, readOnlyRootFilesystem, allowPrivilegeEscalation, runAsUser } = own
  const { securityContext: ofPod } = told.pod.spec ?? {}
  const user = runAsUser ?? ofPod?.runAsUser ?? imageUser
  assert.deepEqual(
    { uid: identity.uid, isRoot: identity.isRoot, rootIsReadOnly: identity.rootIsReadOnly },
    { uid: user, isRoot: user === 0, rootIsReadOnly: readOnlyRootFilesystem ?? false },
  )
  assert.equal(identity.noNewPrivileges, allowPrivilegeEscalation === false)
  const profile = (own.seccompProfile ?? ofPod?.seccompProfile)?.type ?? 'Unconfined'
  assert.equal(identity.seccomp, privileged === true || profile === 'Unconfined' ? 'off' : 'filter')
  assert.equal(identity.hostNamespaces?.network ?? false, told.pod.spec?.hostNetwork ?? false)
  capabilitiesAgree(told, user)
  await statusAgrees(told, identity)
}

function capabilitiesAgree({ container, report }: Told, user: number): void {
  const { privileged, capabilities: { drop = [], add = [] } = {} } = container.securityContext ?? {}
  if (privileged === true) return
  const kept = drop.includes('ALL') ? [] : defaultCapabilities.filter((name) => !drop.includes(name))
  const bounding = [...new Set([...kept, ...add])].map((name) => `CAP_${name}`).sort()
  const told = report.identity.capabilities
  assert.deepEqual(told?.bounding.toSorted(), bounding)
  // Whoever isn’t root comes by none when a program starts: capabilities(7).
  assert.deepEqual(told.effective.toSorted(), user === 0 ? bounding : [])
}

/** Another process of the container has it from the kernel as well. */
async function statusAgrees(told: Told, identity: Identity): Promise<void> {
  const status = await said(told, 'cat', '/proc/self/status')
  const field = (name: string): string[] =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/).filter(Boolean) ?? []
  assert.equal(identity.uid, Number(field('Uid')[1]))
  assert.equal(identity.gid, Number(field('Gid')[1]))
  assert.deepEqual(identity.groups, field('Groups').map(Number))
  for (const [set, name] of [
    ['effective', 'CapEff'],
    ['permitted', 'CapPrm'],
    ['bounding', 'CapBnd'],
    ['ambient', 'CapAmb'],
  ] as const)
    assert.equal(identity.capabilities?.[set].length, bitsOf(field(name)[0] ?? ''), name)
}

const bitsOf = (hex: string): number => BigInt(`0x${hex}`).toString(2).replaceAll('0', '').length

const levels: readonly PodSecurityLevel[] = ['restricted', 'baseline', 'privileged']

/** A namespace that were to enforce a level would warn of the pod: its level is that of its laxest container. */
async function levelAgrees(
  namespace: Namespace,
  name: string,
  reports: readonly ContainerReport[],
): Promise<void> {
  const told = reports.map(({ identity }) => identity.podSecurity.level)
  const laxest = levels.findLast((level) => told.includes(level))
  for (const level of levels) {
    const args = [`pod-security.kubernetes.io/enforce=${level}`, '--overwrite', '--dry-run=server']
    const { errors } = await namespace.try('label', 'namespace', namespace.name, ...args)
    if (new RegExp(`^Warning: ${name}[:( ]`, 'm').test(errors)) continue
    assert.equal(laxest, level, `of ${told.join(', ')}; ${errors}`)
    return
  }
}

function allowanceAgrees({ pod, container, report }: Told): void {
  const { allowance, usage } = report
  const { requests = {}, limits = {} } = container.resources ?? {}
  assert.equal(allowance.qualityOfService, pod.status?.qosClass, allowance.qualityOfServiceWhy)
  assert.equal(allowance.cpu.quota, quantityOf(limits.cpu ?? '') ?? null)
  assert.equal(usage.cpuQuota, allowance.cpu.quota)
  requestAgrees(allowance, quantityOf(requests.cpu ?? ''))
  const memory = quantityOf(limits.memory ?? '')
  if (memory === undefined) return
  assert.equal(allowance.memory.limit, memory)
  assert.equal(usage.memoryLimit, memory)
  assert.ok(usage.memory !== null && usage.memory > 0 && usage.memory <= memory, String(usage.memory))
}

/** The kernel’s weights are whole numbers, of which version 2 has few. */
function requestAgrees({ cpu }: Allowance, cores: number | undefined): void {
  if (cores === undefined || cpu.request === null) return
  const grain = cpu.shares === null ? 0.04 : 0.001
  assert.ok(Math.abs(cpu.request - cores) <= grain, `${cpu.request} is not ${cores}`)
}

/** What is said of a tmpfs of the kubelet’s own where nothing in it tells more. */
const alikeInMemory: MountKind = 'secret, projected or downwardAPI'

/** What a volume may be called, and whether the file system on which the kubelet keeps it has its name. */
function kindOf(volume: Volume | undefined): { kind: MountKind; isInMemory?: boolean; isReadOnly?: boolean } {
  if (volume?.emptyDir?.medium === 'Memory') return { kind: 'emptyDir in memory', isInMemory: true }
  if (volume?.emptyDir) return { kind: 'emptyDir' }
  if (volume?.configMap) return { kind: 'configMap', isReadOnly: true }
  if (volume?.hostPath) return { kind: 'hostPath' }
  if (volume?.secret) return { kind: 'secret', isInMemory: true, isReadOnly: true }
  if (volume?.downwardAPI) return { kind: 'downwardAPI', isInMemory: true, isReadOnly: true }
  const hasToken = volume?.projected?.sources?.some((source) => source.serviceAccountToken) === true
  return { kind: hasToken ? 'service account token' : 'projected', isInMemory: true, isReadOnly: true }
}

function mountsAgree({ pod, container, report }: Told): void {
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name)
    const { kind, isInMemory = false, isReadOnly = false } = kindOf(volume)
    const told = report.mounts?.find(({ path }) => path === mount.mountPath)
    assert.ok(told, mount.mountPath)
    if (told.kind !== alikeInMemory || !isInMemory || kind === 'emptyDir in memory')
      assert.equal(told.kind, kind, `${mount.mountPath}: ${told.why}`)
    assert.equal(told.readOnly, isReadOnly || mount.readOnly === true, mount.mountPath)
    assert.equal(told.fileSystem === 'tmpfs', isInMemory, mount.mountPath)
    if (!isInMemory && volume?.hostPath === undefined) assert.equal(told.volume, mount.name)
    assertSubPath(told.subPath, mount)
  }
  const root = report.mounts?.find(({ path }) => path === '/')
  assert.equal(root?.kind, 'image')
  assert.equal(root.readOnly, report.identity.rootIsReadOnly)
}

function assertSubPath(told: string | null, { subPath, mountPath }: VolumeMount): void {
  if (subPath === undefined) assert.equal(told, null, mountPath)
  else assert.notEqual(told, null, mountPath)
}

/** The pod’s other containers, and the ports of all of them. */
async function sharingAgrees(told: Told): Promise<void> {
  const { pod, report } = told
  const { sharesProcesses, processes, listening } = report.sharing
  assert.equal(sharesProcesses, pod.spec?.shareProcessNamespace ?? false)
  const ports = listening?.map(({ port }) => port) ?? []
  for (const { ports: declared = [] } of pod.spec?.containers ?? [])
    for (const { containerPort } of declared) assert.ok(ports.includes(containerPort), String(containerPort))

  // Those that `ps` shows were there, but for itself.
  const shown = await said(told, 'ps', '-o', 'pid,args')
  const seen = new Map([...shown.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, args]) => [Number(pid), args]))
  for (const { pid, isSelf, command } of processes ?? []) {
    const line = seen.get(pid) ?? ''
    if (isSelf) assert.match(line, /kuard\.cjs/, `${pid}: ${command}`)
  }
  const servers = [...seen.values()].filter((args) => args?.includes('kuard.cjs'))
  assert.equal(processes?.filter(({ command }) => command.includes('kuard.cjs')).length, servers.length)
}

async function namingAgrees(told: Told): Promise<void> {
  const { pod, report } = told
  const { naming } = report
  assert.equal(naming.hostname, await said(told, 'hostname'))
  if (pod.spec?.hostNetwork !== true) assert.equal(naming.hostname, pod.metadata?.name)
  assert.equal(naming.dnsPolicy, pod.spec?.dnsPolicy, naming.dnsPolicyWhy)
  const file = await said(told, 'cat', '/etc/resolv.conf')
  const words = (name: string): string[] =>
    [...file.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].flatMap(([, rest = '']) => rest.split(/\s+/))
  assert.deepEqual(naming.nameServers, words('nameserver'))
  assert.deepEqual(naming.search, words('search'))
  assert.deepEqual(naming.options, words('options'))
  const ownAddress = pod.spec?.hostNetwork === true ? '127.0.0.1' : pod.status?.podIP
  assert.ok(naming.hosts?.some(({ address }) => address === ownAddress))
}

/** Without which a token is worth nothing. */
const signatureOf = (token: string): string => token.split('.')[2] ?? token

const Claims = Type.Object({
  aud: Type.Array(Type.String()),
  exp: Type.Integer(),
  iat: Type.Integer(),
  iss: Type.String(),
  sub: Type.String(),
})

/** The tokens of the pod’s volumes, each as the file says that is there. */
async function tokensAgree(told: Told): Promise<void> {
  const { pod, container, report } = told
  const files = (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const volume = pod.spec?.volumes?.find((one) => one.name === name)
    return (volume?.projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) =>
      token ? [{ path: `${mountPath}/${token.path}`, audience: token.audience }] : [],
    )
  })
  const tokens = report.tokens ?? []
  assert.deepEqual(tokens.map(({ path }) => path).sort(), files.map(({ path }) => path).sort())
  for (const { path, audience } of files) {
    const claims = tokens.find((one) => one.path === path)
    assert.ok(claims)
    const token = await said(told, 'cat', path)
    claimsAgree(claims, token, pod)
    if (audience !== undefined) assert.deepEqual(claims.audience, [audience])
    assert.ok(!JSON.stringify(report).includes(signatureOf(token)))
  }
}

function claimsAgree(told: TokenClaims, token: string, { metadata, spec }: Pod): void {
  const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  const claims = Value.Parse(Claims, JSON.parse(text))
  const time = (seconds: number): number => seconds * 1000
  assert.deepEqual(told.audience, claims.aud)
  assert.equal(Date.parse(told.expiresAt ?? ''), time(claims.exp))
  assert.equal(Date.parse(told.issuedAt ?? ''), time(claims.iat))
  assert.equal(told.issuer, claims.iss)
  assert.deepEqual(
    [told.problem, told.subject, told.pod, told.namespace, told.serviceAccount, told.node],
    [null, claims.sub, metadata?.name, metadata?.namespace, spec?.serviceAccountName, spec?.nodeName],
  )
}

/** Annotations that the kubelet adds for itself, of which the API server has none. */
const kubeletsOwn = 'kubernetes.io/config.'

/** What the downward API told, and the token says of the node. */
function nodeAgrees({ pod, report }: Told): void {
  const { node } = report
  assert.equal(node.name, pod.spec?.nodeName)
  if (node.address !== null) assert.equal(node.address, pod.status?.hostIP)
  for (const field of ['labels', 'annotations'] as const)
    for (const { values } of node.facts.filter((fact) => fact.field === `metadata.${field}`))
      assert.deepEqual(
        Object.fromEntries(
          values
            .map(({ name, value }) => [name ?? '', value] as const)
            .filter(([name]) => !name.startsWith(kubeletsOwn)),
        ),
        pod.metadata?.[field],
      )
}
