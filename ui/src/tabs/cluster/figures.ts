/** What is remembered of each kind of object: few fields, for a history has many of them. */
import type {
  Deployment,
  EndpointSlice,
  HorizontalPodAutoscaler,
  ReplicaSet,
} from '../../../../server/features/cluster/wire.ts'
import { controllerOf } from './controller.ts'

/** One address behind a Service. */
export interface EndpointFigures extends Pick<
  EndpointSlice['endpoints'][number],
  'ready' | 'serving' | 'terminating' | 'pod' | 'node'
> {
  readonly service: string
  readonly address: string
}

/** By Service, address and pod. */
export function endpointsOf({ service, endpoints }: EndpointSlice): [string, EndpointFigures][] {
  if (service === undefined) return []
  return endpoints.flatMap(({ addresses, ready, serving, terminating, pod, node }) =>
    addresses.map((address): [string, EndpointFigures] => [
      `${service}/${address}/${pod ?? ''}`,
      {
        ...{ service, address, ready, serving, terminating },
        ...(pod === undefined ? {} : { pod }),
        ...(node === undefined ? {} : { node }),
      },
    ]),
  )
}

/** One revision of a Deployment. */
export interface RevisionFigures extends Pick<ReplicaSet, 'desired' | 'current' | 'ready' | 'available'> {
  /** The uid of its Deployment; undefined where it has none. */
  readonly deployment: string | undefined
  readonly revision: number | undefined
  readonly images: readonly string[]
}

export const revisionFigures = (set: ReplicaSet): RevisionFigures => {
  const owner = controllerOf(set)
  return {
    deployment: owner?.kind === 'Deployment' ? owner.uid : undefined,
    revision: set.revision,
    images: set.images,
    ...{ desired: set.desired, current: set.current, ready: set.ready, available: set.available },
  }
}

/** What bounds a rollout. */
export type DeploymentFigures = Pick<
  Deployment,
  'desired' | 'strategy' | 'maxSurge' | 'maxUnavailable' | 'paused'
>

export const deploymentFigures = (deployment: Deployment): DeploymentFigures => {
  const { desired, strategy, maxSurge, maxUnavailable, paused } = deployment
  return {
    ...{ desired, strategy, paused },
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
  }
}

/** What an autoscaler wants, and by which measures. */
export type AutoscalerFigures = Pick<
  HorizontalPodAutoscaler,
  'minReplicas' | 'maxReplicas' | 'current' | 'desired' | 'metrics'
>

export const autoscalerFigures = (autoscaler: HorizontalPodAutoscaler): AutoscalerFigures => {
  const { minReplicas, maxReplicas, current, desired, metrics } = autoscaler
  return { minReplicas, maxReplicas, current, desired, metrics }
}
