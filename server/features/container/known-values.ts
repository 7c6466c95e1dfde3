/** What is known of a pod beside what its manifest tells by the downward API. */
import { hostAddresses } from '../../host/interfaces.ts'
import { podNamespace } from '../../host/namespace.ts'
import type { KnownValues } from './downward-fields.ts'
import type { Allowance, Identity, TokenClaims } from './wire.ts'

/** Where it is known from. */
export interface KnownFrom {
  readonly hostname: string
  readonly tokens: readonly TokenClaims[] | null
  /** The pod's, by what the kubelet has mounted. */
  readonly uid: string | undefined
  readonly identity: Identity
  readonly allowance: Allowance
}

/** Puts it together; the first token that claims a name counts. */
export function knownValues({ hostname, tokens, uid, identity, allowance }: KnownFrom): KnownValues {
  const claimed = (claim: 'node' | 'pod' | 'namespace' | 'serviceAccount') =>
    tokens?.find((token) => token[claim] !== null)?.[claim] ?? undefined
  return {
    nodeName: claimed('node'),
    podName: claimed('pod'),
    namespace: claimed('namespace') ?? podNamespace() ?? undefined,
    uid,
    serviceAccount: claimed('serviceAccount'),
    hostname,
    addresses: hostAddresses(),
    hasHostNetwork: identity.hostNamespaces?.network ?? null,
    memoryLimit: allowance.memory.limit,
    cpuLimit: allowance.cpu.quota,
  }
}
