/** Histograms that are counted by ourselves, and given to prom-client when they are scraped. */
import type { Registry } from 'prom-client'
import type { NativeBuckets } from './cells.ts'
import type { Exemplar } from './durations.ts'
import type { Prometheus } from './prometheus.ts'

/** A line of a histogram, and what not every form has a place for. */
export interface Sample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly exemplar?: Exemplar | undefined
  /** Of the line of the count: the series' native buckets. */
  readonly native?: NativeBuckets | undefined
}

/** A histogram that is counted by ourselves. */
interface CountedHistogram {
  readonly name: string
  /** Upper bounds of its buckets. */
  readonly bounds: readonly number[]
}

/** What was counted of one series. */
interface CountedSeries {
  readonly labels: Sample['labels']
  /** How many fell into each bucket alone, and above the last. */
  readonly counts: ArrayLike<number>
  readonly sum: number
  /** One for each bucket, where there is one. */
  readonly exemplars?: readonly (Exemplar | undefined)[]
  readonly native?: NativeBuckets
}

/** One series as prom-client has it. */
export function samplesOf(
  { name, bounds }: CountedHistogram,
  { labels, counts, sum, exemplars = [], native }: CountedSeries,
): Sample[] {
  let count = 0
  const cumulative = [...bounds, '+Inf'].map((le, index): Sample => {
    count += counts[index] ?? 0
    const exemplar = exemplars[index]
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count, exemplar }
  })
  return [
    ...cumulative,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count, native },
  ]
}

/** Registers a histogram that is counted by ourselves. @param samples asked for at each scrape */
export function registerCounted(
  { Histogram }: Prometheus,
  registry: Registry,
  {
    name,
    bounds,
    help,
    labelNames,
  }: CountedHistogram & { readonly help: string; readonly labelNames: readonly string[] },
  samples: () => Sample[],
): void {
  const histogram = new Histogram({ name, help, labelNames, buckets: [...bounds], registers: [registry] })
  // Ours are the counts, prom-client's is the text: it asks the second of these if there is one.
  const described = { name, help, type: 'histogram', aggregator: 'sum' }
  const get = () => Promise.resolve({ ...described, values: samples() })
  Object.assign(histogram, { get, getForPromString: get })
}
