/** kubectl's words for the other side of each part of the page. */
import type { PodSecurityLevel } from '../../../../server/features/container/wire.ts'
import { shellWord } from '../../lib/shell.ts'

/** Prints some fields of the pod, each on a line of its own. */
const fields = (...paths: readonly string[]): string =>
  `get pod $POD -o jsonpath='${paths.map((path) => `${path}: {${path}}{"\\n"}`).join('')}'`

const ofContainers = (field: string): string => `.spec.containers[*].${field}`

export const commands = {
  whole: 'get pod $POD -o yaml',
  identity: fields('.spec.securityContext', ofContainers('securityContext')),
  allowance: [fields('.status.qosClass', ofContainers('resources')), 'top pod $POD'],
  mounts: 'describe pod $POD',
  sharing: fields('.spec.shareProcessNamespace', '.spec.hostNetwork', ofContainers('name')),
  naming: fields('.spec.dnsPolicy', '.spec.dnsConfig', '.spec.hostAliases'),
  token: fields('.spec.serviceAccountName', '.spec.automountServiceAccountToken'),
  node: 'get pod $POD -o wide --show-labels',
} as const

/** Says which pods of a namespace a level would not have, and changes nothing. */
export const levelCommand = (namespace: string, level: PodSecurityLevel): string =>
  `kubectl label --dry-run=server --overwrite namespace ${shellWord(namespace)} pod-security.kubernetes.io/enforce=${level}`
