/** Looks names up as the C library's resolver does: search domains, name servers in turn, attempts (resolv.conf(5)). */
import type { HostsLine } from '../../host/hosts.ts'
import type { NameServer, ResolvConf } from '../../host/resolv-conf.ts'
import { addressesOf, searchForBoth } from './addresses.ts'
import { compareServers, startOfZone } from './comparison.ts'
import { exchange, UnreachableError } from './exchange.ts'
import { LookupError } from './lookup-error.ts'
import { Lookup, type Searched, type Tried } from './lookup.ts'
import { endpoint } from './name-servers.ts'
import { nameToAsk, reverseName } from './names.ts'
import { presentMessage, presentRecords } from './presentation.ts'
import { resolveTargets } from './targets.ts'
import { typeNumber } from './types.ts'
import type {
  DnsAnswer,
  DnsComparison,
  DnsCost,
  DnsProgramQuestion,
  DnsQuestion,
  DnsServersQuestion,
  DnsTrace,
} from './wire.ts'

/** What this host says of DNS; asked for anew by each lookup. */
export interface HostSettings {
  readonly resolvConf: () => Promise<ResolvConf>
  readonly hosts: () => Promise<readonly HostsLine[]>
}

/** A question that can be asked: its name as it is sent, and as it was typed. */
interface Askable {
  readonly typed: string
  readonly name: string
  readonly type: number
}

/** How one server is asked that resolv.conf may not know. */
const plainManner = {
  useTcp: false,
  edns0: false,
  trustAd: false,
  timeoutSeconds: 1,
  note: () => undefined,
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
  async lookup(question: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
    const asked = readQuestion(question)
    const lookup = await this.#begin(signal)
    return this.#answer(asked, await searchFor(asked, lookup), lookup)
  }

  /**
   * Looks a name up and tells of each message that it took, even where nobody replies; what its records lead to is resolved too.
   * @throws LookupError when the question can't be asked
   */
  async trace(question: DnsQuestion, signal: AbortSignal): Promise<DnsTrace> {
    const asked = readQuestion(question)
    const lookup = await this.#begin(signal)
    const searched = await searchFor(asked, lookup)
    const { reply } = searched.told
    if (!reply) {
      const failure = silence(searched.tried, lookup.failures)
      return { answer: null, failure, queries: lookup.queries, targets: [] }
    }
    const answer = await this.#answer(asked, searched, lookup)
    const targets = await resolveTargets(reply.message, lookup)
    return { answer, failure: null, queries: lookup.queries, targets }
  }

  /**
   * Does what a program's look-up of a name's addresses does, and counts what it takes.
   * @throws LookupError when the name can't be asked for
   */
  async cost({ name: typed }: DnsProgramQuestion, signal: AbortSignal): Promise<DnsCost> {
    const { name, type } = readQuestion({ type: 'A', name: typed })
    const lookup = await this.#begin(signal)
    const { ndots, search } = lookup.conf
    const hosts = inHosts(await this.#host.hosts(), name, type)
    const settings = { ndots, search: [...search], fromHosts: hosts.length > 0 }
    if (hosts.length > 0) {
      return { ...settings, addresses: hosts, answeredBy: null, queries: [], withFinalDot: null }
    }
    const { told } = await searchForBoth(lookup, name)
    const addresses = addressesOf(told)
    const answeredBy = told.outcome === 'found' ? told.name : null
    const its = lookup.queries.filter((query) => query.name === answeredBy)
    const withFinalDot = answeredBy === null ? null : its.length
    return { ...settings, addresses, answeredBy, queries: lookup.queries, withFinalDot }
  }

  /**
   * Asks each name server for itself, and compares what they say.
   * @throws LookupError when the question can't be asked, or one that is given is no server
   */
  async compare(question: DnsServersQuestion, signal: AbortSignal): Promise<DnsComparison> {
    const { name, type } = readQuestion(question)
    return compareServers(await this.#begin(signal), name, type, question.servers ?? [])
  }

  /**
   * Asks one name server for a full name, and asks again each second, since a packet may be lost.
   * @throws Error of node:dgram or node:net when nothing gets there, or with the reason in words
   */
  async ask(
    server: NameServer,
    question: DnsQuestion,
    signal: AbortSignal,
  ): Promise<Pick<DnsAnswer, 'status' | 'records'>> {
    const { name, type } = readQuestion(question)
    const full = name.endsWith('.') ? name : `${name}.`
    for (;;) {
      try {
        const { message } = await exchange(server, { name: full, type }, { ...plainManner, signal })
        return { status: message.status, records: presentRecords(message) }
      } catch (error) {
        if (error instanceof UnreachableError) throw error.cause
        const isSilent = error instanceof Error && (error.cause as Error | undefined)?.name === 'AbortError'
        if (signal.aborted || !isSilent) throw error
      }
    }
  }

  async #begin(signal: AbortSignal): Promise<Lookup> {
    const conf = await this.#readConf()
    const firstServer = () => {
      this.#questions += 1
      return conf.rotate ? (this.#questions - 1) % conf.nameServers.length : 0
    }
    return new Lookup(conf, firstServer, signal)
  }

  async #answer(
    { typed, name, type }: Askable,
    { told: { reply, outcome, name: replyTo }, tried }: Searched<Tried>,
    { failures, milliseconds }: Lookup,
  ): Promise<DnsAnswer> {
    if (!reply) throw new LookupError(silence(tried, failures))
    const { message, server, transport } = reply
    const hosts = inHosts(await this.#host.hosts(), name, type)
    const isNegative = outcome === 'no data' || outcome === 'no such name'
    const zone = isNegative ? startOfZone(message) : undefined
    return {
      result: presentMessage(message),
      status: message.status,
      outcome: outcome === 'server failed' || outcome === 'unreachable' ? 'try again' : outcome,
      records: presentRecords(message),
      ...(name === typed ? {} : { askedAs: name }),
      ...(hosts.length === 0 ? {} : { hosts }),
      namesTried: tried.map((one) => one.name),
      statuses: tried.map((one) => one.reply?.message.status ?? 'no reply'),
      replyTo,
      server: endpoint(server),
      transport,
      failures: [...failures],
      ...(zone ? { negativeTtl: zone.negativeTtl } : {}),
      milliseconds,
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

/** @throws LookupError when it can't be asked */
function readQuestion({ type: typeText, name: typed = '' }: DnsQuestion): Askable {
  const type = typeNumber(typeText)
  if (type === undefined) throw new LookupError(`Unknown DNS type: ${typeText}`)
  return { typed, name: nameToAsk(typed, type), type }
}

const searchFor = ({ name, type }: Askable, lookup: Lookup): Promise<Searched<Tried>> =>
  lookup.search(name, (fullName) => lookup.ask(fullName, type))

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
