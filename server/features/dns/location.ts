/** Where on the earth a name is: the content of LOC (RFC 1876, section 3). */
import type { Cursor } from './cursor.ts'

/** The equator, and the prime meridian, in thousandths of a second of arc; counted from 2^31. */
const zero = 2 ** 31
/** The deepest that can be told, in centimetres below sea level. */
const deepest = 10_000_000

/** @throws RangeError when it is none, or of a version that isn't known */
export function locationForm(content: Cursor): string {
  if (content.byte() !== 0) throw new RangeError('it is of another version')
  const sizes = [content.byte(), content.byte(), content.byte()].map(sizeForm)
  const latitude = angleForm(content.long() - zero, 90, ['N', 'S'])
  const longitude = angleForm(content.long() - zero, 180, ['E', 'W'])
  const altitude = `${((content.long() - deepest) / 100).toFixed(2)}m`
  return [latitude, longitude, altitude, ...sizes].join(' ')
}

/** Degrees, minutes and seconds. */
function angleForm(angle: number, most: number, [positive, negative]: readonly [string, string]): string {
  const thousandths = Math.abs(angle)
  const minutes = Math.floor(thousandths / 60_000)
  if (minutes > most * 60) throw new RangeError('it lies nowhere')
  const seconds = ((thousandths % 60_000) / 1000).toFixed(3)
  return `${Math.floor(minutes / 60)} ${minutes % 60} ${seconds} ${angle < 0 ? negative : positive}`
}

/** A digit and a power of ten, in centimetres. */
function sizeForm(size: number): string {
  const [digit, power] = [size >> 4, size & 0xf]
  if (digit > 9 || power > 9) throw new RangeError('it has no size')
  return power > 1 ? `${digit * 10 ** (power - 2)}m` : `${((digit * 10 ** power) / 100).toFixed(2)}m`
}
