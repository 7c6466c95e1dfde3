/** How names are found here: host name, /etc/hosts, and what the resolver's settings make of a name. */
import { readResolvConf } from '../../host/resolv-conf.ts'
import type { Naming } from './wire.ts'

/** @param name whose look-up is explained */
export async function explainNaming(
  name: string,
  { env, hostname }: { readonly env: NodeJS.ProcessEnv; readonly hostname: string },
): Promise<Naming> {
  const { nameServers, search, ndots } = await readResolvConf(env)
  return {
    hostname,
    dnsPolicy: null,
    dnsPolicyWhy: 'it isn’t known',
    hosts: null,
    nameServers: nameServers.map(({ address }) => address),
    search: [...search],
    ndots,
    options: [],
    example: { name, wouldAsk: [], why: 'it isn’t known' },
  }
}
