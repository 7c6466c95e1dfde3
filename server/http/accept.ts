/** What a client would rather have. */
import { negotiate } from '@fastify/accept-negotiator'

/** Of those that a client likes alike the first counts. */
const offered = ['application/json', 'text/html', 'text/*', '*/*', 'application/*']

/** Whether a client would rather have JSON, a page, or anything else that there is (RFC 9110, section 12.5.1). */
export interface Preference {
  readonly json: boolean
  readonly page: boolean
}

/** @param accept the header */
export function preferenceOf(accept = ''): Preference {
  // A weight counts; other parameters don't, and the negotiator would take them for one.
  const type = negotiate(accept.toLowerCase().replace(/;(?!\s*q\s*=)[^;,]*/g, ''), offered)
  return { json: type === 'application/json' || type === 'application/*', page: type === 'text/html' }
}
