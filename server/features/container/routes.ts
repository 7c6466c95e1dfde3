/** The route of the Container page. */
import type { Http } from '../../http/http.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { Container } from './container.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** The name whose look-up is explained to who asks for none: that of the book's queue. */
const defaultName = 'queue'

/** @param loadContainer gives what tells, which is loaded when it is first asked */
export function containerRoutes(http: Http, loadContainer: () => Promise<Container>): void {
  http.get(
    '/container/api',
    {
      schema: {
        summary:
          'What surrounds this process: who it is, what it may use, what is mounted, who shares its pod',
        querystring: schemaOf('ContainerQuery'),
        response: { 200: schemaOf('ContainerReport') },
      },
    },
    async ({ query }) => (await loadContainer()).report(query.name ?? defaultName),
  )
}
