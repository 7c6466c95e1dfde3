/** GET P/cluster/access: what this pod's token is, and what it allows. */
import * as Type from 'typebox'
import { withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { forbidCaching } from '../../http/json.ts'
import { TokenAccess } from './wire.ts'

/** The API server refused, or can't be reached, or this is no pod. */
const errorHandler = withStatus((error) =>
  error instanceof Error && ['ApiError', 'NoServiceAccount'].includes(error.name) ? 502 : undefined,
)

/** @param access asks the API server */
export function clusterRoutes(http: Http, access: () => Promise<TokenAccess>): void {
  http.get(
    '/cluster/access',
    {
      schema: {
        summary: 'What this pod’s service account token is, and what it allows in the pod’s namespace',
        response: {
          200: TokenAccess,
          502: Type.String({ description: 'the API server refuses, or can’t be reached, or this is no pod' }),
        },
      },
      errorHandler,
    },
    async (_request, reply) => {
      const answer = await access()
      forbidCaching(reply)
      return answer
    },
  )
}
