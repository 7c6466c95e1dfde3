/** The last attempts at a target, in words and as a picture. */
import type { ReachLamp } from '../../../../server/features/reach/wire.ts'
import { countOf } from '../../lib/format.ts'
import { formatMilliseconds } from '../../lib/milliseconds.ts'

export type Attempt = ReachLamp['history'][number]

const reachedIn = (attempts: readonly Attempt[]): number[] =>
  attempts.filter(({ end }) => end === 'reached').map(({ milliseconds }) => milliseconds)

/** Such as `120 attempts, 3 failed; reached in 0.80 ms to 12.0 ms`. */
export function attemptsInWords(attempts: readonly Attempt[]): string {
  const times = reachedIn(attempts)
  const failed = attempts.length - times.length
  const words = `${countOf(attempts.length, 'attempt')}, ${failed === 0 ? 'none' : String(failed)} failed`
  if (times.length === 0) return words
  return `${words}; reached in ${formatMilliseconds(Math.min(...times))} to ${formatMilliseconds(Math.max(...times))}`
}

/** As many as the server keeps. */
const most = 120
/** What a picture of them measures. */
export const picture = { width: 2 * most, height: 28, ground: 18 } as const

/** The marks of those that reached it, as high as they took long, and of those that did not; as SVG's paths, newest at the right. */
export function marksOf(attempts: readonly Attempt[]): { readonly reached: string; readonly failed: string } {
  const slowest = Math.max(...reachedIn(attempts), 0)
  const marks = { reached: '', failed: '' }
  const start = most - attempts.length
  for (const [index, { end, milliseconds }] of attempts.entries()) {
    const x = (start + index) * 2 + 1
    const height = 4 + (picture.ground - 5) * (slowest === 0 ? 0 : milliseconds / slowest)
    if (end === 'reached') marks.reached += `M${String(x)} ${String(picture.ground)}v-${height.toFixed(1)}`
    else marks.failed += `M${String(x)} ${String(picture.ground + 1)}V${String(picture.height)}`
  }
  return marks
}
