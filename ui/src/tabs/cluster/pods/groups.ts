/** Pods by where they run, and by who made them. */
import type { Node, OwnerReference, Pod } from '../../../../../server/features/cluster/wire.ts'
import { controllerOf } from '../controller.ts'

export interface PodGroup {
  /** Tells groups apart. */
  readonly key: string
  /** The kind of what they have in common, such as `ReplicaSet`; empty where they have nothing. */
  readonly kind: string
  /** Its name, or why they have none. */
  readonly name: string
  readonly pods: readonly Pod[]
  /** As far as it may be seen. */
  readonly node?: Node
}

/** By the node's name; last those without one. @param nodes each has a group, with pods or without */
export function byNode(pods: readonly Pod[], nodes: readonly Node[]): PodGroup[] {
  const byName = Map.groupBy(pods, ({ node = '' }) => node)
  const known = new Map(nodes.map((node) => [node.name, node]))
  const names = [...new Set([...byName.keys(), ...known.keys()])].filter((name) => name !== '').sort()
  const groups = names.map((name): PodGroup => {
    const node = known.get(name)
    return { key: name, kind: 'Node', name, pods: byName.get(name) ?? [], ...(node ? { node } : {}) }
  })
  const homeless = byName.get('')
  return homeless ? [...groups, { key: '', kind: '', name: 'No node yet', pods: homeless }] : groups
}

/** By the controller's kind and name; last those without one. */
export function byOwner(pods: readonly Pod[]): PodGroup[] {
  const owners = Map.groupBy(pods, (pod) => ownerKey(controllerOf(pod)))
  const groups = [...owners].map(([key, owned]): PodGroup => {
    const owner = owned[0] && controllerOf(owned[0])
    return { key, kind: owner?.kind ?? '', name: owner?.name ?? 'No owner', pods: owned }
  })
  const order = ({ kind, name }: PodGroup): string => `${kind === '' ? '\uffff' : kind} ${name}`
  return groups.sort((one, other) => (order(one) < order(other) ? -1 : 1))
}

/**
 * The groups with those of before in place of what is the same, so that only what has changed is drawn anew.
 * @param before as it was returned last
 */
export function steady(before: readonly PodGroup[], groups: readonly PodGroup[]): PodGroup[] {
  const known = new Map(before.map((group) => [group.key, group]))
  return groups.map((group) => {
    const old = known.get(group.key)
    return old && isSame(old, group) ? old : group
  })
}

const isSame = (one: PodGroup, other: PodGroup): boolean =>
  one.node === other.node &&
  one.pods.length === other.pods.length &&
  one.pods.every((pod, index) => pod === other.pods[index])

/** Another one of the same name is another owner. */
const ownerKey = (owner: OwnerReference | undefined): string => owner?.uid ?? ''
