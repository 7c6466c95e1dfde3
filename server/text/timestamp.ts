/** Times in RFC 3339, made by the second: on the path of each message, where a date of its own would cost as much as the rest. */

let last = { second: NaN, text: '' }

/** As Date's toISOString has it. @param time in milliseconds since 1970 */
export function timestamp(time: number): string {
  const second = Math.floor(time / 1000)
  if (second !== last.second) last = { second, text: new Date(second * 1000).toISOString().slice(0, -4) }
  return `${last.text}${String(time - second * 1000).padStart(3, '0')}Z`
}
