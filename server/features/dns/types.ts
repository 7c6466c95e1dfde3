/** Record types by name and by number. */
import { toType } from 'dns-packet/types.js'

/** What the library has no name for, or has and can't write. */
const furtherTypes = new Map([
  ['HINFO', 13],
  ['SVCB', 64],
  ['HTTPS', 65],
  ['URI', 256],
])
const furtherNames = new Map(Array.from(furtherTypes, ([name, number]) => [`UNKNOWN_${number}`, name]))

/**
 * @param name of a record type, in any case, or `TYPE65` for the one of that number (RFC 3597, section 5)
 * @returns its number, or undefined when there is none
 */
export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase()
  const known = upper.startsWith('UNKNOWN_') ? 0 : toType(upper)
  const number = furtherTypes.get(upper) ?? (known || Number(/^TYPE(\d{1,5})$/.exec(upper)?.[1] ?? 0))
  return number === 0 || number > 0xffff ? undefined : number
}

/** @param type as the library calls it: `UNKNOWN_731` is shown as `TYPE731` */
export const typeForm = (type: string): string => furtherNames.get(type) ?? type.replace('UNKNOWN_', 'TYPE')
