/** The Request Details tab: what the server saw of a request, and who it is itself. */
import type { FastifyRequest } from 'fastify'
import type { Feature } from '../../feature.ts'
import { clientOf } from '../../http/peer.ts'
import { schemasOf } from '../../http/schemas.ts'
import { sentHeaders } from '../../http/sent-headers.ts'
import type { Version } from '../../identity/version.ts'
import type { Identity } from '../../identity/wire.ts'
import type { RequestDetails } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @param identify says who answers */
export function requestFeature(identify: () => Identity, { name: version, commit }: Version): Feature {
  return {
    name: 'request',
    routes(http) {
      http.get('/request/api', { schema: { response: { 200: schemaOf('RequestDetails') } } }, (request) => ({
        ...identify(),
        ...describe(request),
      }))
      http.route({
        method: ['GET', 'HEAD'],
        url: '/version',
        exposeHeadRoute: false,
        schema: { response: { 200: schemaOf('VersionAnswer') } },
        handler: () => ({ version, commit }),
      })
    },
  }
}

function describe(request: FastifyRequest): Omit<RequestDetails, keyof Identity> {
  const { raw, originalUrl: url } = request
  const method = raw.method ?? ''
  const protocol = `HTTP/${raw.httpVersion}`
  const headers = sentHeaders(raw)
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
