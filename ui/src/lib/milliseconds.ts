/** Latencies as people read them. */
import { formatNumber } from './format.ts'

/** Such as `0.42 ms`, `12.3 ms` or `1.25 s`: three figures at most. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 9_995) return `${formatNumber(milliseconds / 1000, 1)} s`
  if (milliseconds >= 999.5) return `${formatNumber(milliseconds / 1000, 2)} s`
  const digits = milliseconds >= 99.95 ? 0 : milliseconds >= 9.995 ? 1 : 2
  return `${formatNumber(milliseconds, digits)} ms`
}
