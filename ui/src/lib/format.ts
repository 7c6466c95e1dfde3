/** Numbers and times as people read them, always with their unit. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Such as `41.2 MiB`: three figures, in powers of 1,024. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(Math.abs(bytes), 1)) / 10), units.length - 1)
  const amount = bytes / 1024 ** power
  const digits = power === 0 || Math.abs(amount) >= 100 ? 0 : 1
  return `${formatNumber(amount, digits)} ${units[power] ?? ''}`
}

/** With a comma between thousands. */
export const formatNumber = (number: number, digits = 0): string =>
  number.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** The time of day, such as `14:03:22`. @param time milliseconds since 1970, or RFC 3339 */
export const formatTime = (time: number | string): string => new Date(time).toLocaleTimeString('en-GB')

/** Such as `12 s`, `3 min 5 s` or `2 h 10 min`. @param seconds 0 or more */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (hours > 0) return `${String(hours)} h ${String(minutes)} min`
  return minutes > 0 ? `${String(minutes)} min ${String(rest)} s` : `${String(rest)} s`
}

/** `1 queue`, `2 queues`. */
export const countOf = (number: number, noun: string): string =>
  `${formatNumber(number)} ${noun}${number === 1 ? '' : 's'}`

/** A name in at most so many characters, cut in its middle: names that belong together begin alike and end differently. */
export function shorten(name: string, longest: number): string {
  const characters = Array.from(name)
  if (characters.length <= longest) return name
  const half = Math.floor((longest - 1) / 2)
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`
}
