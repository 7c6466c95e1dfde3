/** Who owns whom: the objects of the namespace as trees, from what nobody owns down to the pods. */
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  OwnerReference,
  Pod,
  ReplicaSet,
  Resource,
  StatefulSet,
} from '../../../../../server/features/cluster/wire.ts'
import { controllerOf } from '../controller.ts'

/** An object that makes pods, or makes what makes them. */
export type Owner =
  | { readonly kind: 'Deployment'; readonly object: Deployment }
  | { readonly kind: 'ReplicaSet'; readonly object: ReplicaSet }
  | { readonly kind: 'StatefulSet'; readonly object: StatefulSet }
  | { readonly kind: 'DaemonSet'; readonly object: DaemonSet }
  | { readonly kind: 'CronJob'; readonly object: CronJob }
  | { readonly kind: 'Job'; readonly object: Job }

/** The resource that has the objects of a kind, in the order in which the kinds are shown. */
export const resourceOf: Readonly<Record<Owner['kind'], Resource>> = {
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  CronJob: 'cronjobs',
  Job: 'jobs',
}

const kinds = Object.keys(resourceOf)

/** One owner and what is below it. */
export interface Branch {
  readonly kind: string
  readonly name: string
  readonly uid: string
  /** Left out where it can't be seen, and is known by those that name it as their owner only. */
  readonly owner?: Owner
  /** Those of a Deployment the newest revision first, Jobs the newest first. */
  readonly branches: readonly Branch[]
  readonly pods: readonly Pod[]
}

export interface Tree {
  /** By kind and name. */
  readonly roots: readonly Branch[]
  /** The pods that nobody owns. */
  readonly bare: readonly Pod[]
}

interface Growing extends Branch {
  readonly branches: Growing[]
  readonly pods: Pod[]
}

/**
 * What is owned by what.
 * @param owners those that can be seen, in any order @param pods by name
 */
export function treeOf(owners: readonly Owner[], pods: readonly Pod[]): Tree {
  const grown = new Map<string, Growing>()
  const roots: Growing[] = []
  const bare: Pod[] = []
  for (const owner of owners) {
    const { name, uid } = owner.object
    grown.set(uid, { kind: owner.kind, name, uid, owner, branches: [], pods: [] })
  }
  /** One that can't be seen belongs to nobody, as far as is known. */
  const branchOf = ({ kind, name, uid }: OwnerReference): Growing => {
    const known = grown.get(uid)
    if (known) return known
    const unseen: Growing = { kind, name, uid, branches: [], pods: [] }
    grown.set(uid, unseen)
    roots.push(unseen)
    return unseen
  }
  for (const branch of [...grown.values()]) {
    const controller = branch.owner && controllerOf(branch.owner.object)
    if (controller) branchOf(controller).branches.push(branch)
    else roots.push(branch)
  }
  for (const pod of pods) {
    const controller = controllerOf(pod)
    if (controller) branchOf(controller).pods.push(pod)
    else bare.push(pod)
  }
  for (const { branches } of grown.values()) branches.sort(newestFirst)
  return { roots: roots.sort(byKindAndName), bare }
}

const revisionOf = ({ owner }: Branch): number =>
  owner?.kind === 'ReplicaSet' ? (owner.object.revision ?? 0) : 0

const ageOf = ({ owner }: Branch): string => owner?.object.creationTimestamp ?? ''

function newestFirst(one: Branch, other: Branch): number {
  return (
    revisionOf(other) - revisionOf(one) || compare(ageOf(other), ageOf(one)) || compare(one.name, other.name)
  )
}

/** What is of a kind that isn't watched comes last. */
const placeOf = ({ kind }: Branch): number => (kinds.includes(kind) ? kinds.indexOf(kind) : kinds.length)

function byKindAndName(one: Branch, other: Branch): number {
  return placeOf(one) - placeOf(other) || compare(one.kind, other.kind) || compare(one.name, other.name)
}

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1)

/** All pods of a branch, and of what is below it. */
export const podsBelow = ({ pods, branches }: Branch): readonly Pod[] => [
  ...pods,
  ...branches.flatMap(podsBelow),
]

/** Whether the branch, or something below it, has a name with the words in it. @param wanted in lower case */
export const matches = (branch: Branch, wanted: string): boolean =>
  [branch, ...branch.pods].some(({ name }) => name.toLowerCase().includes(wanted)) ||
  branch.branches.some((below) => matches(below, wanted))
