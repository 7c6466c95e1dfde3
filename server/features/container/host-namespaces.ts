/** Whether this process shares the node's namespaces: a node that is itself a container has others than the machine. */
import { dirname, join } from 'node:path'
import { isMachines } from '../../host/kernel-namespaces.ts'
import { readText } from '../../host/kernel-files.ts'
import type { MountLine } from '../../host/mount-table.ts'

/** Whether it is so, and which sign told it. */
export interface Told {
  readonly is: boolean | null
  readonly why: string
}

/** Of each kind that a pod can share with its node. */
export interface HostNamespaces {
  readonly network: Told
  readonly pid: Told
  readonly ipc: Told
}

/** What else has a say. */
export interface HostNamespacesContext {
  /** Whether this is a pod: a container without one runs on the machine itself. */
  readonly inPod: boolean
  /** Null where it can't be read. */
  readonly mounts: readonly MountLine[] | null
  /** The folder that has proc/ and etc/. */
  readonly root?: string
}

/** Never fails: what can't be known is null. */
export async function tellHostNamespaces(context: HostNamespacesContext): Promise<HostNamespaces> {
  const [network, pid] = await Promise.all([tellNetwork(context), tellPid(context)])
  return { network, pid, ipc: await tellIpc(context, [network, pid]) }
}

/** The kubelet writes one of two first lines into /etc/hosts (its pkg/kubelet/kubelet_pods.go). */
const kubeletsHeader = /^# Kubernetes-managed hosts file( \(host network\))?\.$/m

async function tellNetwork({ inPod, root = '/' }: HostNamespacesContext): Promise<Told & Sign> {
  const [is, hosts] = await Promise.all([isMachines('net', root), readText(join(root, 'etc/hosts'))])
  const header = kubeletsHeader.exec(hosts ?? '')
  if (inPod && header) {
    const isHosts = header[1] !== undefined
    const why = `the kubelet wrote the ${isHosts ? 'node’s' : 'pod’s own'} names into /etc/hosts`
    return { is: isHosts, why, ofNode: isHosts && is === false }
  }
  if (is === null) return untold
  if (is) return { is, why: 'it is the machine’s own network' }
  return inPod
    ? { is: null, why: 'it isn’t the machine’s own network, but a node may have another' }
    : { is, why: 'it isn’t the machine’s own network' }
}

async function tellPid({ inPod, root = '/' }: HostNamespacesContext): Promise<Told & Sign> {
  const is = await isMachines('pid', root)
  if (is === null) return untold
  if (is) return { is, why: 'process 1 is the machine’s own' }
  if (!inPod) return { is, why: 'process 1 isn’t the machine’s own' }
  const [first, self] = await Promise.all(['1', 'self'].map((id) => groupOf(id, root)))
  if (first === undefined || self === undefined) return { is: null, why: 'whose process 1 is can’t be seen' }
  if (first === self) return { is: false, why: 'process 1 is in this container' }
  if (podOf(first) === podOf(self)) return { is: false, why: 'process 1 is in another container of this pod' }
  // A container of an unknown pod, or one whose group is nested otherwise.
  if (/[0-9a-f]{64}/.test(first.slice(commonLength(first, self))))
    return { is: null, why: 'process 1 is in a container, which may be of this pod' }
  return { is: true, why: 'process 1 is outside of this pod', ofNode: true }
}

/** A namespace of the node's that isn't the machine's. */
interface Sign {
  /** Whether the node was seen to be a container. */
  readonly ofNode?: boolean
}

/** Where the files of a node lie that is a container of Docker, Podman or the like, as kind and k3d make them. */
const nestedFiles = /\/(docker|containers\/storage)\/volumes\/|\/overlay2?\//

async function tellIpc(
  { inPod, mounts, root = '/' }: HostNamespacesContext,
  others: readonly Sign[],
): Promise<Told> {
  const [is, usersAreMachines] = await Promise.all([isMachines('ipc', root), isMachines('user', root)])
  if (is === null) return untold
  if (is) return { is, why: 'it is the machine’s own' }
  const kubelets = mounts?.filter((mount) => /\/pods\/[\w-]+\/(etc-hosts|containers)/.test(mount.root)) ?? []
  const isNested =
    others.some(({ ofNode }) => ofNode) ||
    kubelets.some((mount) => mount.type === 'overlay' || nestedFiles.test(mount.root))
  if (inPod && (isNested || usersAreMachines === false))
    return { is: null, why: 'it isn’t the machine’s own, but this node may have another' }
  return { is, why: 'it isn’t the machine’s own' }
}

const untold: Told = { is: null, why: 'this system has no /proc that tells it' }

/** A process's control group as a path from the top; where a namespace hides the top, this process is two made-up folders below it. */
async function groupOf(process: string, root: string): Promise<string | undefined> {
  const text = (await readText(join(root, 'proc', process, 'cgroup'))) ?? ''
  // Of version 1, or of version 2.
  const line = /^\d+:(?:[^:\n]+,)?memory(?:,[^:\n]+)?:(\/.*)$/m.exec(text) ?? /^0::(\/.*)$/m.exec(text)
  return line?.[1] === undefined ? undefined : join('/pod/self', line[1]).replace(/\/$/, '')
}

/** crun puts processes into a group of their own below the container's. */
const podOf = (group: string): string => dirname(group.replace(/\/container$/, ''))

function commonLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}
