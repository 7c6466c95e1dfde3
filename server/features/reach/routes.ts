/** The routes of the Reach page. */
import { withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import { spanOf } from '../../http/spans.ts'
import { untilClosed } from '../../http/until-closed.ts'
import type { Reach } from './reach.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** By their names, since what throws them is loaded late. */
const statuses: Readonly<Record<string, number>> = { BadTarget: 400, TooManyRuns: 503 }

const errorHandler = withStatus((error) => statuses[error.name])

/** @param load gives what tries targets, which is loaded when it is first asked */
export function reachRoutes(http: Http, load: () => Promise<Reach>): void {
  http.post(
    '/reach/api',
    {
      schema: {
        summary: 'Tries a target from here, and says where it ended',
        body: schemaOf('ReachOrder'),
        response: { 200: schemaOf('ReachReport'), 503: text('As many targets as may be are being tried.') },
      },
      errorHandler,
    },
    async (request, reply) => (await load()).reach(request.body, untilClosed(reply), spanOf(request)),
  )

  const response = { 200: schemaOf('ReachMatrix') }
  http.get(
    '/reach/targets',
    { schema: { summary: 'The targets that are tried each second while somebody looks', response } },
    async () => (await load()).matrix.snapshot(),
  )

  http.put(
    '/reach/targets',
    {
      schema: { summary: 'Replaces them, for all who look', body: schemaOf('ReachTargets'), response },
      errorHandler,
    },
    async ({ body }) => {
      const { matrix } = await load()
      matrix.replace(body.targets)
      return matrix.snapshot()
    },
  )
}
