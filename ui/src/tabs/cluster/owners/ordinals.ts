/** The ordinals of a StatefulSet one after the other, each with its pod and that pod's revision. */
import type { Pod, StatefulSet } from '../../../../../server/features/cluster/wire.ts'

export interface Ordinal {
  readonly ordinal: number
  /** Of its pod, whether there is one or not. */
  readonly name: string
  /** Left out where there is none. */
  readonly pod?: Pod
  /** The last part of its revision's name; left out without a pod. */
  readonly revision?: string
  /** Whether that is the newest; left out without a pod. */
  readonly isNewest?: boolean
  /** Whether the set wants it: there are others while it shrinks. */
  readonly isWanted: boolean
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#controller-revision-hash */
const revisionLabel = 'controller-revision-hash'

/** The ordinal of a pod, which is the last part of its name. */
const ordinalOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1])

/** The part of a revision's name that tells it from the set's others. */
const shortRevision = (revision: string): string => revision.split('-').at(-1) ?? revision

/** All ordinals that are wanted, and those that have a pod though they are not. */
export function ordinalsOf(set: StatefulSet, pods: readonly Pod[]): Ordinal[] {
  const known = new Map(pods.map((pod) => [ordinalOf(pod.name), pod]))
  const end = set.firstOrdinal + set.desired
  const wanted = Array.from({ length: set.desired }, (_, index) => set.firstOrdinal + index)
  const isWanted = (ordinal: number): boolean => ordinal >= set.firstOrdinal && ordinal < end
  const others = [...known.keys()].filter((ordinal) => !isWanted(ordinal))
  return [...wanted, ...others]
    .sort((one, other) => one - other)
    .map((ordinal) => {
      const pod = known.get(ordinal)
      const name = pod?.name ?? `${set.name}-${String(ordinal)}`
      return { ordinal, name, isWanted: isWanted(ordinal), ...(pod ? { pod, ...revisionOf(pod, set) } : {}) }
    })
}

/**
 * The first ordinal that gets the newest revision; undefined where all of them do.
 * The controller counts the partition from where the ordinals start: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/statefulset/stateful_set_utils.go (newVersionedStatefulSetPod)
 */
export const boundaryOf = ({ firstOrdinal, partition }: StatefulSet): number | undefined =>
  partition > 0 ? firstOrdinal + partition : undefined

function revisionOf({ labels }: Pod, set: StatefulSet): Pick<Ordinal, 'revision' | 'isNewest'> {
  const revision = labels?.[revisionLabel]
  if (revision === undefined) return {}
  return { revision: shortRevision(revision), isNewest: revision === set.updateRevision }
}
