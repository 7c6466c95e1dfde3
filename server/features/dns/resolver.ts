/** Looks names up as the C library's resolver does: search domains, name servers in turn, attempts (resolv.conf(5)). */
import { isIPv6 } from 'node:net'
import type { NameServer, ResolvConf } from '../../host/resolv-conf.ts'
import { exchange, type Question, type Reply } from './exchange.ts'
import { LookupError } from './lookup-error.ts'
import { statusOf, typeNumber } from './message.ts'
import { fullNames, nameFault } from './names.ts'
import { presentMessage, presentRecords } from './presentation.ts'
import type { DnsAnswer, DnsQuestion } from './wire.ts'

/** Statuses that tell of a server rather than of a name, so that the next server is asked. */
const serverFaults = new Set(['SERVFAIL', 'NOTIMP', 'REFUSED'])

/** What all questions of one lookup share. */
interface Lookup {
  readonly conf: ResolvConf
  /** In the order in which they are asked. */
  readonly servers: readonly NameServer[]
  /** What went wrong so far, in words. */
  readonly failures: Set<string>
  readonly signal: AbortSignal
}

interface ServedReply extends Reply {
  readonly server: NameServer
}

/** Asks this host's name servers. */
export class Resolver {
  readonly #readConf: () => Promise<ResolvConf>
  #lookups = 0

  /** @param readConf gives the settings, which are asked for anew by each lookup */
  constructor(readConf: () => Promise<ResolvConf>) {
    this.#readConf = readConf
  }

  /**
   * Asks for each full form of a name until one has records; otherwise the last reply stands.
   * @param signal ends the lookup early, when nobody waits for it any more
   * @throws LookupError when the question can't be asked, or no server replies to it
   */
  async lookup({ type, name = '' }: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
    const start = performance.now()
    const number = typeNumber(type)
    if (number === undefined) throw new LookupError(`Unknown DNS type: ${type}`)
    const fault = nameFault(name)
    if (fault !== undefined) throw new LookupError(`this name can't be asked for: ${fault}`)
    const lookup = await this.#begin(signal)

    const namesTried: string[] = []
    let reply: ServedReply | undefined
    for (const fullName of fullNames(name, lookup.conf)) {
      namesTried.push(fullName)
      reply = await askInTurn({ name: fullName, type: number }, lookup)
      if ((reply.message.answers ?? []).length > 0) break
    }
    if (!reply) throw new Error(`${name} has no full form`)
    const { message, server, transport } = reply
    const records = presentRecords(message)
    return {
      result: presentMessage(message, records),
      status: statusOf(message),
      records,
      namesTried,
      server: endpoint(server),
      transport,
      failures: [...lookup.failures],
      milliseconds: Math.round((performance.now() - start) * 10) / 10,
    }
  }

  async #begin(signal: AbortSignal): Promise<Lookup> {
    let conf: ResolvConf
    try {
      conf = await this.#readConf()
    } catch (error) {
      throw new LookupError(`the resolver's settings can't be read: ${(error as Error).message}`)
    }
    const { nameServers, rotate } = conf
    const first = rotate ? this.#lookups % nameServers.length : 0
    this.#lookups += 1
    const servers = [...nameServers.slice(first), ...nameServers.slice(0, first)]
    return { conf, servers, failures: new Set(), signal }
  }
}

/**
 * Asks one server after the other, as often as the settings say, until one can tell of the name.
 * @returns its reply, or the last one that tells of a server's fault
 * @throws LookupError when none replies
 */
async function askInTurn(question: Question, lookup: Lookup): Promise<ServedReply> {
  const { conf, servers, failures, signal } = lookup
  let faulty: ServedReply | undefined
  for (let attempt = 0; attempt < conf.attempts; attempt += 1) {
    for (const server of servers) {
      try {
        const reply = await exchange(server, question, { timeoutSeconds: conf.timeoutSeconds, signal })
        const status = statusOf(reply.message)
        if (!serverFaults.has(status)) return { ...reply, server }
        faulty = { ...reply, server }
        failures.add(`${endpoint(server)} replied ${status} to ${question.name}`)
      } catch (error) {
        if (signal.aborted) throw new LookupError('the lookup was given up: its client is gone')
        failures.add(`${endpoint(server)} ${(error as Error).message}`)
      }
    }
  }
  if (faulty) return faulty
  throw new LookupError(`no name server replies to ${question.name}: ${[...failures].join('; ')}`)
}

const endpoint = ({ address, port }: NameServer): string =>
  `${isIPv6(address) ? `[${address}]` : address}:${port}`
