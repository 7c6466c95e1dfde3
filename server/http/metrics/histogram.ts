/**
 * The request_duration_seconds histogram. Counted in typed arrays, since it is on the path of every request, and
 * given to prom-client when it is scraped.
 */
import type { Registry } from 'prom-client'
import type { Prometheus } from './prometheus.ts'

/** Upper bounds in seconds: prom-client's own with a finer lower end, since most answers take under a millisecond. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const name = 'request_duration_seconds'
const labelNames = ['method', 'route', 'status_code'] as const

/** A value for each label. */
export type Labels = Readonly<Record<(typeof labelNames)[number], string | number>>

/** How long the answers of one series took. */
export class Durations {
  /** How many fell into each bucket alone; the last one is above every bound. Doubles count beyond 2^32. */
  readonly #buckets = new Float64Array(bounds.length + 1)
  #seconds = 0

  observe(seconds: number): void {
    let bucket = 0
    while (seconds > (bounds[bucket] ?? Infinity)) bucket += 1
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#seconds += seconds
  }

  /** The series' samples as prom-client has them. */
  samples(labels: Labels): Sample[] {
    return samplesOf({ name, bounds }, labels, this.#buckets, this.#seconds)
  }
}

/** A line of a histogram. */
interface Sample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** A histogram that is counted by ourselves. */
interface CountedHistogram {
  readonly name: string
  /** Upper bounds of its buckets. */
  readonly bounds: readonly number[]
}

/**
 * One series as prom-client has it.
 * @param counts how many fell into each bucket alone, and above the last
 */
export function samplesOf(
  { name, bounds }: CountedHistogram,
  labels: Sample['labels'],
  counts: ArrayLike<number>,
  sum: number,
): Sample[] {
  let count = 0
  const cumulative = [...bounds, '+Inf'].map((le, index) => {
    count += counts[index] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...cumulative,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
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

/** Registers the histogram. @param series every one that has been counted so far, asked for at each scrape */
export function registerDurations(
  prometheus: Prometheus,
  registry: Registry,
  series: () => Iterable<readonly [Labels, Durations]>,
): void {
  const help = 'Time from a request to the end of its answer.'
  registerCounted(prometheus, registry, { name, bounds, help, labelNames }, () =>
    [...series()].flatMap(([labels, durations]) => durations.samples(labels)),
  )
}
