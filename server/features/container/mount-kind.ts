/** What each mount is to Kubernetes, by the conventions of the kubelet and of container runtimes that show in /proc/self/mountinfo. */
import type { MountLine } from '../../host/mount-table.ts'
import type { MountKind } from './wire.ts'

/** What a mount was told to be. */
export interface ToldMount {
  readonly kind: MountKind
  /** Which sign told it; for `unknown`, what is missing. */
  readonly why: string
  /** The volume's name in the pod, or the claim's persistent volume. */
  readonly volume: string | null
  readonly subPath: string | null
}

/** What was seen in a mount. */
export interface Inside {
  /** Whether there is a link `..data`; null where it can't be seen. */
  readonly hasData: boolean | null
  /** Whether there is a file `token`. */
  readonly hasToken: boolean
}

/** What all mounts together say. */
export interface PodMounts {
  readonly lines: readonly MountLine[]
  /** Of the pod; null where no kubelet has made this container. */
  readonly uid: string | null
  /** The file systems of the node in which the kubelet and the runtime have what they keep for this pod. */
  readonly nodeDevices: ReadonlySet<string>
}

const told = (
  kind: MountKind,
  why: string,
  volume: string | null = null,
  subPath: string | null = null,
): ToldMount => ({ kind, why, volume, subPath })

/** File systems of the kernel that hold no files of anybody's. */
export const kernelTypes: ReadonlySet<string> = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl mqueue nsfs ' +
    'proc pstore rpc_pipefs securityfs selinuxfs sysfs tracefs'
  ).split(' '),
)

/** File systems that another machine, or a program, has a say in. */
export const networkTypes = /^(nfs4?|cifs|smb3|ceph|9p|glusterfs|lustre|virtiofs|fuse(\..*)?)$/

/** `/var/lib/kubelet/pods/UID/...`, of whose folder the file system may begin anywhere; a static pod's UID is 32 digits. */
const podFolder = /(?:^|\/)pods\/([0-9a-f-]{36}|[0-9a-f]{32})\/(.+)$/

/** What the runtime keeps for a container or its sandbox, as containerd, CRI-O, Docker and Podman have it: `.../ID/userdata/hosts`. */
const runtimeFile =
  /\/[0-9a-f]{64}\/(?:userdata\/)?(hostname|hosts|resolv\.conf|shm|\.containerenv|run\/secrets)$/

/** How provisioners name persistent volumes: sig-storage-lib-external-provisioner and the CSI one do so unless they are told otherwise. */
const provisioned = /pvc-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/

/** The kubelet writes such volumes into a folder of the time, to which `..data` leads (its AtomicWriter). */
const timeFolder = /^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+(\/|$)/

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/; /var/run may be a link to /run. */
const tokenFolder = /^(\/var)?\/run\/secrets\/kubernetes\.io\/serviceaccount$/

/** A tmpfs of the kubelet has a size and nothing else that its maker chose (pkg/volume/emptydir); the rest is the kernel's. */
const kubeletTmpfsOption = /^(rw|size=.*|noswap|inode(32|64)|seclabel|(fs|root|def)?context=.*)$/

/** Finds out whose mounts these are. */
export function podMounts(lines: readonly MountLine[]): PodMounts {
  const own = lines.flatMap((line) => {
    const [, uid, rest = ''] = podFolder.exec(line.root) ?? []
    const isOwn = (line.point === '/etc/hosts' && rest === 'etc-hosts') || rest.startsWith('containers/')
    return uid !== undefined && isOwn ? [{ uid, device: line.device }] : []
  })
  const runtimes = lines.filter(({ root, type }) => type !== 'tmpfs' && runtimeFile.test(root))
  return {
    lines,
    uid: own[0]?.uid ?? null,
    nodeDevices: new Set([...own, ...runtimes].map(({ device }) => device)),
  }
}

/** Tells what a mount is. */
export function tellMount(line: MountLine, pod: PodMounts, inside: Inside): ToldMount {
  return (
    tellRoot(line, pod) ??
    tellKernel(line) ??
    tellKubelet(line, pod) ??
    tellRuntime(line) ??
    tellProvisioned(line) ??
    tellNodes(line, pod) ??
    (line.type === 'tmpfs' || line.type === 'hugetlbfs' ? tellMemory(line, pod, inside) : tellDisk(line, pod))
  )
}

