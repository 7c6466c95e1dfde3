/** What /etc/hosts says: in a pod, the pod's own name and those of `hostAliases`. Programs look there before they ask for a name. */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** A line of the file. */
export interface HostsLine {
  /** IPv4 or IPv6. */
  readonly address: string
  /** In small letters, since case doesn't count. */
  readonly names: readonly string[]
}

/** The lines with an address; none when the file can't be read. */
export async function readHosts(path = '/etc/hosts'): Promise<HostsLine[]> {
  return parseHosts(await readFile(path, 'utf8').catch(() => ''))
}

/** Reads the file's text by the rules of hosts(5). */
export function parseHosts(text: string): HostsLine[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/))
  return lines.flatMap(([address = '', ...names]) => (isIP(address) === 0 ? [] : [{ address, names }]))
}
