/** A part of dns-packet that its type declarations leave out. */
declare module 'dns-packet/types.js' {
  /** The number of a record type; 0 when the name is unknown. */
  export function toType(name: string): number
  /** The name of a record type; `UNKNOWN_65` when it has none. */
  export function toString(type: number): string
}
