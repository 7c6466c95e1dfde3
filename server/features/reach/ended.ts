/** Why a run went no further: where it ended, and in which words. */
import { faultInWords } from '../../text/fault.ts'
import type { ReachEnd } from './wire.ts'

/** An end other than `reached`; the message is a part of a sentence, such as `refused`. */
export class Ended extends Error {
  override name = 'Ended'
  readonly end: ReachEnd

  constructor(end: ReachEnd, words: string) {
    super(words)
    this.end = end
  }
}

const ends: Readonly<Record<string, ReachEnd>> = {
  EACCES: 'not allowed',
  EADDRNOTAVAIL: 'unreachable',
  ECONNABORTED: 'cut off',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'cut off',
  EHOSTDOWN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EINVAL: 'unreachable',
  ENETDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  EPERM: 'not allowed',
  EPIPE: 'cut off',
  EPROTO: 'tls',
  ETIMEDOUT: 'timed out',
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'this host’s own firewall forbids it',
  EADDRNOTAVAIL: 'this host has no address of that family, or no free port',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'the other side reset the connection',
  EHOSTUNREACH: 'no route to this host',
  EINVAL: 'this address can’t be connected to from here',
  ENETUNREACH: 'no route to this network',
  EPERM: 'this host’s own firewall forbids it',
  EPIPE: 'the other side closed the connection',
  ETIMEDOUT: 'no reply to the connection’s packets',
}

/** What OpenSSL and node:tls call their errors. */
const tlsCode = /^ERR_(SSL|TLS|OSSL)_/

/** Reads what node:net, node:tls, node:http or node:http2 failed with. */
export function endedBy(error: unknown): Ended {
  if (error instanceof Ended) return error
  const fault = error as NodeJS.ErrnoException
  const { code = '' } = fault
  const end = ends[code] ?? (tlsCode.test(code) ? 'tls' : 'odd answer')
  if (code === 'ERR_HTTP2_ERROR') return new Ended(end, 'it does not speak HTTP/2')
  return new Ended(end, words[code] ?? faultInWords(fault).slice(0, 200))
}
