/** The last five minutes, as plots take them. */
import type { TrafficSecond } from '../../../../server/features/traffic/wire.ts'
import type { Layer, Sample } from '../../parts/plot.ts'
import { signOf } from './versions.ts'

export const secondMs = 1000
/** The layer of what failed; no version is named so. */
const failed = 'failed'

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Failures of all kinds. */
export const failedIn = ({ failures }: TrafficSecond): number => sumOf(failures)

/** The versions that answered, in the order of their first answers. */
export const versionsIn = (seconds: readonly TrafficSecond[]): string[] => [
  ...new Set(seconds.flatMap(({ versions }) => Object.keys(versions))),
]

/** What lies on what: the versions as they came, and above them what failed. */
export const layersOf = (versions: readonly string[]): Layer[] => [
  ...versions.map((version) => {
    const { name, colour } = signOf(version)
    return { name, colour }
  }),
  { name: failed, colour: 'var(--fail)', isHatched: true },
]

/** How much of each layer there was. @param versions as layersOf has them */
export function countSamples(seconds: readonly TrafficSecond[], versions: readonly string[]): Sample[] {
  const names = [...versions.map((version) => signOf(version).name), failed]
  const nothing = Object.fromEntries(names.map((name) => [name, 0]))
  return seconds.flatMap((second, index) => {
    const counts = versions.map((version): [string, number] => [
      signOf(version).name,
      second.versions[version] ?? 0,
    ])
    const values = { ...Object.fromEntries(counts), [failed]: failedIn(second) }
    const [time, next] = [Date.parse(second.at), seconds[index + 1]?.at]
    const after = time + secondMs
    if (next === undefined)
      return [
        { time, values },
        { time: after, values },
      ]
    // A second in which nothing happened isn't told.
    const isNext = Date.parse(next) < after + secondMs / 2
    return isNext
      ? [{ time, values }]
      : [
          { time, values },
          { time: after, values: nothing },
        ]
  })
}

/** How long answers took; nothing in a second without any. */
export const latencySamples = (seconds: readonly TrafficSecond[]): Sample[] =>
  seconds.map(({ at, latency }) => ({
    time: Date.parse(at),
    values: latency ? { p50: latency.p50, p90: latency.p90, p99: latency.p99, max: latency.max } : {},
  }))
