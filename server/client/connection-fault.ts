/** Why another server could not be asked, in plain words. */

const faults: Record<string, string> = {
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before the answer was complete',
  EHOSTUNREACH: 'there is no route to this host',
  ENETUNREACH: 'there is no route to this network',
  ENOTFOUND: 'the host name is not known',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
}

/**
 * @param code of an error that node:http, node:https or fetch gives
 * @returns undefined for a code without words
 */
export const connectionFault = (code: string): string | undefined => faults[code]
