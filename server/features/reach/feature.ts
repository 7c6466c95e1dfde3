/** The Reach tab: what can be reached from this pod, step by step. */
import type { Feature } from '../../feature.ts'
import { schemasOf } from '../../http/schemas.ts'
import { LateReach } from './late-reach.ts'
import type { ReachSettings } from './reach.ts'
import { reachRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @param config says by `--reach-metadata` whether a cloud's metadata service may be asked */
export function reachFeature(
  { reachMetadata }: { readonly reachMetadata: boolean },
  surroundings: Pick<ReachSettings, 'env' | 'resolver' | 'tracing'>,
): Feature {
  const reach = new LateReach({ ...surroundings, mayAskMetadata: reachMetadata })
  return {
    name: 'reach',
    topics: { reach: reach.matrix },
    states: { reach: schemaOf('ReachMatrix') },
    routes(http) {
      reachRoutes(http, reach.load)
    },
    close() {
      reach.end()
    },
  }
}
