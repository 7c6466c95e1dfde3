/** From a target's host to addresses, as programs find them: the address itself, /etc/hosts, then DNS. */
import { isIP } from 'node:net'
import type { HostsLine } from '../../host/hosts.ts'
import type { Address } from './connect.ts'
import { Ended } from './ended.ts'
import type { NameAnswer, NameLookUp } from './name-look-up.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** So many addresses of a name are tried. */
const maxAddresses = 16

/** When there are IPv4 addresses, those of IPv6 are waited for so long, in milliseconds. */
const otherFamilyMs = 1000

/** What this host says of names. */
export interface NameSources {
  readonly hosts: () => Promise<readonly HostsLine[]>
  readonly resolver: () => Promise<NameLookUp>
}

/** What was found. */
export interface Found {
  readonly addresses: Address[]
  /** The full name that has them; null for an address, and for /etc/hosts. */
  readonly fullName: string | null
}

/**
 * Finds the addresses.
 * @param names takes each full name that is asked for
 * @throws Ended when there are none
 */
export async function findAddresses(
  host: string,
  { hosts, resolver }: NameSources,
  trail: Trail,
  names: ReachReport['names'],
): Promise<Found> {
  const found = (addresses: readonly string[], from: Address['from'], fullName: string | null): Found => ({
    addresses: addresses.slice(0, maxAddresses).map((address) => ({ address, from, end: null, words: '' })),
    fullName,
  })
  if (isIP(host) !== 0) return found([host], 'the target', null)
  const own = host.replace(/\.$/, '').toLowerCase()
  const inHosts = (await hosts()).filter((line) => line.names.includes(own)).map(({ address }) => address)
  if (inHosts.length > 0) {
    const addresses = [...new Set(inHosts)]
    return trail.step('name', host, () =>
      Promise.resolve([
        found(addresses, '/etc/hosts', null),
        `${addresses.join(', ')}, by /etc/hosts: no name server is asked`,
      ]),
    )
  }
  const look = new LookUp(await resolver(), trail, names)
  const four = await look.up('A', host)
  const fours = addressesOf(four)
  // The same name has to have those of IPv6: another one of the search would be another host.
  const six = await (fours.length > 0 ? look.also(four.replyTo) : look.up('AAAA', four.replyTo))
  const sixes = six ? addressesOf(six) : []
  if (fours.length + sixes.length === 0)
    throw new Ended('no address', `the name ${four.replyTo} exists, and has no address`)
  return found([...fours, ...sixes], 'dns', four.replyTo)
}

/** Asks for a name's addresses, each question a step. */
class LookUp {
  readonly #resolver: NameLookUp
  readonly #trail: Trail
  readonly #names: ReachReport['names']

  constructor(resolver: NameLookUp, trail: Trail, names: ReachReport['names']) {
    this.#resolver = resolver
    this.#trail = trail
    this.#names = names
  }

  /** @throws Ended when there is no such name, or no server replies */
  async up(type: 'A' | 'AAAA', name: string, signal = this.#trail.signal): Promise<NameAnswer> {
    const ask = async () => {
      const answer = await this.#ask(type, name, signal)
      answer.namesTried.forEach((tried, index) => {
        const server = tried === answer.replyTo ? answer.server : null
        this.#names.push({ name: tried, type, status: answer.statuses[index] ?? 'no reply', server })
      })
      if (answer.status !== 'NOERROR') throw notFound(name, answer)
      return [answer, inWords(answer)] as const
    }
    return this.#trail.step('name', `${name} ${type}`, ask, signal)
  }

  /** IPv6 beside IPv4: undefined when it takes long, or nobody replies. */
  async also(name: string): Promise<NameAnswer | undefined> {
    const isLong = new AbortController()
    const timer = setTimeout(() => {
      isLong.abort()
    }, otherFamilyMs)
    try {
      return await this.up('AAAA', name, AbortSignal.any([isLong.signal, this.#trail.signal]))
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  async #ask(type: 'A' | 'AAAA', name: string, signal: AbortSignal): Promise<NameAnswer> {
    try {
      return await this.#resolver.lookup({ type, name }, signal)
    } catch (error) {
      throw new Ended('no name server', (error as Error).message)
    }
  }
}

function notFound(host: string, { status, namesTried, statuses }: NameAnswer): Ended {
  const missing = namesTried.filter((_name, index) => statuses[index] === 'NXDOMAIN')
  if (status === 'NXDOMAIN' || isOfSearchDomains(host, namesTried.length - missing.length)) {
    const tried = namesTried.length > 1 ? `: none of ${missing.join(', ')} exists` : ''
    return new Ended('no such name', `there is no name ${host}${tried}`)
  }
  return new Ended('no name server', `the name servers reply ${status} to ${host}`)
}

/**
 * Whether all that was meant is known to be missing: without a dot it is a name of the search domains, and it tells nothing that a
 * cluster's DNS can't ask the world for it.
 */
const isOfSearchDomains = (host: string, unknown: number): boolean => !host.includes('.') && unknown === 1

function inWords(answer: NameAnswer): string {
  const addresses = addressesOf(answer)
  if (addresses.length === 0) return `${answer.replyTo} has no such address`
  const more = addresses.length - maxAddresses
  const untried = more > 0 ? ` and ${more} more, which are not tried` : ''
  return `${answer.replyTo} has ${addresses.slice(0, maxAddresses).join(', ')}${untried}`
}

const addressesOf = ({ records }: NameAnswer): string[] =>
  records
    .filter(({ section, type }) => section === 'answer' && (type === 'A' || type === 'AAAA'))
    .map(({ value }) => value)
