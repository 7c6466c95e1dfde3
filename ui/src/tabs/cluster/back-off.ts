/** When the kubelet tries again what keeps failing, from what it tells of the container. */
import type { Container, Pod } from '../../../../server/features/cluster/wire.ts'
import { formatSeconds } from '../../lib/format.ts'
import { goDuration } from './go-duration.ts'

/** What the kubelet says of a container that it lets wait: `back-off 1m20s restarting failed container=…`. */
const restartDelay = /\bback-off (\S+) restarting\b/

/**
 * Until the next try, in words, such as `next try in 12 s`.
 * A restart comes so long after the last end as the kubelet says: 10 s, doubled each time up to 5 min, from the start again after 10 min without one.
 * Of a pull it tells no time: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 * @param now by the server's clock, in milliseconds since 1970
 * @returns undefined where nothing is tried again
 */
export function backOffWords(container: Container, now: number): string | undefined {
  if (container.reason === 'ImagePullBackOff') return 'next pull within 5 min'
  if (container.reason !== 'CrashLoopBackOff') return undefined
  const next = nextTry(container)
  if (next === undefined) return 'next try within 5 min'
  return next > now ? `next try in ${formatSeconds(Math.ceil((next - now) / 1000))}` : 'next try any moment'
}

/** In milliseconds since 1970. */
function nextTry({ message = '', lastState }: Container): number | undefined {
  const delay = goDuration(restartDelay.exec(message)?.[1] ?? '')
  if (delay === undefined || lastState?.finishedAt === undefined) return undefined
  return Date.parse(lastState.finishedAt) + delay
}

/** The container of a pod that is tried next, in words as `backOffWords` has them. */
export function podBackOffWords({ containers }: Pick<Pod, 'containers'>, now: number): string | undefined {
  const waiting = containers.filter((container) => backOffWords(container, now) !== undefined)
  waiting.sort((one, other) => (nextTry(one) ?? Infinity) - (nextTry(other) ?? Infinity))
  return waiting[0] && backOffWords(waiting[0], now)
}
