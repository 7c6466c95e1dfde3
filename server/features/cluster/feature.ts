/** The Cluster tab: the objects of this pod's namespace, as its service account may see them. */
import type { Sight } from '../../conditions/condition.ts'
import type { Feature } from '../../feature.ts'
import { podNamespace } from '../../host/namespace.ts'
import { LateSchema, schemasOf } from '../../http/schemas.ts'
import { apiServerUrl } from '../../kubernetes/service-account.ts'
import { LateCluster } from './late-cluster.ts'
import { resources } from './resources.ts'
import { clusterRoutes } from './routes.ts'
import { lateSight } from './sight/late-sight.ts'
import type { Resource } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** The feature, and what sees for others whether objects are as conditions say. */
interface ClusterFeature extends Feature {
  readonly sight: Sight
}

/**
 * @param env says where the API server is
 * @param pod the name of this pod
 */
export function clusterFeature(env: NodeJS.ProcessEnv, pod: string): ClusterFeature {
  const cluster = new LateCluster({ apiServer: apiServerUrl(env), namespace: podNamespace(), pod })
  const listings = resources.map((resource) => [`cluster.${resource}`, cluster.listing(resource)] as const)
  return {
    name: 'cluster',
    sight: lateSight(cluster),
    topics: { cluster: cluster.state, 'cluster.this': cluster.thisPod, ...Object.fromEntries(listings) },
    states: {
      cluster: schemaOf('ClusterState'),
      'cluster.this': schemaOf('ThisPod'),
      ...Object.fromEntries(resources.map((resource) => [`cluster.${resource}`, listingSchema(resource)])),
    },
    routes(http) {
      clusterRoutes(http, () => cluster.tokenAccess())
    },
    end() {
      cluster.end()
      return Promise.resolve()
    },
  }
}

const listingSchema = (resource: Resource): LateSchema =>
  new LateSchema(`cluster.${resource}`, async () => (await import('./wire.ts')).listingOf(resource))
