/** What several name servers say of the same question, compared. */
import type { DnsComparison, DnsServerReply } from '../../../../server/features/dns/wire.ts'
import { countOf } from '../../lib/format.ts'
import type { Outcome } from './outcome.ts'

/** A record that not all of them have, by their names. */
export interface Difference {
  readonly record: string
  readonly hasIt: readonly string[]
  readonly lacksIt: readonly string[]
}

/** The records that some have and some lack, without their times to live; who doesn't reply is neither. */
export function differences(servers: readonly DnsServerReply[]): Difference[] {
  const replying = servers.filter(({ status }) => status !== null)
  const own = new Map(
    replying.map(({ server, answers }) => [
      server,
      new Set(answers.map(({ name, type, value }) => `${name} ${type} ${value}`)),
    ]),
  )
  const all = new Set([...own.values()].flatMap((records) => [...records]))
  return Array.from(all, (record) => ({
    record,
    hasIt: [...own].flatMap(([server, records]) => (records.has(record) ? [server] : [])),
    lacksIt: [...own].flatMap(([server, records]) => (records.has(record) ? [] : [server])),
  })).filter(({ lacksIt }) => lacksIt.length > 0)
}

/** Whether the first serial is the older one (RFC 1982, section 3.2). */
const isOlder = (one: number, other: number): boolean => one !== other && (other - one) >>> 0 < 2 ** 31

/** Those whose zone is older than what another has of it. */
export const behind = (servers: readonly DnsServerReply[]): string[] =>
  servers.flatMap(({ server, zone, serial }) => {
    const isBehind = servers.some(
      (other) =>
        serial !== null && other.serial !== null && zone === other.zone && isOlder(serial, other.serial),
    )
    return isBehind ? [server] : []
  })

/** For a badge. */
export function verdictOf({ servers, agree }: DnsComparison): Outcome {
  const late = behind(servers)
  const older = late.length === 0 ? '' : `; an older zone: ${late.join(', ')}`
  if (!agree) {
    const silent = servers.filter(({ status }) => status === null).length
    const said = silent > 0 ? `${countOf(silent, 'server')} without a reply` : 'not the same records'
    return { state: 'bad', word: 'they differ', detail: `${said}${older}` }
  }
  if (servers.length > 1) {
    return { state: 'good', word: 'all say the same', detail: `${countOf(servers.length, 'server')}${older}` }
  }
  return { state: 'idle', word: 'only one server', detail: 'give others to compare it with' }
}
