/** The Request Details tab: what the server saw of a request, and who it is itself. */
import type { FastifyRequest } from 'fastify'
import type { Feature } from '../../feature.ts'
import { clientOf } from '../../http/peer.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { Identity } from '../../identity/wire.ts'
import type { RequestDetails } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @param identify says who answers */
export function requestFeature(identify: () => Identity): Feature {
  return {
    name: 'request',
    routes(http) {
      http.get('/request/api', { schema: { response: { 200: schemaOf('RequestDetails') } } }, (request) => ({
        ...identify(),
        ...describe(request),
      }))
    },
  }
}

function describe(request: FastifyRequest): Omit<RequestDetails, keyof Identity> {
  const { raw, originalUrl: url } = request
  const method = raw.method ?? ''
  const protocol = `HTTP/${raw.httpVersion}`
  const headers: [string, string][] = []
  for (let index = 0; index + 1 < raw.rawHeaders.length; index += 2) {
    const name = raw.rawHeaders[index] ?? ''
    const value = raw.rawHeaders[index + 1] ?? ''
    // HTTP/2 has the request line, and Host, as headers whose names begin so.
    if (name === ':authority') headers.push(['host', value])
    else if (!name.startsWith(':')) headers.push([name, value])
  }
  const lines = [`${method} ${url} ${protocol}`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  const dump = `${lines.join('\r\n')}\r\n\r\n`
  return {
    protocol,
    encrypted: 'encrypted' in raw.socket,
    clientAddress: clientOf(raw),
    method,
    url,
    headers,
    dump,
  }
}
