/** Which addresses this process asks on somebody's word, and which never. */
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'
import { lookUp as lookUpName } from '../host/look-up.ts'

/**
 * Where clouds tell a machine its credentials. Whoever may give this server an address would get those of its node:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html,
 * https://cloud.google.com/compute/docs/metadata/querying-metadata,
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
 */
function listMetadataServices(): BlockList {
  const list = new BlockList()
  // Also as IPv6 has it: mapped, and by a gateway's translation (RFC 6052).
  list.addSubnet('169.254.0.0', 16)
  list.addAddress('100.100.100.200')
  list.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')
  list.addAddress('fe80::a9fe:a9fe', 'ipv6')
  list.addSubnet('fd00:ec2::', 32, 'ipv6')
  list.addAddress('fd20:ce::254', 'ipv6')
  return list
}

/** Made at the first address that is asked about: a start does without. */
let metadataServices: BlockList | undefined

/** @param address IPv4 or IPv6, perhaps with its zone */
export function isMetadataService(address: string): boolean {
  const [plain = ''] = address.split('%')
  return (metadataServices ??= listMetadataServices()).check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

const metadataWords = "that is the address of a cloud's metadata service, which is never asked"

/** Where a URL of http or https leads; an address of IPv6 stands without its brackets. */
export const placeOf = ({
  protocol,
  hostname,
  port,
}: URL): { readonly host: string; readonly port: number } => ({
  host: hostname.replace(/^\[|\]$/g, ''),
  port: Number(port || (protocol === 'https:' ? 443 : 80)),
})

/** Says why a URL isn't asked, or undefined if it is. What a name stands for is known when it is looked up. */
export function refuseUrl(url: URL): string | undefined {
  const { protocol, username, password } = url
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://'
  if (username + password !== '') return 'must not hold a user name or password'
  const address = placeOf(url).host
  return isIP(address) !== 0 && isMetadataService(address) ? `can't be used: ${metadataWords}` : undefined
}

/** As dns.lookup, for node:net, a few at a time; fails for a name that stands for an address which is never asked. */
export const lookUp: LookupFunction = (name, options, callback) => {
  lookUpName(name, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    const refused = error === null && addresses.some(isMetadataService)
    callback(refused ? new Error(metadataWords) : error, found, family)
  })
}
