/** The route of the chain. */
import { withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import { spanOf } from '../../http/spans.ts'
import { untilClosed } from '../../http/until-closed.ts'
import { TooManyChains, type Chain } from './chain.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const errorHandler = withStatus((error) => (error instanceof TooManyChains ? 503 : undefined))

export function chainRoutes(http: Http, chain: Chain): void {
  http.get(
    '/chain',
    {
      schema: {
        summary: 'Asks the upstreams, and tells the tree of calls that this led to',
        response: { 200: schemaOf('ChainAnswer'), 503: text('As many requests as may be are waiting.') },
      },
      errorHandler,
      // Fastify tells how long a request has taken, a fault's delay included, where something waits for its end.
      onResponse: (_request, _reply, done) => {
        done()
      },
    },
    (request, reply) =>
      chain.answer({
        headers: request.headers,
        span: spanOf(request),
        began: performance.now() - reply.elapsedTime,
        client: untilClosed(reply),
      }),
  )
}
