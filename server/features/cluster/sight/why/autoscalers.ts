/** What keeps an autoscaler from scaling. */
import type { EntryOf } from '../../wire.ts'

/** How its controller words what is missing, and what that means; the first that fits is told. */
const causes: readonly (readonly [pattern: RegExp, words: string])[] = [
  [
    /missing request for (\w+)/,
    'a container of its pods requests none of what is measured, and a share of nothing can’t be reckoned',
  ],
  [
    /resource metrics API: .*(?:could not find|no matches|not found)/,
    'the cluster has no metrics-server, and nothing else measures its pods',
  ],
  [/(?:custom|external) metrics API/, 'nothing serves the metric that it goes by'],
  [
    /no metrics returned|did not receive metrics/,
    'its pods haven’t been measured yet, which takes up to a minute',
  ],
  [/no pods returned by selector/, 'what it scales has no pods'],
]

/** @returns a sentence; undefined where nothing is known to be wrong */
export function autoscalerTrouble({
  name,
  scaleTarget,
  desired,
  maxReplicas,
  conditions = [],
}: EntryOf<'horizontalpodautoscalers'>): string | undefined {
  const failing = (wanted: string) =>
    conditions.find(({ type, status }) => type === wanted && status === 'False')
  const unable = failing('AbleToScale')
  if (unable)
    return (unable.message ?? '').includes('not found')
      ? `The autoscaler ${name} is to scale ${scaleTarget.kind} ${scaleTarget.name}, which isn’t there.`
      : `The autoscaler ${name} can’t scale: ${unable.message ?? unable.reason ?? ''}`
  const blind = failing('ScalingActive')
  if (blind) {
    const message = blind.message ?? ''
    const words = causes.find(([pattern]) => pattern.test(message))?.[1]
    return `The autoscaler ${name} has no figures: ${words ?? message}.`
  }
  const limited = conditions.some(
    ({ type, status, reason }) =>
      type === 'ScalingLimited' && status === 'True' && reason === 'TooManyReplicas',
  )
  return limited ? `The autoscaler ${name} is at its most: ${desired} of ${maxReplicas} pods.` : undefined
}
