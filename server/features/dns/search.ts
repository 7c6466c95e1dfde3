/** Which full names stand for a name, and what came of which of them counts: res_search of glibc. */
import type { ResolvConf } from '../../host/resolv-conf.ts'

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
 * Tries the full names that stand for a name: one with a final dot as it is, any other with each search domain and alone, which
 * comes first if it has `ndots` dots or more.
 * @param ask asks for one full name, with its final dot
 * @returns what has records; else what came of the name alone if that was tried first; else the first that exists, the first that
 * a server failed at, the last
 */
export async function search<Tried extends { readonly outcome: Outcome }>(
  name: string,
  { search: domains, ndots, noTldQuery }: Pick<ResolvConf, 'search' | 'ndots' | 'noTldQuery'>,
  ask: (fullName: string) => Promise<Tried>,
): Promise<Tried> {
  if (name === '') return ask('.')
  if (name.endsWith('.')) return ask(name)
  const alone = `${name}.`
  const dots = name.split('.').length - 1
  const first = dots >= ndots ? await ask(alone) : undefined
  if (first?.outcome === 'found') return first

  const searched: Tried[] = []
  let triesAlone = !first && (dots > 0 || domains.length === 0 || !noTldQuery)
  for (const fullName of domains.map((domain) => within(alone, domain))) {
    if (fullName === alone) triesAlone = false
    const one = await ask(fullName)
    if (one.outcome === 'found' || one.outcome === 'unreachable') return one
    searched.push(one)
    if (one.outcome === 'try again' || one.outcome === 'no recovery') break
  }
  const last = triesAlone ? await ask(alone) : searched.at(-1)
  if (last?.outcome === 'found') return last

  const firstThat = (outcome: Outcome) => searched.find((one) => one.outcome === outcome)
  const told = first ?? firstThat('no data') ?? firstThat('server failed') ?? last
  if (!told) throw new Error(`${name} has no full form`)
  return told
}

/** The root may be written as a dot or as nothing, and a domain with a dot at either end. */
function within(alone: string, domain: string): string {
  const bare = domain.replace(/^\.|\.$/g, '')
  return bare === '' ? alone : `${alone}${bare}.`
}
