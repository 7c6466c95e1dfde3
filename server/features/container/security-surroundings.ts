/** The checks of Pod Security that look at what surrounds the process: security modules, namespaces, volumes. */
import type { Told } from './host-namespaces.ts'
import type { SecurityFacts } from './security-facts.ts'
import { hidesProc, untold } from './security-process.ts'
import type { SecurityCheck } from './wire.ts'

/** @returns the check by appArmorProfile */
export function checkAppArmor({ labels: { appArmor } }: Pick<SecurityFacts, 'labels'>): SecurityCheck {
  const check = { name: 'AppArmor', setting: 'securityContext.appArmorProfile.type' }
  if (appArmor === null)
    return {
      ...check,
      found: 'no profile is told',
      level: null,
      why: 'AppArmor isn’t on here, or /proc doesn’t tell. What the field says can’t be seen then.',
    }
  return appArmor.startsWith('unconfined')
    ? {
        ...check,
        found: appArmor,
        level: null,
        why: 'Unconfined or privileged: true makes it so, which baseline refuses, or a runtime that has no profile of its own.',
      }
    : {
        ...check,
        found: appArmor,
        level: 'restricted',
        why: 'The runtime’s own profile counts unless the field names one. Only Unconfined is refused.',
      }
}

/** What may be named below the level privileged; container_engine_t since 1.31. */
const seLinuxTypes = ['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']

/** @returns the check by seLinuxOptions */
export function checkSeLinux({ labels: { seLinux } }: Pick<SecurityFacts, 'labels'>): SecurityCheck {
  const check = { name: 'SELinux', setting: 'securityContext.seLinuxOptions' }
  if (seLinux === null)
    return {
      ...check,
      found: 'no label is told',
      level: null,
      why: 'SELinux isn’t on here, or /proc doesn’t tell. What the field says can’t be seen then.',
    }
  const [user = '', role = '', type = ''] = seLinux.split(':')
  if (type === 'spc_t')
    return {
      ...check,
      found: seLinux,
      level: 'privileged',
      why: 'Type spc_t is that of privileged: true and of host namespaces, or seLinuxOptions.type names it. Baseline refuses each.',
    }
  if (!seLinuxTypes.includes(type) || user !== 'system_u' || role !== 'system_r')
    return {
      ...check,
      found: seLinux,
      level: null,
      why: `Baseline allows the types ${seLinuxTypes.join(', ')} and neither user nor role. Whether seLinuxOptions or the runtime made this label can’t be seen.`,
    }
  return {
    ...check,
    found: seLinux,
    level: 'restricted',
    why: 'The runtime chooses such a label unless seLinuxOptions does. Only other types, and a user or role, are refused.',
  }
}

/** @returns the checks by hostNetwork, hostPID, hostIPC */
export const checkHostNamespaces = ({
  hostNamespaces: { network, pid, ipc },
}: SecurityFacts): SecurityCheck[] => [
  checkHost('Host network', 'hostNetwork', network),
  checkHost('Host processes', 'hostPID', pid),
  checkHost('Host IPC', 'hostIPC', ipc),
]

function checkHost(name: string, setting: string, { is, why }: Told): SecurityCheck {
  const sign = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`
  if (is === null) return { name, setting, found: 'unknown', level: null, why: sign }
  return is
    ? {
        name,
        setting,
        found: 'the node’s',
        level: 'privileged',
        why: `${sign} Baseline refuses ${setting}: true.`,
      }
    : { name, setting, found: 'not the node’s', level: 'restricted', why: sign }
}

/** @returns the check by the kinds of volumes */
export function checkVolumes({ mounts }: SecurityFacts): SecurityCheck {
  const check = { name: 'Volumes', setting: 'volumes[*].hostPath' }
  if (!mounts) return untold(check)
  const pathsOf = (kind: string) => mounts.filter((mount) => mount.kind === kind).map(({ path }) => path)
  const [ofHost, others] = [pathsOf('hostPath'), pathsOf('unknown')]
  if (ofHost.length > 0)
    return {
      ...check,
      found: `hostPath at ${firstOf(ofHost)}`,
      level: 'privileged',
      why: 'A part of the node’s files is mounted. Baseline refuses each hostPath.',
    }
  if (others.length > 0)
    return {
      ...check,
      found: `what is at ${firstOf(others)} isn’t known`,
      level: null,
      why: 'Baseline refuses hostPath; restricted refuses volumes of a cloud’s or a network’s own too, unless by a claim.',
    }
  return {
    ...check,
    found: 'no hostPath',
    level: 'restricted',
    why: 'What is mounted is of kinds that restricted allows. Volumes that this container doesn’t mount can’t be seen.',
  }
}

/** The node's root brings hundreds of mounts with it. */
const firstOf = (paths: readonly string[]): string =>
  paths.length > 4 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} other places` : paths.join(', ')

/** @returns the check by procMount */
export function checkProcMount({ mountTable, userNamespace }: SecurityFacts): SecurityCheck {
  const check = { name: '/proc', setting: 'securityContext.procMount' }
  if (!mountTable) return untold(check)
  if (hidesProc(mountTable))
    return {
      ...check,
      found: 'the runtime hides parts of it',
      level: 'restricted',
      why: 'procMount is Default, which it is when it is left out.',
    }
  return {
    ...check,
    found: 'nothing of it is hidden',
    level: userNamespace?.isHosts === false ? 'privileged' : null,
    why: 'procMount: Unmasked, which takes hostUsers: false, or privileged: true makes it so, and baseline refuses both; or there is no runtime that hides any.',
  }
}

/** @returns readOnlyRootFilesystem, which no level asks for */
export function checkRoot({ rootIsReadOnly }: SecurityFacts): SecurityCheck {
  const check = { name: 'Root file system', setting: 'securityContext.readOnlyRootFilesystem' }
  if (rootIsReadOnly === null) return untold(check)
  return {
    ...check,
    found: rootIsReadOnly ? 'read-only' : 'writable',
    level: 'restricted',
    why: `readOnlyRootFilesystem: ${rootIsReadOnly ? 'true makes' : 'true would make'} it read-only. No level asks for it.`,
  }
}

/** @returns hostUsers, which no level asks for */
export function checkUsers({ userNamespace }: SecurityFacts): SecurityCheck {
  const check = { name: 'User namespace', setting: 'hostUsers' }
  if (!userNamespace) return untold(check)
  const { isHosts } = userNamespace
  return {
    ...check,
    found: isHosts
      ? 'the machine’s: root here is root there'
      : 'one of its own: root here is another user outside',
    level: 'restricted',
    why: `hostUsers: false ${isHosts ? 'would give it one of its own' : 'makes it so, or the whole node is in one'}. No level asks for it.`,
  }
}

const unseenWhy = 'It leaves no sign inside the container.'

/** What Pod Security looks at, and leaves no sign inside. */
export const unseen: readonly SecurityCheck[] = [
  {
    name: 'Host ports',
    found: 'unknown',
    level: null,
    setting: 'containers[*].ports[*].hostPort',
    why: `${unseenWhy} Baseline refuses it.`,
  },
  {
    name: 'Sysctls',
    found: 'unknown',
    level: null,
    setting: 'securityContext.sysctls',
    why: 'Whether the pod or the node has set one can’t be seen. Baseline allows a short list of safe ones.',
  },
  {
    name: 'Probes of other hosts',
    found: 'unknown',
    level: null,
    setting: 'containers[*].livenessProbe.httpGet.host',
    why: `${unseenWhy} Since 1.34 baseline refuses a host in probes and lifecycle hooks.`,
  },
]
