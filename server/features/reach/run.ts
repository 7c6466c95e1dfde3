/** One run: from what was typed to a report of where it ended. */
import type { Socket } from 'node:net'
import { isMetadataService } from '../../client/address.ts'
import { connectToAll } from './connect.ts'
import { Ended, endedBy } from './ended.ts'
import { hintsFor } from './hints.ts'
import { findAddresses, type Found, type NameSources } from './names.ts'
import type { Place } from './place.ts'
import { speak } from './protocols.ts'
import { endpoint, type Target } from './target.ts'
import { Trail } from './trail.ts'
import type { ReachReport, ReachStep } from './wire.ts'

/** What a run needs to know of the host. */
export interface Surroundings extends NameSources {
  readonly place: () => Promise<Place>
  /** `--reach-metadata`: whether a cloud's metadata service may be asked. */
  readonly mayAskMetadata: boolean
}

/** How long it may take, and who waits. */
export interface Patience {
  readonly timeoutMs: number
  /** Aborts when nobody waits any more. */
  readonly client: AbortSignal
}

/** Tries a target once. Whatever comes of it is in the report. */
export async function runOnce(
  target: Target,
  surroundings: Surroundings,
  { timeoutMs, client }: Patience,
): Promise<ReachReport> {
  const report = emptyReport(target)
  const trail = new Trail(timeoutMs, client)
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
  { mayAskMetadata }: Surroundings,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  const refusal = (address: string) =>
    isMetadataService(address) && !mayAskMetadata ? metadataWords : undefined
  const connecting = connectToAll(addresses, target.port, trail, refusal)
  try {
    const socket = await connecting.first
    const words = await speak(socket, target, trail, report)
    return `${placeOf(socket, target)} ${words}`
  } finally {
    await connecting.all
  }
}

const metadataWords = 'a cloud’s metadata service, which is asked only with --reach-metadata'

const placeOf = ({ remoteAddress }: Socket, { host, port }: Target): string =>
  endpoint(remoteAddress ?? host, port)

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
