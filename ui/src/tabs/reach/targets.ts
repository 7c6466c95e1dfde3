/** What is at hand to reach for: the Services that this pod's environment names, the API server, the name server. */
import type { Naming } from '../../../../server/features/container/wire.ts'
import type { Service, ServicePort } from '../../lib/environment.ts'

/** By a port's name or its number; any other is spoken to over TCP alone. */
const schemes: Readonly<Record<string, string>> = {
  http: 'http',
  https: 'https',
  grpc: 'grpc',
  redis: 'redis',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  smtp: 'smtp',
  80: 'http',
  443: 'https',
  3306: 'mysql',
  5432: 'postgres',
  6379: 'redis',
}
/** What need not be said after them. */
const plainPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** The API server has this name in every namespace; the one in the environment, `kubernetes`, in one alone. */
const apiServer: Pick<Service, 'name' | 'ports'> = {
  name: 'kubernetes.default',
  ports: [{ number: '443', protocols: ['TCP'], names: ['https'] }],
}

/**
 * The Services of the environment, by their first port of TCP, and the API server last.
 * @param services as they were when the pod started
 * @param inPod whether there is a cluster around
 */
export function serviceTargets(services: readonly Service[], inPod: boolean): string[] {
  const own = services.filter(({ name }) => name !== 'kubernetes')
  const isInCluster = inPod || own.length < services.length
  return [...own, ...(isInCluster ? [apiServer] : [])].flatMap(targetOf)
}

function targetOf({ name, ports }: Pick<Service, 'name' | 'ports'>): string[] {
  const open = ports.filter(({ protocols }) => protocols.length === 0 || protocols.includes('TCP'))
  const port = open.find((one) => schemeOf(one)?.startsWith('http') === true) ?? open[0]
  if (!port) return []
  const scheme = schemeOf(port)
  if (scheme === undefined) return [`${name}:${port.number}`]
  return [plainPorts[scheme] === port.number ? `${scheme}://${name}/` : `${scheme}://${name}:${port.number}`]
}

function schemeOf({ number, names }: ServicePort): string | undefined {
  // Such as `http-web`: as appProtocol was told before there was one.
  const named = names.map((name) => schemes[name.replace(/-.*$/, '')])
  return named.find((scheme) => scheme !== undefined) ?? schemes[number]
}

/** A question for the first name server, of a name that every cluster has; none where there is no name server. */
export function nameServerTarget({ nameServers, search }: Pick<Naming, 'nameServers' | 'search'>): string[] {
  const [server] = nameServers
  if (server === undefined) return []
  // A pod's search domains are NAMESPACE.svc.DOMAIN, svc.DOMAIN, DOMAIN.
  const services = search.find((domain) => domain.startsWith('svc.')) ?? 'svc.cluster.local'
  const address = server.includes(':') ? `[${server}]` : server
  return [`dns://${address}/kubernetes.default.${services}`]
}
