/** One run: from what was typed to a report of where it ended. */
import { isMetadataService } from '../../client/address.ts'
import { connectToAll, type Address } from './connect.ts'
import { Ended, endedBy } from './ended.ts'
import { hintsFor } from './hints.ts'
import { findAddresses, type Found, type NameSources } from './names.ts'
import type { Place } from './place.ts'
import { askNameServer } from './name-server.ts'
import { protocolOf } from './protocols.ts'
import { endpoint, type Target } from './target.ts'
import { Trail, type Carrier } from './trail.ts'
import type { ReachReport, ReachStep } from './wire.ts'

/** What a run needs to know of the host. */
export interface Surroundings extends NameSources {
  readonly place: () => Promise<Place>
  /** `--reach-metadata`: whether a cloud's metadata service may be asked. */
  readonly mayAskMetadata: boolean
}

/** How long it may take, who waits, and in whose name. */
export interface Patience {
  readonly timeoutMs: number
  /** Aborts when nobody waits any more. */
  readonly client: AbortSignal
  /** Headers of a trace, for the requests that are made on the way. */
  readonly carrier?: Carrier
}

/** Tries a target once. Whatever comes of it is in the report. */
export async function runOnce(
  target: Target,
  surroundings: Surroundings,
  { timeoutMs, client, carrier }: Patience,
): Promise<ReachReport> {
  const report = emptyReport(target)
  const trail = new Trail(timeoutMs, client, carrier)
  let found: Found = { addresses: [], fullName: null }
  try {
    found = await findAddresses(target.host, surroundings, trail, report.names)
    report.addresses = found.addresses
    report.words = sentence(await reachOne(found, target, surroundings, trail, report))
    Object.assign(report, { reached: true, end: 'reached' })
  } catch (error) {
    const { end, message } = endedBy(error)
    Object.assign(report, { end, words: sentence(message + within(trail.steps.at(-1), end)) })
  } finally {
    trail.end()
  }
  report.steps = trail.steps
  report.milliseconds = trail.milliseconds
  report.hints = hintsFor(report, target, found, await surroundings.place())
  return report
}

const emptyReport = (target: Target): ReachReport => ({
  target: target.text,
  time: new Date().toISOString(),
  reached: false,
  end: 'timed out',
  words: '',
  hints: [],
  milliseconds: 0,
  steps: [],
  names: [],
  addresses: [],
  tls: null,
  answer: null,
})

/**
 * Goes as far as the target says.
 * @returns what came of it, in words
 * @throws Ended
 */
async function reachOne(
  { addresses }: Found,
  target: Target,
  { mayAskMetadata, place, resolver }: Surroundings,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  const { scheme, host, port } = target
  // The one that answers DNS for each pod of a node has an address among theirs (NodeLocal DNSCache: 169.254.20.10).
  const { nameServers } = await place()
  const refusal = (address: string) =>
    isMetadataService(address) && !mayAskMetadata && !(port === 53 && nameServers.includes(address))
      ? metadataWords
      : undefined
  if (scheme === 'dns') {
    const [server = { address: host }] = addresses
    const work = () => askNameServer(server.address, target, resolver, trail, report)
    return `${endpoint(server.address, port)} ${await overUdp(server, refusal(server.address), work).catch(failAt(endpoint(server.address, port)))}`
  }
  const connecting = connectToAll(addresses, port, trail, refusal)
  try {
    const socket = await connecting.first
    const at = endpoint(socket.remoteAddress ?? host, port)
    return `${at} ${await protocolOf(scheme)(socket, target, trail, report).catch(failAt(at))}`
  } finally {
    await connecting.all
  }
}

/** Where nothing connects, what comes of the question is what is to be told of the address. */
async function overUdp(
  address: Partial<Address>,
  refused: string | undefined,
  work: () => Promise<string>,
): Promise<string> {
  try {
    if (refused !== undefined) throw new Ended('not allowed', refused)
    const words = await work()
    Object.assign(address, { end: 'reached', words })
    return words
  } catch (error) {
    const { end, message } = endedBy(error)
    Object.assign(address, { end, words: message })
    throw error
  }
}

const metadataWords = 'a cloud’s metadata service, which is asked only with --reach-metadata'

/** Says whose fault it is. */
const failAt =
  (at: string) =>
  (error: unknown): never => {
    const { end, message } = endedBy(error)
    throw new Ended(end, `${at}: ${message}`)
  }

const places: Readonly<Partial<Record<ReachStep['kind'], string>>> = {
  name: ' (of a name server)',
  tls: ' (in the TLS handshake)',
  request: ' (after the request)',
  'first byte': ' (before the answer’s first byte)',
  body: ' (within the answer)',
  greeting: ' (before the server’s greeting was complete)',
  question: ' (to the question)',
}

/** Where in the conversation it ended, where the words don't tell. */
function within(last: ReachStep | undefined, end: Ended['end']): string {
  const isSilence = end === 'timed out' || end === 'cut off' || last?.outcome === 'given up'
  return last && isSilence ? (places[last.kind] ?? '') : ''
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
