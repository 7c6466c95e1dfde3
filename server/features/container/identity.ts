/** Who the process is. */
import type { Identity, Mount } from './wire.ts'

/**
 * Never fails: what can't be read is null.
 * @param mounts what is mounted, of which Pod Security has a say in some; null where it isn't known
 */
export function readIdentity(mounts: readonly Mount[] | null): Promise<Identity> {
  return Promise.resolve({
    uid: process.geteuid?.() ?? null,
    gid: process.getegid?.() ?? null,
    groups: process.getgroups?.() ?? null,
    isRoot: process.geteuid ? process.geteuid() === 0 : null,
    userNamespace: null,
    capabilities: null,
    seccomp: null,
    noNewPrivileges: null,
    appArmor: null,
    seLinux: null,
    rootIsReadOnly: mounts?.findLast(({ path }) => path === '/')?.readOnly ?? null,
    hostNamespaces: null,
    podSecurity: { level: null, checks: [] },
  })
}
