/** The fields that say how names are found. */
import type { Naming } from '../../../../../server/features/container/wire.ts'
import { noted, type Yaml } from '../yaml.ts'
import { pod } from './pod.ts'

/** The first line of the kubelet's own /etc/hosts has none of them. */
const aliasesOf = ({ hosts }: Naming): Yaml | undefined => {
  const aliases = hosts?.filter(({ from }) => from === 'hostAliases') ?? []
  return aliases.length === 0
    ? undefined
    : aliases.map(({ address, names }) => ({ ip: address, hostnames: names }))
}

/** dnsPolicy and dnsConfig; with a policy that isn't known, those that write this resolv.conf whatever wrote it. */
export function namingFields(naming: Naming): string {
  const { dnsPolicy, nameServers, search, options } = naming
  const isByPolicy = dnsPolicy !== null && dnsPolicy !== 'None'
  const config = {
    nameservers: nameServers,
    searches: search,
    options: options.map((option) => {
      const [name = option, value] = option.split(':')
      return { name, value }
    }),
  }
  return pod({
    dnsPolicy:
      dnsPolicy ?? noted('None', 'with the next lines this makes the same, whatever has made it here'),
    dnsConfig: isByPolicy ? undefined : config,
    hostAliases: aliasesOf(naming),
  })
}
