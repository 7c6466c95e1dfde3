/** Where this pod is, as far as its files and variables tell: what a target can be told to be from here. */
import { hostAddresses } from '../../host/interfaces.ts'
import { podNamespace } from '../../host/namespace.ts'
import { readResolvConf } from '../../host/resolv-conf.ts'
import { plainName } from '../../text/host-pattern.ts'

export interface Place {
  /** Whether this is a pod of Kubernetes. */
  readonly isPod: boolean
  /** The pod's; null where it isn't told. */
  readonly namespace: string | null
  /** Such as `cluster.local`; null where names of Services are not searched for. */
  readonly clusterDomain: string | null
  /** Names of Services by their ClusterIP: those of this namespace that were there before this pod. */
  readonly services: ReadonlyMap<string, string>
  /** This host's own. */
  readonly addresses: readonly string[]
  /** Addresses of the name servers that it asks. */
  readonly nameServers: readonly string[]
}

/** The kubelet writes `search NAMESPACE.svc.DOMAIN svc.DOMAIN DOMAIN` (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/). */
const searched = /^([^.]+)\.svc\.(.+)$/

/** @param env in which the kubelet tells a pod where Services are */
export async function readPlace(env: NodeJS.ProcessEnv): Promise<Place> {
  const { search, nameServers } = await readResolvConf(env).catch(() => ({ search: [], nameServers: [] }))
  const [, namespace = null, clusterDomain = null] =
    search.map((domain) => searched.exec(plainName(domain))).find((match) => match !== null) ?? []
  const mounted = podNamespace()
  return {
    isPod: env.KUBERNETES_SERVICE_HOST !== undefined || mounted !== null,
    namespace: mounted ?? namespace,
    clusterDomain,
    services: servicesIn(env),
    addresses: hostAddresses(),
    nameServers: nameServers.map(({ address }) => address),
  }
}

/** https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables */
function servicesIn(env: NodeJS.ProcessEnv): Map<string, string> {
  const variables = Object.entries(env).flatMap(([name, value = '']) => {
    const [, service] = /^(\w+)_SERVICE_HOST$/.exec(name) ?? []
    // KUBERNETES is of the namespace `default`, whatever the pod's.
    return service === undefined ? [] : [[value, service.toLowerCase().replaceAll('_', '-')] as const]
  })
  return new Map(variables)
}
