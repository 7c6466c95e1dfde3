/** What the pods of a namespace request and may use: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ */
import type { Container, Pod } from '../../../../../server/features/cluster/wire.ts'
import { hasEnded } from '../pod-state.ts'
import { quantityOf } from '../quantity.ts'

type Bound = 'requests' | 'limits'

/** One container of a pod that isn't over. */
export interface ContainerRow {
  readonly pod: Pod
  readonly container: Container
}

/** Ephemeral containers have neither. */
export const containerRows = (pods: readonly Pod[]): ContainerRow[] =>
  pods
    .filter((pod) => !hasEnded(pod))
    .flatMap((pod) =>
      pod.containers.filter(({ role }) => role !== 'ephemeral').map((container) => ({ pod, container })),
    )

/** In cores or bytes; undefined where there is none. */
export function amountOf(container: Container, bound: Bound, resource: string): number | undefined {
  const text = container[bound]?.[resource]
  return text === undefined ? undefined : quantityOf(text)
}

/**
 * What counts for a pod: its containers side by side, or an init container with the sidecars that were started before it, if that is more.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podAmount({ containers }: Pick<Pod, 'containers'>, bound: Bound, resource: string): number {
  let together = 0
  let highest = 0
  for (const container of containers) {
    const amount = amountOf(container, bound, resource) ?? 0
    if (container.role === 'init') highest = Math.max(highest, together + amount)
    else together += amount
  }
  return Math.max(highest, together)
}

/** Of all pods that aren't over. */
export const sumOf = (pods: readonly Pod[], bound: Bound, resource: string): number =>
  pods.filter((pod) => !hasEnded(pod)).reduce((sum, pod) => sum + podAmount(pod, bound, resource), 0)
