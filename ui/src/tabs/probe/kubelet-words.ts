/** The kubelet's probes in words: how it asks, what comes of failures, and which events tell of them. */
import type { Event, ProbeSpec } from '../../../../server/features/cluster/wire.ts'
import { countOf, formatSeconds } from '../../lib/format.ts'

/** Such as `every 10 s, 1 s to answer, first after 5 s`. */
export function manners({ periodSeconds, timeoutSeconds, initialDelaySeconds }: ProbeSpec): string {
  const first = initialDelaySeconds > 0 ? [`first after ${formatSeconds(initialDelaySeconds)}`] : []
  return [
    `every ${formatSeconds(periodSeconds)}`,
    `${formatSeconds(timeoutSeconds)} to answer`,
    ...first,
  ].join(', ')
}

/** A sentence, such as `3 failures × 10 s: restarted after some 30 s.` */
export function consequenceOf({
  type,
  periodSeconds,
  failureThreshold,
  successThreshold,
}: ProbeSpec): string {
  const failures =
    failureThreshold === 1
      ? 'One failure'
      : `${countOf(failureThreshold, 'failure')} × ${formatSeconds(periodSeconds)}`
  const after = `after some ${formatSeconds(failureThreshold * periodSeconds)}`
  if (type === 'liveness') return `${failures}: restarted ${after}.`
  if (type === 'startup')
    return `It has ${formatSeconds(failureThreshold * periodSeconds)} to pass; the other probes wait for it, and without it the container is restarted.`
  const back = successThreshold === 1 ? 'one success brings' : `${String(successThreshold)} successes bring`
  return `${failures}: not ready ${after}, and out of its Services; ${back} it back.`
}

/** Whether an event of this pod is about its probes: that one failed, or what the kubelet did about it. */
export function concerns({ reason, message }: Event, probe: 'liveness' | 'readiness'): boolean {
  if (reason === 'Unhealthy' || reason === 'ProbeWarning')
    return new RegExp(`^(?:\\(combined from similar events\\): )?(?:${probe}|startup) probe`, 'i').test(
      message,
    )
  return probe === 'liveness' && (reason === 'Killing' || reason === 'BackOff')
}
