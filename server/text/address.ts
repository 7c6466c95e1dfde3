/** Listening addresses as Go writes them: `:8080`, `127.0.0.1:8080`, `[::1]:8080`. */

import { isIPv6 } from 'node:net'

/** Where to listen; without a host on every interface, IPv4 and IPv6. */
export interface Address {
  readonly host: string | undefined
  readonly port: number
}

/**
 * Reads a listening address.
 * @param text such as `:8080`
 * @returns host and port (0 lets the system choose one), or undefined when it isn't an address
 */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([\w:.%]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text)
  if (!match || (match[1] !== undefined && !isIPv6(match[1]))) return undefined
  const port = Number(match[3])
  return port > 65535 ? undefined : { host: match[1] ?? (match[2] === '' ? undefined : match[2]), port }
}

/** The address with another port, in the form it was given in. */
export const withPort = (text: string, port: number): string => text.replace(/\d+$/, String(port))
