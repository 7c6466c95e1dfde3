/** The buckets that latencies are told in. */

/** Upper bounds in milliseconds, three for each power of ten; none takes longer, since a request has a time limit. */
export const bucketsMs: readonly number[] = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000,
]
