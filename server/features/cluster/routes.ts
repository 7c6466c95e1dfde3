/** GET P/cluster/access: what this pod's token is, and what it allows. */
import { withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import type { TokenAccess } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** By the error's name: the class of most is loaded when somebody looks. */
const statuses: Readonly<Record<string, number>> = { ApiError: 502, NoServiceAccount: 404 }

const errorHandler = withStatus(({ name }) => statuses[name])

/** @param access asks the API server */
export function clusterRoutes(http: Http, access: () => Promise<TokenAccess>): void {
  http.get(
    '/cluster/access',
    {
      schema: {
        summary: 'What this pod’s service account token is, and what it allows in the pod’s namespace',
        response: {
          200: schemaOf('TokenAccess'),
          404: text('there is no token: this is no pod, or none is mounted in it'),
          502: text('the API server refuses, or can’t be reached'),
        },
      },
      errorHandler,
    },
    () => access(),
  )
}
