/**
 * The cells that times are counted in. They are cut at the bounds of the classic buckets and of the native ones alike, so that both are sums
 * of cells: a request is counted once, and what is asked for is added up when it is scraped.
 */

/** Upper bounds in seconds: prom-client's own with a finer lower end, since most answers take under a millisecond. */
export const classicBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/**
 * The native buckets (https://prometheus.io/docs/specs/native_histograms): by schema 3 each ends at 2^(1/8) times the one before it, number 0 at one
 * second. From 15 microseconds, below which all is one bucket, to 12 days, where longer ones are counted too.
 */
export const native = { schema: 3, zeroThreshold: 2 ** -16, first: -16 * 8, last: 20 * 8 } as const

const nativeBound = (index: number): number => 2 ** (index / 2 ** native.schema)

const nativeBounds = Array.from({ length: native.last - native.first + 1 }, (_, index) =>
  nativeBound(native.first + index),
)

/** Upper bounds of the cells; what is above the last is counted in it. */
const cellBounds = Float64Array.from(new Set([...classicBounds, ...nativeBounds])).sort()

/** How many fell into each cell. Doubles count beyond 2^32. */
export const emptyCells = (): Float64Array => new Float64Array(cellBounds.length)

/** The cell of a time in seconds. */
export function cellOf(seconds: number): number {
  let low = 0
  let high = cellBounds.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (seconds > (cellBounds[middle] ?? Infinity)) low = middle + 1
    else high = middle
  }
  return low
}

/** The classic bucket of a time in seconds; the last one is above every bound. */
export function classicBucketOf(seconds: number): number {
  const bucket = classicBounds.findIndex((bound) => seconds <= bound)
  return bucket === -1 ? classicBounds.length : bucket
}

/** How many fell into each classic bucket alone. */
export function classicCounts(cells: Float64Array): number[] {
  const counts = Array<number>(classicBounds.length + 1).fill(0)
  for (const [cell, count] of cells.entries()) {
    if (count === 0) continue
    const bucket = classicBucketOf(cellBounds[cell] ?? Infinity)
    counts[bucket] = (counts[bucket] ?? 0) + count
  }
  return counts
}

/** The native buckets of a series. */
export interface NativeBuckets {
  readonly zeroCount: number
  /** Those that something fell into, from the lowest. */
  readonly counts: readonly (readonly [index: number, count: number])[]
}

/** How many fell into each native bucket. */
export function nativeCounts(cells: Float64Array): NativeBuckets {
  const counts = new Map<number, number>()
  let index: number = native.first
  for (const [cell, count] of cells.entries()) {
    while (nativeBound(index) < (cellBounds[cell] ?? Infinity)) index += 1
    if (count > 0) counts.set(index, (counts.get(index) ?? 0) + count)
  }
  const zeroCount = counts.get(native.first) ?? 0
  counts.delete(native.first)
  return { zeroCount, counts: [...counts] }
}
