/** What the checks of Pod Security look at. */
import type { Credentials } from '../../host/credentials.ts'
import type { MountLine } from '../../host/mount-table.ts'
import type { SecurityLabels } from '../../host/security-labels.ts'
import type { HostNamespaces } from './host-namespaces.ts'
import type { Identity, Mount } from './wire.ts'

/** Null is: it can't be read. */
export interface SecurityFacts {
  readonly credentials: Pick<Credentials, 'uid' | 'seccomp' | 'noNewPrivileges' | 'capabilities'>
  readonly labels: SecurityLabels
  readonly hostNamespaces: HostNamespaces
  readonly userNamespace: Identity['userNamespace']
  readonly rootIsReadOnly: boolean | null
  readonly mountTable: readonly MountLine[] | null
  readonly mounts: readonly Mount[] | null
}
