/** What a disruption budget allows, in words: https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
import type { PodDisruptionBudget } from '../../../../../server/features/cluster/wire.ts'
import { countOf, formatNumber } from '../../../lib/format.ts'
import type { SignState } from '../sign-state.ts'

export interface Allowance {
  readonly state: SignState
  /** Such as "1 of 3 may go". */
  readonly word: string
  readonly why: string
}

/** What it wants, as it is written. */
export function ruleOf({ minAvailable, maxUnavailable }: PodDisruptionBudget): string {
  if (minAvailable !== undefined) return `at least ${minAvailable} stay`
  return `at most ${maxUnavailable ?? '0'} may be gone`
}

/** What evictions it lets through now; a drain asks for them one by one. */
export function allowanceOf(budget: PodDisruptionBudget): Allowance {
  const { disruptionsAllowed: allowed, currentHealthy, desiredHealthy, expectedPods, conditions } = budget
  const failure = conditions?.find(({ reason }) => reason === 'SyncFailed')
  if (failure)
    return { state: 'bad', word: 'can’t be reckoned', why: `The controller says: ${failure.message ?? ''}` }
  if (expectedPods === 0)
    return {
      state: 'caution',
      word: 'covers no pod',
      why: 'Its selector matches none, so it guards nothing.',
    }
  if (allowed > 0)
    return {
      state: 'good',
      word: `${formatNumber(allowed)} of ${formatNumber(expectedPods)} may go`,
      why: `${formatNumber(currentHealthy)} healthy, ${formatNumber(desiredHealthy)} wanted.`,
    }
  const figures = `${formatNumber(currentHealthy)} healthy, ${formatNumber(desiredHealthy)} wanted`
  const isNever = desiredHealthy >= expectedPods
  const why = isNever
    ? `${figures}, of ${countOf(expectedPods, 'pod')}: it lets none go, however healthy they are, and a drain waits for ever.`
    : `${figures}: a drain waits until more are healthy.`
  return { state: 'caution', word: 'none may go', why }
}
