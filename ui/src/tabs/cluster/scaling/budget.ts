/** What a disruption budget allows, in words: https://kubernetes.io/docs/tasks/run-application/configure-pdb/ */
import type { PodDisruptionBudget } from '../../../../../server/features/cluster/wire.ts'
import { countOf, formatNumber } from '../../../lib/format.ts'
import type { SignState } from '../../../parts/state-sign.ts'

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
  if (!conditions)
    return { state: 'idle', word: 'not counted yet', why: 'The controller has not looked at it yet.' }
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
  return { state: 'caution', word: 'none may go', why: `${figures}${drainWords(budget)}` }
}

/** Beside a number that is to stay, `expectedPods` counts the pods that are there now; else those that their owners want. */
function drainWords(budget: PodDisruptionBudget): string {
  const { minAvailable, desiredHealthy, expectedPods } = budget
  if (desiredHealthy < expectedPods) return ': a drain waits until more are healthy.'
  const pods = countOf(expectedPods, 'pod')
  const isNumber = minAvailable !== undefined && !minAvailable.endsWith('%')
  return isNumber
    ? `, of ${pods} there now: a drain waits until there are more, and healthy.`
    : `, of ${pods}: it lets none go, however healthy they are, and a drain waits for ever.`
}
