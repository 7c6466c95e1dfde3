/** The checks of Pod Security that look at the process itself: its user, and what the kernel lets it do. */
import type { MountLine } from '../../host/mount-table.ts'
import type { SecurityFacts } from './security-facts.ts'
import type { SecurityCheck } from './wire.ts'

/** @returns the check by runAsNonRoot and runAsUser, which are one from inside */
export function checkUser({ credentials: { uid }, userNamespace }: SecurityFacts): SecurityCheck {
  const check = { name: 'User', setting: 'securityContext.runAsNonRoot' }
  if (uid === null) return untold(check)
  if (uid !== 0)
    return {
      ...check,
      found: `user ${uid}`,
      level: 'restricted',
      why: 'runAsUser or the image names this user. Restricted wants runAsNonRoot: true beside it, which can’t be seen from inside.',
    }
  const outside = userNamespace?.isHosts === false ? ', who is another outside of the user namespace' : ''
  return {
    ...check,
    found: `root${outside}`,
    level: 'baseline',
    why: 'The image’s user is root, or runAsUser is 0. Restricted wants runAsNonRoot: true and another user.',
  }
}

/** What a runtime hides and write-protects is open in a privileged container alone. */
export function checkPrivileged({ credentials: { capabilities }, mountTable }: SecurityFacts): SecurityCheck {
  const check = { name: 'Privileged', setting: 'securityContext.privileged' }
  if (!capabilities || !mountTable) return untold(check)
  const closed = [
    ...(hidesProc(mountTable) ? ['parts of /proc are hidden'] : []),
    ...(isWritable(mountTable, '/sys') ? [] : ['/sys can’t be written']),
    ...(capabilities.bounding.includes('CAP_SYS_ADMIN') ? [] : ['CAP_SYS_ADMIN can’t be had']),
  ]
  return closed.length > 0
    ? { ...check, found: closed.join('; '), level: 'restricted', why: 'privileged: true would open that.' }
    : {
        ...check,
        found: 'nothing of /proc is hidden, /sys can be written, and CAP_SYS_ADMIN can be had',
        level: 'privileged',
        why: 'privileged: true makes it so, and so is a process outside of any container. Baseline refuses it.',
      }
}

const isWritable = (mounts: readonly MountLine[], path: string): boolean =>
  mounts.findLast(({ point }) => point === path)?.options.includes('rw') ?? false

/** Runtimes mount something over what isn't for containers: `maskedPaths` and `readonlyPaths` of the OCI runtime specification. */
export const hidesProc = (mounts: readonly MountLine[]): boolean =>
  mounts.some(({ point }) =>
    /^\/proc\/(acpi|asound|bus|fs|irq|kcore|keys|scsi|sys|sysrq-trigger|timer_list)$/.test(point),
  )

/** @returns the check by allowPrivilegeEscalation */
export function checkEscalation({ credentials: { noNewPrivileges } }: SecurityFacts): SecurityCheck {
  const check = { name: 'Privilege escalation', setting: 'securityContext.allowPrivilegeEscalation' }
  if (noNewPrivileges === null) return untold(check)
  return noNewPrivileges
    ? {
        ...check,
        found: 'no_new_privs is set: no program gets more rights than this one has',
        level: 'restricted',
        why: 'allowPrivilegeEscalation: false sets it.',
      }
    : {
        ...check,
        found: 'no_new_privs isn’t set: a set-user-ID program gets its owner’s rights',
        level: 'baseline',
        why: 'Without allowPrivilegeEscalation: false it isn’t. Restricted wants that.',
      }
}

/** What may be added below the level privileged. */
const ofBaseline = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
].map((name) => `CAP_${name}`)

/** @returns the check by capabilities: what the process may ever have, whatever user it is */
export function checkCapabilities({ credentials: { capabilities } }: SecurityFacts): SecurityCheck {
  const check = { name: 'Capabilities', setting: 'securityContext.capabilities' }
  if (!capabilities) return untold(check)
  const { bounding } = capabilities
  const found = bounding.length === 0 ? 'none can be had' : `can be had: ${shortList(bounding)}`
  if (bounding.every((name) => name === 'CAP_NET_BIND_SERVICE'))
    return {
      ...check,
      found,
      level: 'restricted',
      why: 'capabilities.drop: [ALL] leaves none; restricted lets NET_BIND_SERVICE be added again.',
    }
  const further = bounding.filter((name) => !ofBaseline.includes(name) && name !== 'CAP_NET_RAW')
  if (further.length > 0)
    return {
      ...check,
      found,
      level: 'privileged',
      why: `No runtime gives ${shortList(further)} by itself: capabilities.add, or privileged: true, does. Baseline refuses that.`,
    }
  const raw = bounding.includes('CAP_NET_RAW')
    ? ' Most runtimes give NET_RAW too; where capabilities.add names it, which can’t be seen from inside, baseline refuses the pod.'
    : ''
  return {
    ...check,
    found,
    level: 'baseline',
    why: `Runtimes give some without being asked. Restricted wants capabilities.drop: [ALL].${raw}`,
  }
}

/** Privileged containers have them all, which the process's own sets say one by one. */
function shortList(names: readonly string[]): string {
  const shown = names.length > 20 ? names.slice(0, 5) : names
  const words = shown.map((name) => name.replace('CAP_', '')).join(', ')
  return shown.length < names.length ? `${words} and ${names.length - shown.length} others` : words
}

/** @returns the check by seccompProfile */
export function checkSeccomp({ credentials: { seccomp } }: SecurityFacts): SecurityCheck {
  const check = { name: 'Seccomp', setting: 'securityContext.seccompProfile.type' }
  if (seccomp === null) return untold(check)
  return seccomp === 'off'
    ? {
        ...check,
        found: 'no system call is filtered',
        level: 'baseline',
        why: 'Without a profile the kubelet’s default counts, which is none. Restricted wants RuntimeDefault or Localhost. Where the field says Unconfined, which can’t be told from leaving it out, baseline refuses the pod.',
      }
    : {
        ...check,
        found: 'system calls are filtered',
        level: 'restricted',
        why: 'RuntimeDefault or Localhost makes it so, and which of them can’t be seen. Restricted wants the field itself: a kubelet with seccompDefault filters without it.',
      }
}

/** @param check what it is about */
export const untold = (check: { readonly name: string; readonly setting: string }): SecurityCheck => ({
  ...check,
  found: 'unknown',
  level: null,
  why: 'This system has no /proc that tells it.',
})
