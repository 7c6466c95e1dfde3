/** The routes of the DNS Query page. */
import type { Http } from '../../http/http.ts'
import { withStatus } from '../../http/errors.ts'
import { schemasOf } from '../../http/schemas.ts'
import { untilClosed } from '../../http/until-closed.ts'
import { LookupError } from './lookup-error.ts'
import type { Resolver } from './resolver.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @param loadResolver gives the resolver, which is loaded when it is first asked */
export function dnsRoutes(http: Http, loadResolver: () => Promise<Resolver>): void {
  const errorHandler = withStatus((error) => (error instanceof LookupError ? 400 : undefined))
  // They change nothing, here or elsewhere.
  const config = { exemptFrom: ['read-only'] }

  http.post(
    '/dns/api',
    {
      schema: {
        summary: "Ask this host's name servers",
        body: schemaOf('DnsQuestion'),
        response: { 200: schemaOf('DnsAnswer') },
      },
      config,
      errorHandler,
    },
    async ({ body }, reply) => (await loadResolver()).lookup(body, untilClosed(reply)),
  )
  http.post(
    '/dns/trace',
    {
      schema: {
        summary: "Ask this host's name servers, and tell of each message",
        body: schemaOf('DnsQuestion'),
        response: { 200: schemaOf('DnsTrace') },
      },
      config,
      errorHandler,
    },
    async ({ body }, reply) => (await loadResolver()).trace(body, untilClosed(reply)),
  )
  http.post(
    '/dns/cost',
    {
      schema: {
        summary: 'Do what the lookup of a program does, and count its queries',
        body: schemaOf('DnsProgramQuestion'),
        response: { 200: schemaOf('DnsCost') },
      },
      config,
      errorHandler,
    },
    async ({ body }, reply) => (await loadResolver()).cost(body, untilClosed(reply)),
  )
  http.post(
    '/dns/servers',
    {
      schema: {
        summary: 'Ask each name server, and others that are given, and compare what they say',
        body: schemaOf('DnsServersQuestion'),
        response: { 200: schemaOf('DnsComparison') },
      },
      errorHandler,
    },
    async ({ body }, reply) => (await loadResolver()).compare(body, untilClosed(reply)),
  )
}
