/** What came of which of the full names that stand for a name counts: res_search of glibc. */
import { searchOrder, type SearchSettings } from '../../host/search-order.ts'

/** What asking for one full name can come to, as far as a search goes. */
export type Outcome =
  /** The reply has records. */
  | 'found'
  /** The name exists, without a record of the type. */
  | 'no data'
  | 'no such name'
  /** The last server that replied said SERVFAIL. */
  | 'server failed'
  /** No server replied, or none that can tell of the name: no further domain is searched. */
  | 'try again'
  /** A fault that stays: no further domain is searched. */
  | 'no recovery'
  /** No server can be reached: no further name is tried. */
  | 'unreachable'

/**
 * Tries the full names that stand for a name, in their order.
 * @param ask asks for one full name, with its final dot
 * @returns what has records; else what came of the name alone if that was tried first; else the first that exists, the first that
 * a server failed at, the last
 */
export async function search<Tried extends { readonly outcome: Outcome }>(
  name: string,
  settings: SearchSettings,
  ask: (fullName: string) => Promise<Tried>,
): Promise<Tried> {
  const order = searchOrder(name, settings)
  const first = order.first === undefined ? undefined : await ask(order.first)
  if (first?.outcome === 'found') return first

  const searched: Tried[] = []
  let { last: alone } = order
  for (const fullName of order.searched) {
    if (fullName === alone) alone = undefined
    const one = await ask(fullName)
    if (one.outcome === 'found' || one.outcome === 'unreachable') return one
    searched.push(one)
    if (one.outcome === 'try again' || one.outcome === 'no recovery') break
  }
  const last = alone === undefined ? searched.at(-1) : await ask(alone)
  if (last?.outcome === 'found') return last

  const firstThat = (outcome: Outcome) => searched.find((one) => one.outcome === outcome)
  const told = first ?? firstThat('no data') ?? firstThat('server failed') ?? last
  if (!told) throw new Error(`${name} has no full form`)
  return told
}
