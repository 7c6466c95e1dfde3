/** Sees whether objects are as conditions say; what it takes is loaded with the first question. */
import type { Sight } from '../../../conditions/condition.ts'
import type { LateCluster } from '../late-cluster.ts'
import { kinds } from './scene.ts'
import type { ClusterSight } from './sight.ts'

export function lateSight(cluster: LateCluster): Sight {
  let loading: Promise<ClusterSight> | undefined
  const load = async () => {
    const { ClusterSight } = await import('./sight.ts')
    return new ClusterSight(cluster)
  }
  const sight = () => (loading ??= load())
  return {
    resources: kinds,
    place: async () => (await sight()).place(),
    look: async (conditions, changed) => (await sight()).look(conditions, changed),
    addressOf: async (ask) => (await sight()).addressOf(ask),
  }
}
