/** Where records lead to: the names in SRV, MX, NS, SVCB and HTTPS records, resolved on to addresses. */
import { addressesIn, addressesOf, askForBoth } from './addresses.ts'
import type { Lookup } from './lookup.ts'
import type { Message, ResourceRecord } from './message.ts'
import type { DnsTarget } from './wire.ts'

/** No more are asked for. */
const most = 20

/** The place of the name among the words of a record. */
const places: Partial<Record<string, number>> = { NS: 0, MX: 1, SVCB: 1, HTTPS: 1, SRV: 3 }

/**
 * Resolves them: by what came along with the reply, else by asking for A and AAAA.
 * @throws LookupError when the signal ends it
 */
export function resolveTargets(message: Message, lookup: Lookup): Promise<DnsTarget[]> {
  const ports = new Map<string, number[]>()
  for (const record of message.answers) {
    const [name, port] = targetOf(record)
    if (name === undefined) continue
    ports.set(name, [...(ports.get(name) ?? []), ...(port === undefined ? [] : [port])])
  }
  const targets = [...ports].slice(0, most)
  return Promise.all(
    targets.map(async ([name, own]) => ({ name, ports: own, ...(await resolve(name, message, lookup)) })),
  )
}

/** The name that a record leads to, and its port; none for an alias of nothing. */
function targetOf({ type, name, value }: ResourceRecord): readonly [name: string | undefined, port?: number] {
  const words = value.split(' ')
  const target = words[places[type] ?? Infinity]
  if (target === '.') return type === 'SVCB' || type === 'HTTPS' ? [name] : [undefined]
  return type === 'SRV' ? [target, Number(words[2])] : [target]
}

async function resolve(
  name: string,
  { additionals }: Message,
  lookup: Lookup,
): Promise<Pick<DnsTarget, 'addresses' | 'cameAlong'>> {
  const along = addressesIn(additionals.filter((record) => record.name === name))
  if (along.length > 0) return { addresses: along, cameAlong: true }
  // What is escaped in it is text, and no name that can be asked for.
  if (name.includes('\\')) return { addresses: null, cameAlong: false }
  const both = await askForBoth(lookup, name)
  const isKnown = both.tried.every(({ outcome }) => ['found', 'no data', 'no such name'].includes(outcome))
  const addresses = addressesOf(both)
  return { addresses: isKnown || addresses.length > 0 ? addresses : null, cameAlong: false }
}
