/** The JSON shapes of the Container page. Null is always: it can't be known here. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const text = (description: string) => Type.String({ description })
const count = (description: string) => Type.Integer({ minimum: 0, description })
const bytes = (description: string) => count(`${description}, in bytes`)
const words = <Word extends string>(options: readonly Word[], description: string) =>
  Type.Enum<Word[]>([...options], { description })

/** The levels of https://kubernetes.io/docs/concepts/security/pod-security-standards/, the strictest last. */
const PodSecurityLevel = words(
  ['privileged', 'baseline', 'restricted'],
  'the strictest Pod Security level that allows it',
)
export type PodSecurityLevel = Static<typeof PodSecurityLevel>

/** One thing that Pod Security looks at, as it is found from inside. */
export const SecurityCheck = Type.Object({
  name: text('what is looked at, such as `User`'),
  found: text('what it is here, in words'),
  level: orNull(PodSecurityLevel),
  setting: text('the field of a pod that makes it so, such as securityContext.runAsNonRoot'),
  why: text('what that setting does, and what a stricter level would want'),
})
export type SecurityCheck = Static<typeof SecurityCheck>

const capabilities = (set: string) =>
  Type.Array(Type.String(), { description: `the ${set} set, by name, such as CAP_NET_BIND_SERVICE` })

/** Who the process is. */
export const Identity = Type.Object({
  uid: orNull(count('the effective user')),
  gid: orNull(count('the effective group')),
  groups: orNull(Type.Array(Type.Integer(), { description: 'supplementary groups' })),
  isRoot: orNull(Type.Boolean()),
  userNamespace: orNull(
    Type.Object({
      map: Type.Array(
        Type.Object({ inside: Type.Integer(), outside: Type.Integer(), count: Type.Integer() }),
        { description: 'user_namespaces(7): users here, and who they are outside' },
      ),
      isHosts: Type.Boolean({ description: 'whether root here is root of the machine' }),
    }),
  ),
  capabilities: orNull(
    Type.Object({
      effective: capabilities('effective'),
      permitted: capabilities('permitted'),
      bounding: capabilities('bounding'),
      ambient: capabilities('ambient'),
    }),
  ),
  seccomp: orNull(words(['off', 'strict', 'filter'], 'whether system calls are filtered')),
  noNewPrivileges: orNull(Type.Boolean()),
  appArmor: orNull(text('the profile and its mode')),
  seLinux: orNull(text('the label')),
  rootIsReadOnly: orNull(Type.Boolean({ description: 'whether the root file system is read-only' })),
  hostNamespaces: orNull(
    Type.Object({
      pid: orNull(Type.Boolean()),
      ipc: orNull(Type.Boolean()),
      network: orNull(Type.Boolean()),
    }),
  ),
  podSecurity: Type.Object(
    {
      level: orNull(PodSecurityLevel),
      checks: Type.Array(SecurityCheck),
    },
    { description: 'the level is that of the laxest check; Pod Security itself looks at the pod’s fields' },
  ),
})
export type Identity = Static<typeof Identity>

/** What the container may use, as far as it doesn't change from second to second. */
export const Allowance = Type.Object({
  qualityOfService: orNull(words(['Guaranteed', 'Burstable', 'BestEffort'], 'by oom_score_adj')),
  oomScoreAdj: orNull(Type.Integer()),
  qualityOfServiceWhy: text('how the class was told'),
  cpu: Type.Object({
    quota: orNull(Type.Number({ description: 'in cores' })),
    weight: orNull(count('relative weight of version 2')),
    shares: orNull(count('relative weight of version 1')),
    request: orNull(Type.Number({ description: 'in cores, as the weight or the shares were made of it' })),
  }),
  memory: Type.Object({ limit: orNull(bytes('the limit')), swapLimit: orNull(bytes('swap alone')) }),
  pids: Type.Object({ limit: orNull(count('processes and threads')) }),
  hugePages: orNull(
    Type.Array(
      Type.Object({ size: bytes('a page'), limit: orNull(bytes('all')), usage: orNull(bytes('in use')) }),
    ),
  ),
  openFiles: Type.Object({ soft: orNull(count('the soft limit')), hard: orNull(count('the hard limit')) }),
})
export type Allowance = Static<typeof Allowance>

/** What the container uses now; told on the event stream each second while somebody looks. */
export const ContainerUsage = Type.Object({
  time: Type.String({ format: 'date-time' }),
  cpuSeconds: orNull(Type.Number({ description: 'CPU used so far by all of the container' })),
  cpuCores: orNull(Type.Number({ description: 'cores used since the state before this one' })),
  cpuQuota: orNull(Type.Number({ description: 'in cores' })),
  periods: orNull(count("the quota's periods so far")),
  throttledPeriods: orNull(count('those in which it was used up')),
  throttledSeconds: orNull(
    Type.Number({ description: 'time spent waiting for the next period, all in all' }),
  ),
  throttledShare: orNull(Type.Number({ description: 'of the periods since the state before, 0 to 1' })),
  memory: orNull(bytes('page cache included')),
  memoryLimit: orNull(bytes('the limit')),
  pids: orNull(count('processes and threads')),
  pidsLimit: orNull(count('as many as there may be')),
  openFiles: orNull(count('files and sockets that this process has open')),
  openFilesLimit: orNull(count('as many as it may have')),
})
export type ContainerUsage = Static<typeof ContainerUsage>

/** What a mount can be told to be. */
export const MountKind = words(
  [
    'image',
    'emptyDir',
    'emptyDir in memory',
    'configMap',
    'secret',
    'projected',
    'downwardAPI',
    'secret, projected or downwardAPI',
    'service account token',
    'hostPath',
    'claim',
    'csi',
    'file of the kubelet',
    'kernel',
    'unknown',
  ],
  'volumes of Secrets, projected ones and those of the downward API are alike from inside, a tmpfs each, unless what is in them tells; `file of the kubelet` is /etc/hosts, /etc/resolv.conf, the termination log and the like; `kernel` is /proc, /sys, /dev',
)
export type MountKind = Static<typeof MountKind>

