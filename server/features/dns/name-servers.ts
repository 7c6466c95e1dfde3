/** One question to this host's name servers in turn, as res_send of glibc asks them. */
import { isIPv6 } from 'node:net'
import type { NameServer, ResolvConf } from '../../host/resolv-conf.ts'
import {
  exchange,
  mostRecords,
  UnreachableError,
  type Manner,
  type Question,
  type Reply,
} from './exchange.ts'
import { LookupError } from './lookup-error.ts'
import { hasRecords, isReferral } from './message.ts'
import type { Outcome } from './search.ts'

/** A reply, and whose it is. */
export interface ServedReply extends Reply {
  readonly server: NameServer
}

/** What came of a question; without a reply, no server sent one. */
export interface Asked {
  readonly outcome: Outcome
  readonly reply?: ServedReply
}

/** What the questions of one lookup share. */
export interface Trail extends Pick<Manner, 'note' | 'signal'> {
  /** The place of the server that begins. */
  readonly first: number
  /** Takes what goes wrong, in words. */
  readonly failures: Set<string>
}

/**
 * Asks one server after the other, as often as the settings say, until one can tell of the name.
 * @throws LookupError when the signal ends it
 */
export async function askInTurn(
  question: Question,
  conf: ResolvConf,
  { first, failures, signal, note }: Trail,
): Promise<Asked> {
  let passedOver: ServedReply | undefined
  let isReachable = false
  const servers = conf.nameServers.map((server, place) => ({ server, timeoutSeconds: timeout(conf, place) }))
  const inTurn = [...servers.slice(first), ...servers.slice(0, first)]
  // Over TCP each is asked once.
  const rounds = Math.min(conf.attempts, conf.useTcp ? 1 : Infinity)
  for (const { server, timeoutSeconds } of Array<typeof inTurn>(rounds).fill(inTurn).flat()) {
    const tell = (words: string) => failures.add(`${endpoint(server)} ${words}`)
    try {
      const reply = {
        ...(await exchange(server, question, { ...conf, timeoutSeconds, signal, note })),
        server,
      }
      const fault = faultOf(reply, conf)
      if (reply.message.answers.length === mostRecords) tell(`sent more than ${mostRecords} records`)
      if (fault === undefined) return { outcome: outcomeOf(reply), reply }
      tell(`${fault} ${question.name}`)
      passedOver = reply
    } catch (error) {
      if (signal.aborted) throw new LookupError('the lookup was given up: its client is gone')
      tell((error as Error).message)
      isReachable ||= !(error instanceof UnreachableError)
    }
  }
  if (passedOver) {
    const hasFailed = passedOver.message.status === 'SERVFAIL'
    return { outcome: hasFailed ? 'server failed' : 'try again', reply: passedOver }
  }
  return { outcome: isReachable ? 'try again' : 'unreachable' }
}

/** The later a server stands in the list, the longer it has. */
const timeout = ({ timeoutSeconds, nameServers }: ResolvConf, place: number): number =>
  place === 0 ? timeoutSeconds : Math.max(Math.floor((timeoutSeconds * 2 ** place) / nameServers.length), 1)

/** Why a server is passed over, in words that the name follows: its reply tells of itself rather than of the name. Over TCP none is. */
function faultOf({ message, transport }: Reply, { edns0 }: ResolvConf): string | undefined {
  if (transport === 'TCP') return undefined
  const status = message.status
  const isFault = ['SERVFAIL', 'NOTIMP', 'REFUSED'].includes(status) || (edns0 && status === 'FORMERR')
  if (isFault) return `replied ${status} to`
  return isReferral(message) ? 'only names other servers to ask for' : undefined
}

function outcomeOf({ message }: Reply): Outcome {
  if (hasRecords(message)) return 'found'
  const outcomes: Partial<Record<string, Outcome>> = {
    NOERROR: 'no data',
    NXDOMAIN: 'no such name',
    SERVFAIL: 'server failed',
  }
  return outcomes[message.status] ?? 'no recovery'
}

/** Such as `10.96.0.10:53`. */
export const endpoint = ({ address, port }: NameServer): string =>
  `${isIPv6(address) ? `[${address}]` : address}:${port}`
