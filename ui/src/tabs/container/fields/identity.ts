/** The fields that say who the process is, and whose namespaces it is in. */
import type { Identity } from '../../../../../server/features/container/wire.ts'
import { noted, type Yaml } from '../yaml.ts'
import { container, pod, type Fields } from './pod.ts'

/** What containerd lets a container do that says nothing of capabilities: https://github.com/containerd/containerd/blob/main/pkg/oci/spec.go */
const runtimesOwn =
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'
/** So many capabilities Linux has had since 5.9 (capability.h); a privileged container has them all. */
const allCapabilities = 41

/** What is false anyway need not be said. */
const onlyTrue = (value: boolean | null | undefined): true | undefined => (value === true ? true : undefined)

/** securityContext, and whose namespaces it is in. */
export function identityFields(identity: Identity): string {
  const { uid, gid, groups, hostNamespaces: host, userNamespace, noNewPrivileges, rootIsReadOnly } = identity
  const others = groups?.filter((group) => group !== gid) ?? []
  return pod({
    hostPID: onlyTrue(host?.pid),
    hostIPC: onlyTrue(host?.ipc),
    hostNetwork: onlyTrue(host?.network),
    hostUsers: userNamespace?.isHosts === false ? false : undefined,
    securityContext:
      others.length > 0
        ? { supplementalGroups: noted(others, 'or fsGroup, or groups that the image has for the user') }
        : undefined,
    containers: container({
      securityContext: {
        runAsUser: uid === null ? undefined : noted(uid, 'or the USER of the image'),
        runAsGroup: gid ?? undefined,
        runAsNonRoot: identity.isRoot === false ? noted(true, 'what restricted wants to be said') : undefined,
        allowPrivilegeEscalation: noNewPrivileges === null ? undefined : !noNewPrivileges,
        readOnlyRootFilesystem: rootIsReadOnly ?? undefined,
        ...capabilityFields(identity),
        ...profileFields(identity),
      },
    }),
  })
}

function capabilityFields({ capabilities, podSecurity }: Identity): Fields {
  if (!capabilities) return {}
  const isPrivileged = podSecurity.checks.some(
    ({ setting, level }) => setting === 'securityContext.privileged' && level === 'privileged',
  )
  if (isPrivileged) return { privileged: noted(true, 'or a process outside of any container') }
  const bounding = capabilities.bounding.map((name) => name.replace(/^CAP_/, '')).sort()
  if (bounding.length >= allCapabilities)
    return { privileged: noted(true, 'or capabilities.add: [ALL]; this container has all of them') }
  if (bounding.join(' ') === runtimesOwn)
    return { capabilities: noted({}, 'the runtime’s own, as by default') }
  return { capabilities: { drop: ['ALL'], add: bounding.length > 0 ? bounding : undefined } }
}

function profileFields({ seccomp, appArmor, seLinux }: Identity): Fields {
  const [user, role, type, ...level] = seLinux?.split(':') ?? []
  return {
    seccompProfile:
      seccomp === null
        ? undefined
        : seccomp === 'off'
          ? { type: noted('Unconfined', 'also where nothing is said, on most nodes') }
          : { type: noted('RuntimeDefault', 'or Localhost; from inside they look alike') },
    appArmorProfile: appArmor === null ? undefined : appArmorProfile(appArmor),
    seLinuxOptions: level.length === 0 ? undefined : { user, role, type, level: level.join(':') },
  }
}

function appArmorProfile(label: string): Yaml {
  const name = label.replace(/ \(.*\)$/, '')
  if (name === 'unconfined') return { type: 'Unconfined' }
  const isRuntimes = /^(?:cri-containerd\.apparmor\.d|crio-default|docker-default|containers-default)/.test(
    name,
  )
  return isRuntimes ? { type: 'RuntimeDefault' } : { type: 'Localhost', localhostProfile: name }
}
