/** Which name servers this host asks, and how: /etc/resolv.conf, by the rules of resolv.conf(5). */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** Where a name server listens. */
export interface NameServer {
  /** IPv4 or IPv6; a link-local one with its zone, `fe80::1%eth0`. */
  readonly address: string
  readonly port: number
}

/** The settings of the resolver. */
export interface ResolvConf {
  /** In the order in which they are asked; never empty. */
  readonly nameServers: readonly NameServer[]
  /** Domains that a short name is tried with. */
  readonly search: readonly string[]
  /** A name with at least this many dots is tried as it is before the search domains. */
  readonly ndots: number
  /** How long one server has for one answer. */
  readonly timeoutSeconds: number
  /** How often the whole list of servers is gone through. */
  readonly attempts: number
  /** Each lookup begins with the next server instead of the first. */
  readonly rotate: boolean
}

const port = 53

/** Resolvers read no more (MAXNS). */
const maxNameServers = 3

/** What is read without any `nameserver` line. */
const localMachine: NameServer = { address: '127.0.0.1', port }

/** The numbers among the options: what holds without, and the ends that resolv.conf(5) cuts them at. */
const numbers = {
  ndots: { default: 1, min: 0, max: 15 },
  timeout: { default: 5, min: 1, max: 30 },
  attempts: { default: 2, min: 1, max: 5 },
} as const

/**
 * Reads the file, which may change while the process lives; without one, the local machine is the name server.
 * @throws Error of node:fs when the file is there and can't be read
 */
export async function readResolvConf(path = '/etc/resolv.conf'): Promise<ResolvConf> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })
  return parseResolvConf(text)
}

/** Reads the file's text; what resolv.conf(5) doesn't know is passed over, as resolvers do. */
export function parseResolvConf(text: string): ResolvConf {
  const nameServers: NameServer[] = []
  const options: string[] = []
  let search: string[] = []
  for (const line of text.split('\n')) {
    if (/^[;#]/.test(line)) continue
    // A keyword stands at the very start of its line.
    const [keyword, ...values] = line.trimEnd().split(/[ \t]+/)
    const [first = ''] = values
    if (keyword === 'nameserver' && isIP(first) !== 0) nameServers.push({ address: first, port })
    // Of several `search` and `domain` lines the last one wins.
    if (keyword === 'search') search = values
    if (keyword === 'domain') search = values.slice(0, 1)
    if (keyword === 'options') options.push(...values)
  }
  return {
    nameServers: nameServers.length === 0 ? [localMachine] : nameServers.slice(0, maxNameServers),
    search,
    ndots: numberOf('ndots', options),
    timeoutSeconds: numberOf('timeout', options),
    attempts: numberOf('attempts', options),
    rotate: options.includes('rotate'),
  }
}

/** The last of several wins. */
function numberOf(name: keyof typeof numbers, options: readonly string[]): number {
  const given = options.map((option) => new RegExp(`^${name}:(\\d+)$`).exec(option)?.[1])
  const { default: usual, min, max } = numbers[name]
  const number = Number(given.findLast((value) => value !== undefined) ?? usual)
  return Math.min(Math.max(number, min), max)
}
