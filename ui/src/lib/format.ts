/** Numbers and times as people read them, always with their unit. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Such as `41.2 MiB`: three figures, in powers of 1,024. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(Math.abs(bytes), 1)) / 10), units.length - 1)
  const amount = bytes / 1024 ** power
  const digits = power === 0 || Math.abs(amount) >= 100 ? 0 : 1
  return `${formatNumber(amount, digits)} ${units[power] ?? ''}`
}

/** By their digits: to make one takes far longer than to use it, and a folder may have 100,000 sizes. */
const numberFormats = new Map<number, Intl.NumberFormat>()

/** With a comma between thousands. */
export function formatNumber(number: number, digits = 0): string {
  let format = numberFormats.get(digits)
  if (!format) {
    format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    numberFormats.set(digits, format)
  }
  return format.format(number)
}

/** The time of day, such as `14:03:22`. @param time milliseconds since 1970, or RFC 3339 */
export const formatTime = (time: number | string): string => new Date(time).toLocaleTimeString('en-GB')

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** Day and time of day, such as `2026-11-21 14:03:22`. @param time milliseconds since 1970, or RFC 3339 */
export function formatDateTime(time: number | string): string {
  const date = new Date(time)
  const day = [String(date.getFullYear()), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join(
    '-',
  )
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')}`
}

/** Such as `12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`, `40 days` or `56 years`. @param seconds 0 or more */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const days = Math.floor(hours / 24)
  if (days >= 730) return `${formatNumber(Math.floor(days / 365.25))} years`
  if (days >= 30) return `${formatNumber(days)} days`
  if (days >= 3) return `${formatNumber(days)} d ${String(hours % 24)} h`
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