function tellRoot({ point, type, fileSystemOptions }: MountLine, { uid }: PodMounts): ToldMount | undefined {
  if (point !== '/') return undefined
  const lower = fileSystemOptions.find((option) => /^lowerdir\+?=/.test(option))
  if (type === 'overlay' && lower !== undefined) {
    const layers = lower.slice(lower.indexOf('=') + 1).split(':').length
    const folders = layers === 1 ? 'one folder' : `${layers} folders`
    return told('image', `the root is an overlay: ${folders} of the image, below what this container writes`)
  }
  if (uid !== null) return told('image', `the root of a pod’s container is its image, here as ${type}`)
  return told('unknown', `the root is no overlay of an image’s layers but ${type}, and no kubelet shows`)
}

function tellKernel({ point, type, source }: MountLine): ToldMount | undefined {
  if (kernelTypes.has(type)) return told('kernel', `${type} is made by the kernel`)
  if (/^\/(proc|sys)\//.test(point))
    return told('kernel', `the runtime covers a part of ${point.startsWith('/proc') ? '/proc' : '/sys'}`)
  if (point === '/dev') return told('kernel', 'the container’s devices')
  if (point === '/dev/shm' && source === 'shm')
    return told('kernel', 'memory that the pod’s containers share, made by the runtime')
  return undefined
}

/** What lies in the kubelet's folder of a pod. */
function tellKubelet({ root }: MountLine, { uid }: PodMounts): ToldMount | undefined {
  const [, of, rest = ''] = podFolder.exec(root) ?? []
  if (of === undefined || uid === null) return undefined
  if (of !== uid) return told('hostPath', 'the folder on the node is the kubelet’s for another pod')
  if (rest === 'etc-hosts') return told('file of the kubelet', 'the kubelet writes /etc/hosts for the pod')
  if (/^containers\/[^/]+\/[^/]+$/.test(rest))
    return told('file of the kubelet', 'the termination log: the kubelet reads it when the container ends')
  const [, plugin = '', volume = '', inside = ''] = /^volumes\/([^/]+)\/([^/]+)\/?(.*)$/.exec(rest) ?? []
  if (plugin === '')
    return told('unknown', 'it lies in the kubelet’s folder of this pod, which has no volume there')
  return tellVolume(plugin, volume, inside)
}

/** The kinds that are named by their plugin, as its folder has it. */
const plugins: Readonly<Record<string, MountKind>> = {
  'kubernetes.io~empty-dir': 'emptyDir',
  'kubernetes.io~configmap': 'configMap',
  'kubernetes.io~secret': 'secret',
  'kubernetes.io~projected': 'projected',
  'kubernetes.io~downward-api': 'downwardAPI',
  'kubernetes.io~csi': 'csi',
  'kubernetes.io~local-volume': 'claim',
}

function tellVolume(plugin: string, volume: string, inside: string): ToldMount {
  const kind = plugins[plugin]
  const path = (kind === 'csi' ? inside.replace(/^mount(\/|$)/, '') : inside).replace(timeFolder, '')
  const subPath = path === '' ? null : path
  const why = `the folder on the node is that of the kubelet’s plugin ${plugin}`
  if (kind === undefined) return told('unknown', `${why}, which doesn’t tell`, volume, subPath)
  return told(kind === 'csi' && provisioned.test(volume) ? 'claim' : kind, why, volume, subPath)
}

function tellRuntime({ root, type }: MountLine): ToldMount | undefined {
  const [, file] = runtimeFile.exec(root) ?? []
  if (file === 'shm') return told('kernel', 'memory that the pod’s containers share, made by the runtime')
  if (file !== undefined)
    return told('file of the kubelet', 'the container runtime writes it for the pod, as the kubelet says')
  if (/\/snapshots\/\d+\/fs$/.test(root) || type === 'overlay')
    return told('image', 'layers of an image, as the container runtime unpacks them')
  return undefined
}

function tellProvisioned({ root, source, type }: MountLine): ToldMount | undefined {
  const where = provisioned.test(root) ? root : networkTypes.test(type) ? source : ''
  const [volume] = provisioned.exec(where) ?? []
  if (volume === undefined) return undefined
  const why = `${where === root ? 'the folder that is mounted' : 'its source'} has the name of a volume that was made for a claim, ${volume}`
  const below = where === root ? root.slice(root.indexOf(volume)).split('/').slice(1).join('/') : ''
  return told('claim', why, volume, below === '' ? null : below)
}

/** Claims on local volumes that somebody made by hand look the same. */
function tellNodes({ device, root }: MountLine, { uid, nodeDevices }: PodMounts): ToldMount | undefined {
  if (uid === null || !nodeDevices.has(device)) return undefined
  return told(
    'hostPath',
    `${root} of the node’s file system that has the kubelet’s files too; a claim on a local volume that somebody made by hand looks the same`,
  )
}

/** What is kept in memory: of it, the kernel doesn't tell whose folder it is. */
function tellMemory(line: MountLine, pod: PodMounts, { hasData, hasToken }: Inside): ToldMount {
  const { point, root, type, source, options, fileSystemOptions } = line
  if (pod.uid === null) return told('unknown', `${inMemory(line)}, and no kubelet shows`)
  const under = hostFolderAbove(line, pod)
  if (under !== undefined) return told('unknown', camePerhapsWith(under))
  const path = root.slice(1)
  if (type === 'hugetlbfs')
    return source === 'nodev'
      ? told(
          'emptyDir in memory',
          'the kubelet mounts huge pages so for an emptyDir of that medium',
          null,
          path || null,
        )
      : told('unknown', 'huge pages that the kubelet has not mounted')
  const isKubelets =
    source === 'tmpfs' &&
    fileSystemOptions.some((option) => option.startsWith('size=')) &&
    fileSystemOptions.every((option) => kubeletTmpfsOption.test(option)) &&
    !options.some((option) => ['nosuid', 'nodev', 'noexec'].includes(option))
  if (!isKubelets) return told('unknown', 'a tmpfs that isn’t mounted as the kubelet does it')
  if (hasToken && tokenFolder.test(point))
    return told(
      'service account token',
      'a tmpfs with the file token, where the kubelet mounts that of the service account',
    )
  if (timeFolder.test(path) || hasData === true)
    return told(
      'secret, projected or downwardAPI',
      'a tmpfs that the kubelet writes, by a link ..data; which of the three it is doesn’t show from inside',
      null,
      path.replace(timeFolder, '') || null,
    )
  // Below a volume of files there is no folder that can be looked at for the link.
  if (hasData === null) return told('unknown', 'a tmpfs of the kubelet’s, in which nothing can be seen')
  return told(
    'emptyDir in memory',
    'a tmpfs with a size, mounted as the kubelet does it, without the link ..data of what it writes itself',
    null,
    path || null,
  )
}

function tellDisk(line: MountLine, pod: PodMounts): ToldMount {
  const { type, source } = line
  if (pod.uid === null) return told('unknown', `${type} from ${source}, and no kubelet shows`)
  const under = hostFolderAbove(line, pod)
  if (under !== undefined) return told('unknown', camePerhapsWith(under))
  if (networkTypes.test(type))
    return told(
      'unknown',
      `a network file system, ${source}: whether a claim or a volume, only the node knows`,
    )
  return told(
    'unknown',
    `a file system of its own, on ${source}: a claim, a CSI volume or a disk of the node, which only the node knows`,
  )
}

const inMemory = ({ type }: MountLine): string => (type === 'tmpfs' ? 'a tmpfs' : 'huge pages')

const camePerhapsWith = (above: string): string =>
  `it lies in ${above}, a folder of the node, and may have come with it`

/** The nearest mount above that is a folder of the node. */
function hostFolderAbove({ parent }: MountLine, pod: PodMounts): string | undefined {
  // A chain is no longer than there are mounts; one is never its own parent but for the first of all.
  let above = pod.lines.find(({ id }) => id === parent)
  for (let step = 0; above && step < maxDepth; step += 1) {
    const { point, parent: next, device, root } = above
    if (point === '/') return undefined
    if (pod.nodeDevices.has(device) && !podFolder.test(root) && !runtimeFile.test(root)) return point
    above = pod.lines.find(({ id }) => id === next)
  }
  return undefined
}

const maxDepth = 40
