/** Who answered how many requests. */
import type { Identity } from '../../../../server/identity/wire.ts'

/** One of those who answered. */
export interface Answerer extends Pick<Identity, 'hostname' | 'version' | 'colour'> {
  readonly count: number
}

/** Each pod and version once, by the pod's name. */
export function tally(answers: readonly Omit<Answerer, 'count'>[]): Answerer[] {
  const byName = new Map<string, Answerer>()
  for (const { hostname, version, colour } of answers) {
    const name = `${hostname} ${version}`
    byName.set(name, { hostname, version, colour, count: (byName.get(name)?.count ?? 0) + 1 })
  }
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, answerer]) => answerer)
}
