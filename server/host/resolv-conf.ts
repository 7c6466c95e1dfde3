/** Which name servers this host asks, and how: /etc/resolv.conf, by the rules of resolv.conf(5) and as glibc reads it. */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

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
  /** How long the first server has for one answer. */
  readonly timeoutSeconds: number
  /** How often the whole list of servers is gone through; 0 asks nobody. */
  readonly attempts: number
  /** Each question begins with the next server instead of the first. */
  readonly rotate: boolean
  /** Questions go over TCP. */
  readonly useTcp: boolean
  /** Questions offer the extensions of RFC 6891. */
  readonly edns0: boolean
  /** Questions ask whether the server has validated its answer (the AD bit). */
  readonly trustAd: boolean
  /** A name without dots is not tried alone. */
  readonly noTldQuery: boolean
}

/** What else has a say. */
export interface ResolverSurroundings {
  /** RES_OPTIONS adds options, LOCALDOMAIN takes the place of the search list. */
  readonly env?: Readonly<Partial<Record<string, string>>>
  /** The domain in it is searched where the file names none. */
  readonly hostname?: string
}

const port = 53

/** Resolvers read no more (MAXNS). */
const maxNameServers = 3

/** What is read without any `nameserver` line. */
const localMachine: NameServer = { address: '127.0.0.1', port }

/**
 * Reads the file, which may change while the process lives; without one, the local machine is the name server.
 * @param env this process's environment
 * @throws Error of node:fs when the file is there and can't be read
 */
export async function readResolvConf(
  env: ResolverSurroundings['env'] = {},
  path = '/etc/resolv.conf',
): Promise<ResolvConf> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })
  return parseResolvConf(text, { env, hostname: hostname() })
}

/** Reads the file's text; what resolv.conf(5) doesn't know is passed over, as resolvers do. */
export function parseResolvConf(
  text: string,
  { env = {}, hostname = '' }: ResolverSurroundings = {},
): ResolvConf {
  const nameServers: NameServer[] = []
  let search = hostname.split('.').length > 1 ? [hostname.slice(hostname.indexOf('.') + 1)] : []
  for (const [keyword, ...values] of linesIn(text)) {
    const [first = ''] = values
    const address = first.trimEnd()
    if (keyword === 'nameserver' && isIP(address) !== 0) nameServers.push({ address, port })
    // Of several `search` and `domain` lines the last one wins that names a domain.
    if (keyword === 'search' && first !== '') search = values
    if (keyword === 'domain' && first !== '') search = [first]
  }
  const options = [...optionsIn(text), ...(env.RES_OPTIONS ?? '').split(/[ \t]+/)]
  return {
    nameServers: nameServers.length === 0 ? [localMachine] : nameServers.slice(0, maxNameServers),
    search: env.LOCALDOMAIN === undefined ? search : localDomains(env.LOCALDOMAIN),
    ...readOptions(options),
  }
}

/** The options that the file's text has, as they stand there. */
export const optionsIn = (text: string): string[] =>
  linesIn(text).flatMap(([keyword, ...values]) => (keyword === 'options' ? values : []))

/** Its lines in words, of which the first is the keyword: that stands at the very start of its line. */
const linesIn = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => !/^[;#]/.test(line))
    .map((line) => line.split(/[ \t]+/).filter((word, index) => index === 0 || word !== ''))

/** Up to the end of the line; an empty one is the root. */
const localDomains = (value: string): string[] => {
  const [line = ''] = value.split('\n')
  return line.replace(/[ \t]+$/, '').split(/[ \t]+/)
}

function readOptions(options: readonly string[]): Omit<ResolvConf, 'nameServers' | 'search'> {
  // As C's atoi and strncmp read them: digits count up to what is none, and what follows a name doesn't matter.
  const has = (...names: string[]) => options.some((option) => names.some((name) => option.startsWith(name)))
  const number = (name: string, usual: number, most: number) => {
    const given = options.findLast((option) => option.startsWith(`${name}:`))?.slice(name.length + 1)
    return given === undefined ? usual : Math.min(Number(/^\+?\d+/.exec(given)?.[0] ?? 0), most)
  }
  return {
    ndots: number('ndots', 1, 15),
    timeoutSeconds: Math.max(number('timeout', 5, 30), 1),
    attempts: number('attempts', 2, 5),
    rotate: has('rotate'),
    useTcp: has('use-vc'),
    edns0: has('edns0'),
    trustAd: has('trust-ad'),
    noTldQuery: has('no-tld-query', 'no_tld_query'),
  }
}
