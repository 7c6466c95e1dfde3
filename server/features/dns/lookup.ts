/** One look-up: the full names of what is asked for, each by this host’s name servers in turn, and all that was sent for it. */
import type { NameServer, ResolvConf } from '../../host/resolv-conf.ts'
import { nameFault } from '../../text/domain-name.ts'
import type { Sent } from './exchange.ts'
import { askInTurn, endpoint, type Asked } from './name-servers.ts'
import { search, type Outcome } from './search.ts'
import { typeName } from './types.ts'
import type { DnsQuery } from './wire.ts'

/** A full name, and what came of it. */
export interface Tried extends Asked {
  readonly name: string
}

/** What came of a name: what counts of all that was tried. */
export interface Searched<Each> {
  readonly told: Each
  readonly tried: readonly Each[]
}

export class Lookup {
  readonly conf: ResolvConf
  readonly signal: AbortSignal
  /** What went wrong, in words. */
  readonly failures = new Set<string>()
  /** In the order in which they came to their end. */
  readonly queries: DnsQuery[] = []
  readonly #firstServer: () => number
  readonly #start = performance.now()

  /**
   * @param conf as it is for all of this look-up
   * @param firstServer gives the place of the server that begins with the next question
   * @param signal ends it early, when nobody waits for it any more
   */
  constructor(conf: ResolvConf, firstServer: () => number, signal: AbortSignal) {
    this.conf = conf
    this.#firstServer = firstServer
    this.signal = signal
  }

  /** Since it began, to a tenth. */
  get milliseconds(): number {
    return tenths(performance.now() - this.#start)
  }

  /** One name server’s look-up beside this one: it alone is asked, once for each name. */
  of(server: NameServer): Lookup {
    return new Lookup({ ...this.conf, nameServers: [server], attempts: 1 }, () => 0, this.signal)
  }

  /** @throws LookupError when the signal ends it */
  async ask(name: string, type: number): Promise<Tried> {
    if (nameFault(name) !== undefined) return { name, outcome: 'no recovery' }
    const { failures, signal } = this
    const note = (sent: Sent) => {
      this.#note(sent)
    }
    const trail = { first: this.#firstServer(), failures, signal, note }
    return { name, ...(await askInTurn({ name, type }, this.conf, trail)) }
  }

  /**
   * Asks for the full names that stand for a name, until one has what is asked for.
   * @param ask for one of them
   * @throws LookupError when the signal ends it
   */
  async search<Each extends { readonly outcome: Outcome }>(
    name: string,
    ask: (fullName: string) => Promise<Each>,
  ): Promise<Searched<Each>> {
    const tried: Each[] = []
    const told = await search(name, this.conf, async (fullName) => {
      const one = await ask(fullName)
      if (nameFault(fullName) === undefined) tried.push(one)
      return one
    })
    return { told, tried }
  }

  #note({ server, question, transport, start, end, message, isCutShort = false, failure }: Sent): void {
    this.queries.push({
      name: question.name,
      type: typeName(question.type),
      server: endpoint(server),
      transport,
      at: tenths(start - this.#start),
      milliseconds: tenths(end - start),
      status: message?.status ?? null,
      answers: (message?.answers ?? []).slice(0, 100).map(({ type, value }) => `${type} ${value}`),
      cutShort: isCutShort,
      failure: failure ?? null,
    })
  }
}

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10
