/** What pages show of the server's state, and how they ask for it. */

/** What is to be told. */
export interface Wanted {
  /** How many events a second at most, by topic; of one with a parameter that stands after a space. */
  readonly topics: Readonly<Record<string, number>>
  /** Below the server's `--fs-root`, to be told of when what is there changes. */
  readonly paths: readonly string[]
}

/** The server takes so many paths in one stream. */
const maxPaths = 16

/** What all pages together want: each topic as often as the one that wants it most; of too many paths those that came last. */
export function unionOf(all: Iterable<Wanted>): Wanted {
  const topics: Record<string, number> = {}
  const paths = new Set<string>()
  for (const wanted of all) {
    for (const [topic, rate] of Object.entries(wanted.topics))
      topics[topic] = Math.max(rate, topics[topic] ?? 0)
    for (const path of wanted.paths) paths.add(path)
  }
  return { topics, paths: [...paths].slice(-maxPaths) }
}

/** As the server reads it: `lab 05-pods/3` is its `lab;of=05-pods%2F3`. */
function parameterised(topic: string): string {
  const [name = '', ...of] = topic.split(' ')
  return of.length === 0 ? name : `${name};of=${encodeURIComponent(of.join(' '))}`
}

/** @param once whether the stream is to end when all has been told */
export function addressOf({ topics, paths }: Wanted, root: string, once: boolean): URL {
  const address = new URL('events', root)
  const named = Object.entries(topics).map(([topic, rate]) => `${parameterised(topic)};rate=${String(rate)}`)
  address.searchParams.set('topics', named.sort().join())
  for (const path of paths.toSorted()) address.searchParams.append('watch', path)
  // The features that are off have no topics, and the page is told of those only by the stream.
  address.searchParams.set('lenient', 'true')
  if (once) address.searchParams.set('once', 'true')
  return address
}
