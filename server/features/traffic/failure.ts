/** Why a request got no answer, or one that is a failure: its kind, and its words. */
import { STATUS_CODES } from 'node:http'
import { faultInWords } from '../../text/fault.ts'
import type { FailureKind } from './wire.ts'

/** Kind and words of a failure. */
export interface Reason {
  readonly kind: FailureKind
  readonly words: string
}

const kinds: Readonly<Record<string, FailureKind>> = {
  EAI_AGAIN: 'name unknown',
  EAI_FAIL: 'name unknown',
  EAI_NODATA: 'name unknown',
  EAI_NONAME: 'name unknown',
  ECONNABORTED: 'reset',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTDOWN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'name unknown',
  EPIPE: 'reset',
  EPROTO: 'TLS',
  ETIMEDOUT: 'timed out',
}

/** What OpenSSL and node:tls call their errors, those of certificates included. */
const tlsCode =
  /^(ERR_(SSL|TLS)_|(CERT|CRL|UNABLE|ERROR_IN|DEPTH_ZERO|SELF_SIGNED|INVALID|PATH_LENGTH|HOSTNAME)_)/

/** Says why there was no answer. @param error of node:net, node:tls, a look-up or Answer */
export function reasonOf(error: NodeJS.ErrnoException): Reason {
  const { code = '' } = error
  const kind = kinds[code] ?? (tlsCode.test(code) ? 'TLS' : 'other')
  // One that the address filter refuses and several attempts that failed have words of their own, or none.
  return { kind, words: faultInWords(error).slice(0, 200) }
}

/** Says what is wrong with an answer; undefined below 400. What is above 599 is an error of the server too (RFC 9110, section 15). */
export function reasonOfStatus(status: number): Reason | undefined {
  if (status < 400) return undefined
  const words = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  return { kind: status < 500 ? '4xx' : '5xx', words }
}
