/** The route of the DNS Query page. */
import type { Http } from '../../http/http.ts'
import { withStatus } from '../../http/errors.ts'
import { schemasOf } from '../../http/schemas.ts'
import { LookupError } from './lookup-error.ts'
import type { Resolver } from './resolver.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @param loadResolver gives the resolver, which is loaded when it is first asked */
export function dnsRoutes(http: Http, loadResolver: () => Promise<Resolver>): void {
  http.post(
    '/dns/api',
    {
      schema: {
        summary: "Ask this host's name servers",
        body: schemaOf('DnsQuestion'),
        response: { 200: schemaOf('DnsAnswer') },
      },
      config: { exemptFrom: ['read-only'] },
      errorHandler: withStatus((error) => (error instanceof LookupError ? 400 : undefined)),
    },
    async ({ body }, reply) => {
      const client = new AbortController()
      // The request's own signal fires when its body has been read.
      reply.raw.once('close', () => {
        client.abort()
      })
      const resolver = await loadResolver()
      return resolver.lookup(body, client.signal)
    },
  )
}
