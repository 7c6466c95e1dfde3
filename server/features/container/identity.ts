/** Who the process is. */
import { readCredentials } from '../../host/credentials.ts'
import { isMachines, readUserMap } from '../../host/kernel-namespaces.ts'
import type { MountLine } from '../../host/mount-table.ts'
import { readSecurityLabels } from '../../host/security-labels.ts'
import { tellHostNamespaces } from './host-namespaces.ts'
import { podSecurity } from './pod-security.ts'
import type { Identity, Mount } from './wire.ts'

/** What else has a say in it. */
export interface IdentityContext {
  /** As what they are to Kubernetes; null where it isn't known. */
  readonly mounts: readonly Mount[] | null
  /** As the kernel has them; null where it doesn't tell. */
  readonly mountTable: readonly MountLine[] | null
  /** Whether this is a pod of Kubernetes. */
  readonly inPod: boolean
}

/** Never fails: what can't be read is null. */
export async function readIdentity({ mounts, mountTable, inPod }: IdentityContext): Promise<Identity> {
  const [credentials, userNamespace, labels] = await Promise.all([
    readKernelsOrOwn(),
    readUserNamespace(),
    readSecurityLabels(),
  ])
  const hostNamespaces = await tellHostNamespaces({ inPod, mounts: mountTable })
  const root = mountTable?.findLast(({ point }) => point === '/')
  const rootIsReadOnly = root ? [...root.options, ...root.fileSystemOptions].includes('ro') : null
  const { uid, gid, groups, capabilities, seccomp, noNewPrivileges } = credentials
  const { pid, ipc, network } = hostNamespaces
  return {
    uid,
    gid,
    groups,
    isRoot: uid === null ? null : uid === 0,
    userNamespace,
    capabilities,
    seccomp,
    noNewPrivileges,
    ...labels,
    rootIsReadOnly,
    hostNamespaces: { pid: pid.is, ipc: ipc.is, network: network.is },
    podSecurity: podSecurity({
      credentials,
      labels,
      hostNamespaces,
      userNamespace,
      rootIsReadOnly,
      mountTable,
      mounts,
    }),
  }
}

/** Without /proc, users and groups at least. */
const readKernelsOrOwn = async () =>
  (await readCredentials()) ?? {
    uid: process.geteuid?.() ?? null,
    gid: process.getegid?.() ?? null,
    groups: process.getgroups?.() ?? null,
    capabilities: null,
    seccomp: null,
    noNewPrivileges: null,
  }

async function readUserNamespace(): Promise<Identity['userNamespace']> {
  const [map, isHosts] = await Promise.all([readUserMap(), isMachines('user')])
  return map && isHosts !== null ? { map, isHosts } : null
}
