/** The DNS Query tab: what this host's name servers say. */
import type { Feature } from '../../feature.ts'
import { readResolvConf } from '../../host/resolv-conf.ts'
import type { Resolver } from './resolver.ts'
import { dnsRoutes } from './routes.ts'

/** Asks the name servers of /etc/resolv.conf. */
export function dnsFeature(): Feature {
  let resolver: Promise<Resolver> | undefined
  // Only a host whose DNS is looked at needs the library.
  const load = async () => new (await import('./resolver.ts')).Resolver(readResolvConf)
  return {
    name: 'dns',
    routes(http) {
      dnsRoutes(http, () => (resolver ??= load()))
    },
  }
}
