/** How a Deployment's rollout stands, in words. */
import type { Deployment, ReplicaSet } from '../../../../../server/features/cluster/wire.ts'

export interface RolloutStatus {
  readonly word: 'progressing' | 'complete' | 'failed' | 'paused'
  /** What `kubectl rollout status` says. */
  readonly sentence: string
}

/** Reasons of the condition Progressing: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */
const timedOut = 'ProgressDeadlineExceeded'
const done = 'NewReplicaSetAvailable'

/** The deadline of who wants none. */
export const noDeadline = 2 ** 31 - 1

const progressOf = ({ conditions }: Pick<Deployment, 'conditions'>) =>
  conditions?.find(({ type }) => type === 'Progressing')

/**
 * Decides in the order in which kubectl does, where a Deployment that is paused is one that waits:
 * https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go
 */
export function rolloutStatus(deployment: Deployment): RolloutStatus {
  const sentence = sentenceOf(deployment)
  const isPaused = deployment.paused
  if (!deployment.isObserved) return { word: isPaused ? 'paused' : 'progressing', sentence }
  if (progressOf(deployment)?.reason === timedOut) return { word: 'failed', sentence }
  if (isPaused) return { word: 'paused', sentence }
  return { word: waitsFor(deployment) === undefined ? 'complete' : 'progressing', sentence }
}

function sentenceOf(deployment: Deployment): string {
  const { name, isObserved } = deployment
  if (!isObserved) return 'Waiting for deployment spec update to be observed...'
  if (progressOf(deployment)?.reason === timedOut)
    return `deployment "${name}" exceeded its progress deadline`
  const awaited = waitsFor(deployment)
  return awaited === undefined
    ? `deployment "${name}" successfully rolled out`
    : `Waiting for deployment "${name}" rollout to finish: ${awaited}...`
}

/** What is still to come; undefined if nothing is. */
function waitsFor({ desired, current, updated, available }: Deployment): string | undefined {
  if (updated < desired) return `${String(updated)} out of ${String(desired)} new replicas have been updated`
  if (current > updated) return `${String(current - updated)} old replicas are pending termination`
  if (available < updated) return `${String(available)} of ${String(updated)} updated replicas are available`
  return undefined
}

/**
 * When a rollout will have failed unless something moves, in milliseconds since 1970; undefined while nothing is waited for.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment
 */
export function deadlineOf(deployment: Deployment): number | undefined {
  const { progressDeadlineSeconds: seconds = noDeadline, paused } = deployment
  const { reason, lastUpdateTime, lastTransitionTime } = progressOf(deployment) ?? {}
  const since = lastUpdateTime ?? lastTransitionTime
  if (seconds === noDeadline || paused || since === undefined) return undefined
  return reason === done || reason === timedOut ? undefined : Date.parse(since) + 1000 * seconds
}

/**
 * The images that a rollout replaces: those of the newest other revision that has pods.
 * @param sets its own
 * @returns undefined where nothing is replaced, or by the same images
 */
export function replacedImages(
  { revision, images }: Pick<Deployment, 'revision' | 'images'>,
  sets: readonly ReplicaSet[],
): readonly string[] | undefined {
  const old = sets
    .filter((set) => set.revision !== revision && set.current > 0)
    .sort((one, other) => (other.revision ?? 0) - (one.revision ?? 0))[0]
  return old && old.images.join() !== images.join() ? old.images : undefined
}
