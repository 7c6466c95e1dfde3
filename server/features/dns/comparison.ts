/** What each name server says of a name, side by side. */
import { isIP } from 'node:net'
import type { NameServer } from '../../host/resolv-conf.ts'
import { parseAddress } from '../../text/address.ts'
import { addressesOf, searchForBoth } from './addresses.ts'
import { LookupError } from './lookup-error.ts'
import type { Lookup } from './lookup.ts'
import type { Message } from './message.ts'
import { endpoint } from './name-servers.ts'
import { presentRecords } from './presentation.ts'
import { typeNumber } from './types.ts'
import type { DnsComparison, DnsServerReply } from './wire.ts'

const port = 53
/** More are not asked. */
const most = 16

/**
 * Asks each for itself, all at once.
 * @param given further name servers, as addresses or as names of which every address is one
 * @throws LookupError when one of those is neither, or the signal ends it
 */
export async function compareServers(
  lookup: Lookup,
  name: string,
  type: number,
  given: readonly string[],
): Promise<DnsComparison> {
  const own = lookup.conf.nameServers
  const further = (await Promise.all(given.map((text) => readServers(text, lookup)))).flat()
  const all = new Map([...own, ...further].map((server) => [endpoint(server), server]))
  const isOwn = new Set(own.map(endpoint))
  const servers = await Promise.all(
    [...all].slice(0, most).map(async ([server, where]) => ({
      server,
      isOwn: isOwn.has(server),
      ...(await askOne(lookup.of(where), name, type)),
    })),
  )
  const said = new Set(servers.map(inShort))
  return { servers, agree: said.size <= 1 && servers.every(({ status }) => status !== null) }
}

async function readServers(text: string, lookup: Lookup): Promise<NameServer[]> {
  const where =
    isIP(text) === 0 ? (parseAddress(text) ?? parseAddress(`${text}:${port}`)) : { host: text, port }
  if (where?.host === undefined || where.port === 0) {
    throw new LookupError(`${text} is no address of a name server, and no name of one`)
  }
  if (isIP(where.host) !== 0) return [{ address: where.host, port: where.port }]
  const { told } = await searchForBoth(lookup, where.host)
  const addresses = addressesOf(told)
  if (addresses.length === 0) throw new LookupError(`${where.host} has no address to ask`)
  return addresses.map((address) => ({ address, port: where.port }))
}

/** @param lookup that of one server */
async function askOne(
  lookup: Lookup,
  name: string,
  type: number,
): Promise<Omit<DnsServerReply, 'server' | 'isOwn'>> {
  const { told } = await lookup.search(name, (fullName) => lookup.ask(fullName, type))
  const milliseconds = lookup.milliseconds
  const { reply } = told
  if (!reply) {
    const failure = [...lookup.failures].join('; ') || 'no name can be asked for'
    const none = { status: null, replyTo: null, zone: null, serial: null }
    return { ...none, answers: [], milliseconds, failure }
  }
  const { message } = reply
  const isAble = ['found', 'no data', 'no such name'].includes(told.outcome)
  const soa = startOfZone(message) ?? (isAble ? await askForZone(lookup, told.name) : undefined)
  return {
    status: message.status,
    replyTo: told.name,
    answers: presentRecords(message).filter(({ section }) => section === 'answer'),
    zone: soa?.zone ?? null,
    serial: soa?.serial ?? null,
    milliseconds,
    failure: lookup.failures.size > 0 ? [...lookup.failures].join('; ') : null,
  }
}

/** By asking for the SOA of a name: it comes as the answer, or beside one that there is none. */
async function askForZone(lookup: Lookup, name: string) {
  const { reply } = await lookup.ask(name, typeNumber('SOA') ?? 0)
  return reply && startOfZone(reply.message)
}

/** The zone that a message tells of, by its SOA, and its numbers; undefined when it has none. */
export function startOfZone({ answers, authorities }: Message) {
  const soa = [...answers, ...authorities].find(({ type }) => type === 'SOA')
  const [, , serial, , , , minimum] = soa?.value.split(' ') ?? []
  if (!soa || serial === undefined || minimum === undefined) return undefined
  return { zone: soa.name, serial: Number(serial), negativeTtl: Math.min(soa.ttl, Number(minimum)) }
}

/** What counts of a reply; times to live go down, and the order turns. */
const inShort = ({ status, replyTo, answers }: DnsServerReply): string =>
  JSON.stringify([
    status,
    replyTo,
    answers.map(({ name, type, value }) => `${name} ${type} ${value}`.toLowerCase()).sort(),
  ])
