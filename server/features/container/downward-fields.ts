/** Which field of a pod a variable or a file tells, by its name, held against what is known otherwise. */
import { isIP } from 'node:net'
import { nodeNameVariable } from '../../host/node-name.ts'

/** What is known of a pod beside what its manifest tells by the downward API. */
export interface KnownValues {
  /** Undefined where it isn't known. */
  readonly nodeName: string | undefined
  readonly podName: string | undefined
  readonly namespace: string | undefined
  readonly uid: string | undefined
  readonly serviceAccount: string | undefined
  readonly hostname: string
  /** Of its interfaces. */
  readonly addresses: readonly string[]
  /** Whether they are the node's. */
  readonly hasHostNetwork: boolean | null
  /** In bytes; null without a limit. */
  readonly memoryLimit: number | null
  /** In cores; null without a quota. */
  readonly cpuLimit: number | null
}

/** Whether a value is that of the field; undefined is: nothing known tells. */
type Comparison = (value: string, known: KnownValues) => boolean | undefined

const equals =
  (wanted: (known: KnownValues) => string | undefined): Comparison =>
  (value, known) => {
    const one = wanted(known)
    return one === undefined ? undefined : one === value
  }

/** By the ends of names, as manifests have them; dashes and dots count as `_`. */
const fields: readonly (readonly [ends: RegExp, field: string, compare: Comparison])[] = [
  [nodeNameVariable, 'spec.nodeName', equals(({ nodeName }) => nodeName)],
  [/(^|_)POD_?NAME$/, 'metadata.name', isPodName],
  [/(^|_)NAMESPACE$/, 'metadata.namespace', equals(({ namespace }) => namespace)],
  [/(^|_)POD_?UID$/, 'metadata.uid', equals(({ uid }) => uid)],
  [
    /(^|_)SERVICE_?ACCOUNT(_?NAME)?$/,
    'spec.serviceAccountName',
    equals(({ serviceAccount }) => serviceAccount),
  ],
  [/(^|_)POD_?IPS$/, 'status.podIPs', areOwnAddresses],
  [/(^|_)POD_?IP$/, 'status.podIP', areOwnAddresses],
  [/(^|_)(HOST|NODE)_?IPS$/, 'status.hostIPs', areNodesAddresses],
  [/(^|_)(HOST|NODE)_?IP$/, 'status.hostIP', areNodesAddresses],
  [/(^|_)(MEM(ORY)?_?LIMIT|LIMITS?_?MEM(ORY)?)$/, 'limits.memory', isMemoryLimit],
  [/(^|_)(CPU_?LIMIT|LIMITS?_?CPU)$/, 'limits.cpu', isCpuLimit],
]

/** Without more than the name to go by, it has to be a usual one: VAULT_NAMESPACE is somebody else's. */
const isUsual = /^((MY|K8S|KUBE|KUBERNETES)_)?(POD|NODE|HOST|NAMESPACE|SERVICE_?ACCOUNT)/

/**
 * The field that a name stands for.
 * @returns undefined where there is none, or what is known speaks against it; `isSure` where that speaks for it
 */
export function fieldOf(
  name: string,
  value: string,
  known: KnownValues,
): { readonly field: string; readonly isSure: boolean } | undefined {
  const plain = name.toUpperCase().replace(/[-.]/g, '_')
  const found = fields.find(([ends]) => ends.test(plain))
  if (!found || value === '') return undefined
  const [, field, compare] = found
  const isSure = compare(value, known) ?? false
  return isSure || (compare(value, known) === undefined && isUsual.test(plain))
    ? { field, isSure }
    : undefined
}

/** A host name that is another may be by the pod's `hostname`. */
function isPodName(value: string, { podName, hostname }: KnownValues): boolean | undefined {
  if (podName !== undefined) return value === podName
  return value === hostname ? true : undefined
}

function areOwnAddresses(value: string, { addresses }: KnownValues): boolean {
  return value.split(',').every((address) => addresses.includes(address))
}

/** A pod with a network of its own can't know its node's address. */
function areNodesAddresses(value: string, { addresses, hasHostNetwork }: KnownValues): boolean | undefined {
  const all = value.split(',')
  if (!all.every((address) => isIP(address) !== 0)) return false
  if (hasHostNetwork) return all.every((address) => addresses.includes(address))
  return all.some((address) => addresses.includes(address)) ? false : undefined
}

/** In bytes, or rounded up to a divisor of the manifest's. */
function isMemoryLimit(value: string, { memoryLimit }: KnownValues): boolean {
  if (memoryLimit === null) return false
  const divisors = [1, 1e3, 1e6, 1e9, 2 ** 10, 2 ** 20, 2 ** 30]
  return divisors.some((divisor) => value === String(Math.ceil(memoryLimit / divisor)))
}

/** In cores, rounded up, or in thousandths of one. */
function isCpuLimit(value: string, { cpuLimit }: KnownValues): boolean {
  if (cpuLimit === null) return false
  return value === String(Math.ceil(cpuLimit)) || value === String(Math.round(cpuLimit * 1000))
}
