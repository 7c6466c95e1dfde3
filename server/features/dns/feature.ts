/** The DNS Query tab: what this host's name servers say. */
import type { Feature } from '../../feature.ts'
import { readHosts } from '../../host/hosts.ts'
import { readResolvConf } from '../../host/resolv-conf.ts'
import type { Resolver } from './resolver.ts'
import { dnsRoutes } from './routes.ts'

/** The feature, and its resolver, which is loaded when it is first asked for: another feature may need it. */
interface DnsFeature extends Feature {
  readonly resolver: () => Promise<Resolver>
}

/**
 * Asks the name servers of /etc/resolv.conf.
 * @param env has a say too: RES_OPTIONS, LOCALDOMAIN
 */
export function dnsFeature(env: NodeJS.ProcessEnv): DnsFeature {
  let loading: Promise<Resolver> | undefined
  // Only a host whose DNS is looked at needs the library.
  const load = async () => {
    const { Resolver } = await import('./resolver.ts')
    return new Resolver({ resolvConf: () => readResolvConf(env), hosts: readHosts })
  }
  const resolver = () => (loading ??= load())
  return {
    name: 'dns',
    resolver,
    routes(http) {
      dnsRoutes(http, resolver)
    },
  }
}
