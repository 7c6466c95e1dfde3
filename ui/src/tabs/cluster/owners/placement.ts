/** Which nodes a DaemonSet's pods may be on, by the rules of its controller. */
import type { DaemonSet, Node, Pod, Toleration } from '../../../../../server/features/cluster/wire.ts'
import { selects, trySelector } from '../../../../../server/text/selector.ts'

/** A node, or a pod that is on none yet, with what a DaemonSet has there. */
export interface Placement {
  /** Left out for pods that are on none yet. */
  readonly node?: string
  readonly pods: readonly Pod[]
  /** Why it runs none there, or should not; left out if all is well. */
  readonly why?: string
}

/** What the controller adds to each of its pods: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const ownTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]

/**
 * A DaemonSet over the nodes, by their names, and then what is on none.
 * @param nodes those that can be seen; others are there too if they have a pod
 */
export function placementsOf(set: DaemonSet, pods: readonly Pod[], nodes: readonly Node[]): Placement[] {
  const byNode = Map.groupBy(pods, ({ node }) => node)
  const homeless = byNode.get(undefined) ?? []
  const names = new Set([...nodes.map(({ name }) => name), ...pods.flatMap(({ node }) => node ?? [])])
  const known = new Map(nodes.map((node) => [node.name, node]))
  const placements = [...names].sort().map((name): Placement => {
    const here = byNode.get(name) ?? []
    const node = known.get(name)
    const why = node && whyWords(whyNot(set, node), here.length > 0)
    return { node: name, pods: here, ...(why === undefined ? {} : { why }) }
  })
  return homeless.length > 0 ? [...placements, { pods: homeless, why: 'on no node yet' }] : placements
}

function whyWords(obstacle: string | undefined, hasPod: boolean): string | undefined {
  if (hasPod) return obstacle && `should not run it any more: ${obstacle}`
  return obstacle ?? 'should run it: its pod is still to be made'
}

/** What keeps its pods from a node; undefined if nothing does. */
export function whyNot(set: DaemonSet, node: Node): string | undefined {
  const { nodeSelector = {}, nodeAffinity = [], tolerations = [] } = set
  const missing = Object.entries(nodeSelector).filter(([key, value]) => node.labels?.[key] !== value)
  if (missing.length > 0)
    return `its labels lack ${missing.map(([key, value]) => `${key}=${value}`).join(', ')}`
  if (nodeAffinity.length > 0 && !nodeAffinity.some((term) => isMet(term, node)))
    return `the node affinity wants ${nodeAffinity.join(', or ')}`
  const tolerated = [...tolerations, ...ownTolerations]
  const taint = node.taints.find((one) => !isTolerated(one, tolerated))
  return taint && `its taint ${taint} is not tolerated`
}

/** Terms have a node's name as a field: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity */
function isMet(term: string, { name, labels }: Node): boolean {
  const read = trySelector(term)
  // An empty term matches nothing.
  return (
    'selector' in read &&
    read.selector.length > 0 &&
    selects(read.selector, { ...labels, 'metadata.name': name })
  )
}

/** @param text such as `key=value:NoSchedule` */
function isTolerated(text: string, tolerations: readonly Toleration[]): boolean {
  const colon = text.lastIndexOf(':')
  const effect = text.slice(colon + 1)
  const [key, value = ''] = text.slice(0, colon).split('=')
  // It keeps nothing away for good.
  if (effect === 'PreferNoSchedule') return true
  return tolerations.some(
    (one) =>
      (one.key === undefined || one.key === key) &&
      (one.effect === undefined || one.effect === effect) &&
      (one.operator === 'Exists' || (one.key === key && (one.value ?? '') === value)),
  )
}
