/** The addresses of this host. */
import { networkInterfaces } from 'node:os'

/** Every address that others can reach this host by, IPv4 before IPv6; no loopback or link-local ones. */
export function hostAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const reachable = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
  return reachable.sort((one, other) => one.family.localeCompare(other.family)).map(({ address }) => address)
}
