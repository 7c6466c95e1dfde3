/** Looks names up as the C library's resolver does: search domains, name servers in turn, attempts (resolv.conf(5)). */
import type { HostsLine } from '../../host/hosts.ts'
import type { ResolvConf } from '../../host/resolv-conf.ts'
import { nameFault } from '../../text/domain-name.ts'
import { LookupError } from './lookup-error.ts'
import { statusOf } from './message.ts'
import { askInTurn, endpoint, type Asked } from './name-servers.ts'
import { nameToAsk, reverseName } from './names.ts'
import { presentMessage, presentRecords } from './presentation.ts'
import { search } from './search.ts'
import { typeNumber } from './types.ts'
import type { DnsAnswer, DnsQuestion } from './wire.ts'

/** What this host says of DNS; asked for anew by each lookup. */
export interface HostSettings {
  readonly resolvConf: () => Promise<ResolvConf>
  readonly hosts: () => Promise<readonly HostsLine[]>
}

/** A full name, and what came of it. */
interface Tried extends Asked {
  readonly name: string
}

/** Asks this host's name servers. */
export class Resolver {
  readonly #host: HostSettings
  #questions = 0

  constructor(host: HostSettings) {
    this.#host = host
  }

  /**
   * Looks a name up by its full forms.
   * @param signal ends the lookup early, when nobody waits for it any more
   * @throws LookupError when the question can't be asked, or no server replies to it
   */
  async lookup({ type, name: typed = '' }: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
    const start = performance.now()
    const number = typeNumber(type)
    if (number === undefined) throw new LookupError(`Unknown DNS type: ${type}`)
    const name = nameToAsk(typed, number)
    const conf = await this.#readConf()
    const failures = new Set<string>()
    const tried: Tried[] = []
    const {
      name: replyTo,
      outcome,
      reply,
    } = await search<Tried>(name, conf, async (fullName) => {
      if (nameFault(fullName) !== undefined) return { name: fullName, outcome: 'no recovery' }
      const first = conf.rotate ? this.#questions % conf.nameServers.length : 0
      this.#questions += 1
      const asked = await askInTurn({ name: fullName, type: number }, conf, { first, failures, signal })
      const one = { name: fullName, ...asked }
      tried.push(one)
      return one
    })
    if (!reply) throw new LookupError(silence(tried, failures))
    const { message, server, transport } = reply
    const records = presentRecords(message)
    const hosts = inHosts(await this.#host.hosts(), name, number)
    return {
      result: presentMessage(message, records),
      status: statusOf(message),
      outcome: outcome === 'server failed' || outcome === 'unreachable' ? 'try again' : outcome,
      records,
      ...(name === typed ? {} : { askedAs: name }),
      ...(hosts.length === 0 ? {} : { hosts }),
      namesTried: tried.map((one) => one.name),
      statuses: tried.map((one) => (one.reply ? statusOf(one.reply.message) : 'no reply')),
      replyTo,
      server: endpoint(server),
      transport,
      failures: [...failures],
      milliseconds: Math.round((performance.now() - start) * 10) / 10,
    }
  }

  async #readConf(): Promise<ResolvConf> {
    try {
      return await this.#host.resolvConf()
    } catch (error) {
      throw new LookupError(`the resolver's settings can't be read: ${(error as Error).message}`)
    }
  }
}

/** Why there is no reply to show. */
function silence(tried: readonly Tried[], failures: ReadonlySet<string>): string {
  const names = tried.filter(({ reply }) => !reply).map(({ name }) => name)
  if (names.length === 0) return 'with its search domain this name is too long to be asked for'
  const reasons = [...failures].join('; ') || "the resolver's options say attempts:0"
  return `no name server replies to ${names.join(' or ')}: ${reasons}`
}

/** What programs find in /etc/hosts: the addresses of a name, or the names of an address. */
function inHosts(lines: readonly HostsLine[], name: string, type: number): string[] {
  const own = name.toLowerCase()
  const found = lines.flatMap(({ address, names }) => {
    if (type === ptr) return reverseName(address) === own ? names : []
    return addressTypes.has(type) && names.includes(own) ? [address] : []
  })
  return [...new Set(found)]
}

const ptr = typeNumber('PTR')
const addressTypes = new Set([typeNumber('A'), typeNumber('AAAA')])
