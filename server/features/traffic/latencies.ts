/** Counts latencies so that any share of them can be told to within 1 %, in a few kilobytes. */
import type { Latency } from './wire.ts'

/** Buckets for each doubling, so that one is at most 1/64 wide and its middle at most 0.8 % off. */
const perOctave = 64

/** 2^27 µs, which is 134 s; what is above counts as that. */
const mostUs = 2 ** 27 - 1

/** Up to twice `perOctave`, a microsecond each; then by octaves (as HdrHistogram, https://hdrhistogram.github.io/HdrHistogram/). */
const bucketOf = (us: number): number => {
  const shift = Math.max(0, 25 - Math.clz32(us))
  return shift * perOctave + (us >> shift)
}

/** The middle of a bucket, in microseconds. */
const middleOf = (bucket: number): number => {
  const shift = Math.max(0, Math.floor(bucket / perOctave) - 1)
  return (bucket - shift * perOctave + (shift === 0 ? 0 : 0.5)) * 2 ** shift
}

/** Latencies, all in milliseconds. */
export class Latencies {
  count = 0
  /** Of all of them. */
  sum = 0
  #max = 0
  readonly #buckets = new Float64Array(bucketOf(mostUs) + 1)

  record(ms: number): void {
    const bucket = bucketOf(Math.min(mostUs, Math.round(ms * 1000)))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.count += 1
    this.sum += ms
    if (ms > this.#max) this.#max = ms
  }

  /** Forgets them all. */
  clear(): void {
    this.#buckets.fill(0)
    this.count = this.sum = this.#max = 0
  }

  /** @returns null without any */
  latency(): Latency | null {
    if (this.count === 0) return null
    const [p50 = 0, p90 = 0, p99 = 0] = this.#quantiles([0.5, 0.9, 0.99])
    return { p50, p90, p99, max: rounded(this.#max) }
  }

  /**
   * How many are at most as long as each bound, and longer than the one before.
   * @param bounds in milliseconds, ascending
   * @returns a count for each, and one for what is above the last
   */
  countsUpTo(bounds: readonly number[]): number[] {
    const counts = new Array<number>(bounds.length + 1).fill(0)
    let place = 0
    this.#buckets.forEach((count, bucket) => {
      if (count === 0) return
      while (middleOf(bucket) / 1000 > (bounds[place] ?? Infinity)) place += 1
      counts[place] = (counts[place] ?? 0) + count
    })
    return counts
  }

  /** @param shares ascending */
  #quantiles(shares: readonly number[]): number[] {
    const found: number[] = []
    let seen = 0
    this.#buckets.forEach((count, bucket) => {
      if (count === 0) return
      seen += count
      while (found.length < shares.length && seen >= (shares[found.length] ?? 0) * this.count)
        found.push(rounded(Math.min(this.#max, middleOf(bucket) / 1000)))
    })
    return found
  }
}

/** To the microsecond. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000
