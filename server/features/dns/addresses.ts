/** The addresses of a name, both families at once, as programs ask for them. */
import type { Lookup, Searched, Tried } from './lookup.ts'
import type { ResourceRecord } from './message.ts'
import type { Outcome } from './search.ts'
import { typeNumber } from './types.ts'

const types = ['A', 'AAAA']
const typeNumbers = types.flatMap((name) => typeNumber(name) ?? [])

/** One full name’s replies for A and for AAAA, and what the C library makes of the two. */
interface BothTried {
  readonly name: string
  readonly outcome: Outcome
  readonly tried: readonly Tried[]
}

/** IPv4 and IPv6, in the order of the records. */
export const addressesIn = (records: readonly ResourceRecord[]): string[] =>
  records.flatMap(({ type, value }) => (types.includes(type) ? [value] : []))

/** All that the replies have. */
export const addressesOf = ({ tried }: BothTried): string[] =>
  tried.flatMap(({ reply }) => addressesIn(reply?.message.answers ?? []))

/** Asks for one full name. @throws LookupError when the signal ends it */
export async function askForBoth(lookup: Lookup, name: string): Promise<BothTried> {
  const tried = await Promise.all(typeNumbers.map((type) => lookup.ask(name, type)))
  const outcomes = tried.map(({ outcome }) => outcome)
  // As res_query of glibc: records of either will do; else the first that says more than that there are none.
  const told = outcomes.find((one) => one === 'found') ?? outcomes.find((one) => one !== 'no data')
  return { name, outcome: told ?? 'no data', tried }
}

/** Asks for the full names that stand for a name, until one has an address. @throws LookupError when the signal ends it */
export const searchForBoth = (lookup: Lookup, name: string): Promise<Searched<BothTried>> =>
  lookup.search(name, (fullName) => askForBoth(lookup, fullName))
