/** The environment of the process: by name, with what Kubernetes adds for Services set apart. */
import { isSecret } from './secrets.ts'

export interface Variable {
  readonly name: string
  readonly value: string
  /** Whether the value is veiled until it is asked for. */
  readonly secret: boolean
}

/** A port of a Service, as far as variables tell of it. */
export interface ServicePort {
  /** In digits. */
  readonly number: string
  /** Such as TCP; none where only its number is told. */
  readonly protocols: readonly string[]
  readonly names: readonly string[]
}

/** Such as `443/TCP (https)`. */
export const portWords = ({ number, protocols, names }: ServicePort): string =>
  [number, ...protocols].join('/') + (names.length > 0 ? ` (${names.join(', ')})` : '')

/** A Service that was there when the pod started. */
export interface Service {
  /** As in the cluster: such names have no underscores, so nothing is lost on the way. */
  readonly name: string
  readonly address: string
  readonly ports: readonly ServicePort[]
  readonly variables: readonly Variable[]
}

export interface Environment {
  readonly services: readonly Service[]
  /** Those of no Service. */
  readonly others: readonly Variable[]
}

/** @param env names and values */
export function arrange(env: Readonly<Record<string, string>>): Environment {
  const names = Object.keys(env).sort()
  // Of services named foo and foo-service, the longer one takes what both could.
  const prefixes = names
    .flatMap((name) => prefixOf(name, env))
    .sort((one, other) => other.length - one.length)
  const byPrefix = new Map<string, Variable[]>()
  const others: Variable[] = []
  for (const name of names) {
    const value = env[name] ?? ''
    const owner = prefixes.find((prefix) => belongs(prefix, name, value))
    if (owner === undefined) others.push({ name, value, secret: isSecret(name, value) })
    else byPrefix.set(owner, [...(byPrefix.get(owner) ?? []), { name, value, secret: false }])
  }
  const services = [...byPrefix].map(([prefix, variables]) => describeService(prefix, variables))
  return { services: services.sort((one, other) => (one.name < other.name ? -1 : 1)), others }
}

/** Only a cluster address makes a Service; MYSQL_SERVICE_HOST=mysql.example.com is somebody's own. */
function prefixOf(name: string, env: Readonly<Record<string, string>>): string[] {
  const prefix = /^([A-Z][A-Z0-9_]*)_SERVICE_HOST$/.exec(name)?.[1]
  if (prefix === undefined || !(`${prefix}_SERVICE_PORT` in env)) return []
  return /^(\d+\.){3}\d+$|^[\da-f]*:[\da-f:.]*$/i.test(env[name] ?? '') ? [prefix] : []
}

const link = /^_PORT(_\d+_(TCP|UDP|SCTP))?$/
const linkPart = /^_PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)$/

/** Whether Kubernetes made the variable for this Service; its value has to look so, too. */
function belongs(prefix: string, name: string, value: string): boolean {
  if (!name.startsWith(`${prefix}_`)) return false
  const rest = name.slice(prefix.length)
  if (rest === '_SERVICE_HOST' || linkPart.test(rest)) return true
  if (/^_SERVICE_PORT(_[A-Z0-9_]+)?$/.test(rest)) return /^\d+$/.test(value)
  return link.test(rest) && /^(tcp|udp|sctp):\/\/\S+:\d+$/.test(value)
}

function describeService(prefix: string, variables: readonly Variable[]): Service {
  const protocols = new Map<string, string[]>()
  const portNames = new Map<string, string[]>()
  let address = ''
  for (const { name, value } of variables) {
    const rest = name.slice(prefix.length)
    if (rest === '_SERVICE_HOST') address = value
    const [, port, protocol] = /^_PORT_(\d+)_([A-Z]+)$/.exec(rest) ?? []
    if (port !== undefined && protocol !== undefined) append(protocols, port, protocol)
    const portName = /^_SERVICE_PORT_(.+)$/.exec(rest)?.[1]
    if (portName !== undefined) append(portNames, value, clusterName(portName))
    if (rest === '_SERVICE_PORT' && !protocols.has(value)) protocols.set(value, [])
  }
  const ports = [...protocols].sort(([one], [other]) => Number(one) - Number(other))
  return {
    name: clusterName(prefix),
    address,
    ports: ports.map(([number, protocols]) => ({ number, protocols, names: portNames.get(number) ?? [] })),
    variables,
  }
}

const clusterName = (name: string): string => name.toLowerCase().replaceAll('_', '-')

function append(lists: Map<string, string[]>, key: string, value: string): void {
  lists.set(key, [...(lists.get(key) ?? []), value])
}

/**
 * Whether a variable is among those that were asked for. What is veiled can't be found out by its value.
 * @param wanted in small letters
 * @param veiled whether the value is veiled now
 */
export const matches = ({ name, value }: Variable, wanted: string, veiled: boolean): boolean =>
  name.toLowerCase().includes(wanted) || (!veiled && value.toLowerCase().includes(wanted))