/** One mount. */
export const Mount = Type.Object({
  path: text('where it is mounted'),
  kind: MountKind,
  why: text('which sign told its kind; for `unknown`, what is missing'),
  volume: orNull(text("the volume's name in the pod, or the claim's persistent volume")),
  fileSystem: text('such as ext4, tmpfs, overlay'),
  source: text('as the kernel names it'),
  readOnly: Type.Boolean(),
  subPath: orNull(text('the part of the volume that is mounted')),
  size: orNull(bytes('the file system')),
  used: orNull(bytes('of it')),
  inodes: orNull(count('of the file system')),
  inodesUsed: orNull(count('of them')),
  isFolder: orNull(Type.Boolean()),
})
export type Mount = Static<typeof Mount>

/** A process that this one sees. */
export const VisibleProcess = Type.Object({
  pid: Type.Integer(),
  parent: orNull(Type.Integer()),
  uid: orNull(Type.Integer()),
  name: text('of the program'),
  command: text('with its arguments, cut at 256 characters; empty for threads of the kernel'),
  isSelf: Type.Boolean({ description: 'whether it is the server that tells this' }),
  container: orNull(
    Type.Object({
      id: text("the container's, as far as its control group tells"),
      isOwn: Type.Boolean({ description: 'whether it is the one that this server is in' }),
    }),
  ),
})
export type VisibleProcess = Static<typeof VisibleProcess>

/** A socket that listens in the pod's network. */
export const ListeningSocket = Type.Object({
  protocol: words(['tcp', 'tcp6', 'udp', 'udp6'], 'as /proc/net has it'),
  address: Type.String(),
  port: Type.Integer(),
  process: orNull(Type.Object({ pid: Type.Integer(), name: Type.String() })),
  why: text('why its process is or is not known'),
})
export type ListeningSocket = Static<typeof ListeningSocket>

/** Who shares the pod. */
export const Sharing = Type.Object({
  sharesProcesses: orNull(
    Type.Boolean({ description: 'shareProcessNamespace: whether other containers are seen' }),
  ),
  processes: orNull(Type.Array(VisibleProcess, { description: 'the first 500' })),
  processCount: orNull(count('all that are seen')),
  listening: orNull(Type.Array(ListeningSocket)),
  connections: orNull(
    Type.Array(Type.Object({ state: text('ESTABLISHED, TIME_WAIT ...'), count: count('TCP connections') })),
  ),
})
export type Sharing = Static<typeof Sharing>

/** How names are found here. */
export const Naming = Type.Object({
  hostname: Type.String(),
  dnsPolicy: orNull(words(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'], 'of the pod')),
  dnsPolicyWhy: text('how that was told, or why it can’t be'),
  hosts: orNull(
    Type.Array(
      Type.Object({
        address: Type.String(),
        names: Type.Array(Type.String()),
        from: words(['kubelet', 'hostAliases', 'node', 'unknown'], 'who put the line there'),
      }),
    ),
  ),
  nameServers: Type.Array(Type.String()),
  search: Type.Array(Type.String()),
  ndots: Type.Integer(),
  options: Type.Array(Type.String(), { description: 'those of resolv.conf, as they stand there' }),
  example: Type.Object({
    name: text('the name that is explained, `queue` unless ?name= says another'),
    wouldAsk: Type.Array(Type.String(), {
      description: 'full names, in the order in which they are asked for',
    }),
    why: text('the rule that makes this order'),
  }),
})
export type Naming = Static<typeof Naming>

/** A service account's token, by what it claims; never the token. */
export const TokenClaims = Type.Object({
  path: text('of the file'),
  problem: orNull(text('why it can’t be read')),
  audience: Type.Array(Type.String()),
  issuer: orNull(Type.String()),
  subject: orNull(Type.String()),
  serviceAccount: orNull(Type.String()),
  namespace: orNull(Type.String()),
  pod: orNull(Type.String()),
  node: orNull(Type.String()),
  issuedAt: orNull(Type.String({ format: 'date-time' })),
  expiresAt: orNull(Type.String({ format: 'date-time' })),
})
export type TokenClaims = Static<typeof TokenClaims>

/** A fact that the downward API, or a token, has told. */
export const DownwardFact = Type.Object({
  field: text('such as spec.nodeName or metadata.labels'),
  values: Type.Array(Type.Object({ name: orNull(Type.String()), value: Type.String() }), {
    description: 'one without a name; of labels and annotations each with its key',
  }),
  from: text('such as `variable NODE_NAME`, `file /etc/podinfo/labels` or `the token`'),
})
export type DownwardFact = Static<typeof DownwardFact>

/** What surrounds the process. */
export const ContainerReport = Type.Object({
  identity: Identity,
  allowance: Allowance,
  usage: ContainerUsage,
  mounts: orNull(Type.Array(Mount)),
  sharing: Sharing,
  naming: Naming,
  tokens: orNull(Type.Array(TokenClaims, { description: 'empty when none is mounted' })),
  node: Type.Object({
    name: orNull(Type.String()),
    address: orNull(Type.String()),
    labels: orNull(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
    facts: Type.Array(DownwardFact),
  }),
})
export type ContainerReport = Static<typeof ContainerReport>

/** What may be asked of it. */
export const ContainerQuery = Type.Object({
  name: Type.Optional(
    Type.String({ maxLength: 255, description: 'the name whose look-up is explained; by default `queue`' }),
  ),
})
export type ContainerQuery = Static<typeof ContainerQuery>
