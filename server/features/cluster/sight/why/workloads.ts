/** What keeps a workload from having its pods. */
import { selected } from '../../../../text/selector.ts'
import type { EntryOf, Pod } from '../../wire.ts'
import type { Scene } from '../scene.ts'
import { podsTrouble } from './pods.ts'
import { toldOf } from './told.ts'

/** Kinds that make pods, by their resource. */
export const makers = {
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
} as const
export type Maker = keyof typeof makers

export const isMaker = (kind: string): kind is Maker => kind in makers

type Workload<Name extends Maker = Maker> = EntryOf<Name>

/** The pods that a workload counts among its own. */
export const podsOf = (scene: Scene, { selector }: Pick<Workload, 'selector'>): Pod[] =>
  selected(selector, scene.entries('pods') ?? [])

/** @returns a sentence; undefined where it has all that it is to have, or is on its way as far as is known */
export function workloadTrouble(scene: Scene, kind: Maker, workload: Workload): string | undefined {
  return (
    ownTrouble(scene, kind, workload) ??
    creationTrouble(scene, kind, workload) ??
    podsTrouble(scene, podsOf(scene, workload)) ??
    slowTrouble(workload)
  )
}

function ownTrouble(scene: Scene, kind: Maker, workload: Workload): string | undefined {
  const { name } = workload
  if ('paused' in workload && workload.paused && workload.updated < workload.desired)
    return `The rollout of ${name} is paused; kubectl rollout resume deployment ${name} lets it go on.`
  if ('suspend' in workload) return jobTrouble(scene, workload)
  if ('misscheduled' in workload && workload.desired === 0) return noNodes(scene, workload)
  if (kind !== 'daemonsets' && 'desired' in workload && workload.desired === 0)
    return `${makers[kind]} ${name} is to have no pods: its replicas are 0.`
  return undefined
}

function jobTrouble(scene: Scene, job: Workload<'jobs'>): string | undefined {
  const { name, suspend, failed, conditions = [] } = job
  if (suspend) return `The Job ${name} is suspended.`
  const given = conditions.find(({ type, status }) => type === 'Failed' && status === 'True')
  if (!given) return undefined
  const trouble = podsTrouble(scene, podsOf(scene, job))
  if (given.reason === 'BackoffLimitExceeded')
    return `The Job ${name} has given up: ${failed} of its pods failed. ${trouble ?? ''}`.trim()
  if (given.reason === 'DeadlineExceeded')
    return `The Job ${name} was ended: it took longer than its activeDeadlineSeconds.`
  return `The Job ${name} has failed: ${given.message ?? given.reason ?? ''}`
}

function noNodes(scene: Scene, { name, nodeSelector }: Workload<'daemonsets'>): string | undefined {
  if (!nodeSelector) return `No node is to run ${name}: their taints or its affinity forbid it.`
  const wanted = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`)
  const nodes = scene.entries('nodes')
  return selected(wanted.join(), nodes ?? []).length > 0
    ? undefined
    : `No node has the label ${wanted.join(', ')}, which ${name} selects nodes by.`
}

/** Why its pods, or those of the ReplicaSets that it has made, aren't even made. */
export function creationTrouble(scene: Scene, kind: Maker, workload: Workload): string | undefined {
  const { name, uid } = workload
  const owned = (scene.entries('replicasets') ?? []).filter(({ ownerReferences = [] }) =>
    ownerReferences.some((owner) => owner.uid === uid),
  )
  const refused = [workload, ...owned]
    .flatMap(conditionsIn)
    .find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  const isShort = !('desired' in workload) || workload.current < workload.desired
  const [told] = isShort ? toldOf(scene, { kind: makers[kind], name, uid }, 'FailedCreate') : []
  const message = refused?.message ?? told?.message
  return message === undefined ? undefined : `No more pods of ${name} are made: ${refusalWords(message)}.`
}

/** Why the API server won't have a pod. */
export function refusalWords(message: string): string {
  const [, quota, asked = '', used = '', most = ''] =
    /exceeded quota: ([^,\s]+), requested: (.*), used: (.*), limited: (.*)/.exec(message) ?? []
  if (quota !== undefined) return quotaWords(quota, asked, used, most)
  const [, strict, fields] = /failed quota: ([^:\s]+): must specify (.*?)(?: for: .*)?$/.exec(message) ?? []
  if (strict !== undefined) return `the quota ${strict} wants each pod to say its ${fields}`
  const [, level, details] = /violates PodSecurity "([^":]+)[^"]*": (.*)/s.exec(message) ?? []
  if (level !== undefined) return `the namespace takes ${level} pods alone, and these aren’t: ${details}`
  const [, account] = /serviceaccount "([^"]+)" not found/.exec(message) ?? []
  if (account !== undefined) return `the ServiceAccount ${account} isn’t there`
  const [, reason] = /is forbidden: (.*)/s.exec(message) ?? []
  return reason ?? message
}

/** Such as `quota small: requests.cpu is used up, 400m of 400m, and a pod asks for 200m`. */
function quotaWords(quota: string, asked: string, used: string, most: string): string {
  const amounts = (text: string) => new Map(text.split(',').map((one) => splitOnce(one)))
  const [wanted, taken, limits] = [amounts(asked), amounts(used), amounts(most)]
  const each = Array.from(limits, ([name, limit]) => {
    const [now, more] = [taken.get(name) ?? '0', wanted.get(name) ?? '']
    if (now === limit) return `${name} is used up, ${now} of ${limit}, and a pod takes ${more} more`
    return `of ${name}, ${now} of ${limit} are used, and a pod takes ${more} more`
  })
  return `the quota ${quota} is in the way: ${each.join('; ')}`
}

function splitOnce(text: string): readonly [string, string] {
  const place = text.indexOf('=')
  return [text.slice(0, place).trim(), text.slice(place + 1).trim()]
}

/** DaemonSets have none. */
const conditionsIn = (workload: Workload) => ('conditions' in workload ? (workload.conditions ?? []) : [])

/** What the controller says where nothing else is known. */
function slowTrouble(workload: Workload): string | undefined {
  const stuck = conditionsIn(workload).find(
    ({ type, status }) => type === 'Progressing' && status === 'False',
  )
  return stuck && `The rollout of ${workload.name} is stuck: ${stuck.message ?? stuck.reason ?? ''}`
}
