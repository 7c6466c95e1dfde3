/** Why another server could not be asked, in plain words. */
import { printable } from './printable.ts'

const faults: Record<string, string> = {
  EADDRNOTAVAIL: 'there is no free port here for another connection',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before the answer was complete',
  EHOSTUNREACH: 'there is no route to this host',
  ENETUNREACH: 'there is no route to this network',
  ENOTFOUND: 'the host name is not known',
  EPIPE: 'the connection was closed before the answer was complete',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ETIMEDOUT: 'connection timed out',
  HPE_HEADER_OVERFLOW: "its answer's headers are too large",
}

/** The words for an error of node:http, node:https or a look-up: one line. */
export function faultInWords({ code = '', message }: NodeJS.ErrnoException): string {
  const known = faults[code] ?? (code.startsWith('HPE_') ? 'it does not speak HTTP' : undefined)
  return known ?? printable(message === '' ? code : message)
}
