/** What is wrong with orders for traffic, beyond what a schema says. */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { refuseUrl } from '../../client/address.ts'
import { countingOf } from './counting.ts'
import type { TrafficConfig } from './wire.ts'

const mostHeaders = 64

/** What a request's sender has to say itself. */
const ownHeaders = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i

/** Which of the orders can't be followed, and why. */
export interface Refusal {
  readonly field: keyof TrafficConfig
  readonly reason: string
}

/** @returns the first that can't be followed, or undefined */
export function refuseOrders({
  enable,
  url,
  method,
  headers,
  body,
  count,
}: TrafficConfig): Refusal | undefined {
  const reasons: Partial<Record<keyof TrafficConfig, string | undefined>> = {
    url: url === '' && !enable ? undefined : refuseTarget(url),
    method: /^(?!CONNECT$)[A-Z]{1,20}$/.test(method) ? undefined : 'must be a method such as GET or POST',
    headers: refuseHeaders(headers),
    body: body.length > 1 << 20 ? 'must not be longer than 1 MiB' : undefined,
    count: countingOf(count) === 'invalid' ? 'must be body, header:NAME or json:FIELD' : undefined,
  }
  for (const [field, reason] of Object.entries(reasons))
    if (reason !== undefined) return { field: field as keyof TrafficConfig, reason }
  return undefined
}

function refuseTarget(url: string): string | undefined {
  return URL.canParse(url) ? refuseUrl(new URL(url)) : 'must be a URL such as http://kuard/'
}

function refuseHeaders(headers: TrafficConfig['headers']): string | undefined {
  const all = Object.entries(headers)
  if (all.length > mostHeaders) return `must not be more than ${mostHeaders}`
  for (const [name, value] of all) {
    if (ownHeaders.test(name)) return `must not hold ${name}, which each request has of its own`
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      return `must not hold ${JSON.stringify(name)}: its name or value has characters that no header has`
    }
  }
  return undefined
}
