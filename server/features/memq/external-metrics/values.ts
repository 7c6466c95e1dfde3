/** What the queues tell Kubernetes' autoscalers, as an API of external metrics of its own: no adapter stands between. */
import { quantity } from '../../../text/quantity.ts'
import { selects, trySelector } from '../../../text/selector.ts'
import { ageSeconds } from '../age.ts'
import type { APIGroup, APIResourceList, ExternalMetricValueList, Status } from './wire.ts'
import type { QueueStats } from '../wire.ts'

const group = 'external.metrics.k8s.io'
const version = 'v1beta1'
const groupVersion = `${group}/${version}`

/** Of one queue, by the metric's name. @param now in milliseconds since 1970 */
const metrics: ReadonlyMap<string, (stats: QueueStats, now: number) => number> = new Map([
  ['memq_depth', ({ depth }: QueueStats) => depth],
  ['memq_unfinished', ({ depth, leased, delayed }: QueueStats) => depth + leased + delayed],
  ['memq_oldest_message_age_seconds', ({ oldest }: QueueStats, now: number) => ageSeconds(oldest, now)],
])

const names = [...metrics.keys()]

/** Which versions there are. */
export function describeGroup(): APIGroup {
  const only = { groupVersion, version }
  return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions: [only], preferredVersion: only }
}

/** Which metrics there are. */
export const listMetrics = (): APIResourceList => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: names.map((name) => ({
    name,
    singularName: '',
    namespaced: true,
    kind: 'ExternalMetricValueList',
    verbs: ['get'],
  })),
})

/**
 * A metric of each queue that is selected by its label `queue`.
 * @param stats gives the queues' figures; whatever it throws goes on
 * @returns a failure for a metric that there isn't, and for a selector that can't be read
 */
export async function valuesOf(
  metric: string,
  selector: string,
  stats: () => QueueStats[] | Promise<QueueStats[]>,
): Promise<ExternalMetricValueList | Status> {
  const valueOf = metrics.get(metric)
  if (!valueOf) return failure(404, `MemQ has no metric ${metric}, but ${names.join(', ')}`)
  const read = trySelector(selector)
  if ('fault' in read) return failure(400, `labelSelector is not one of Kubernetes: ${read.fault}`)
  const queues = await stats()
  const now = new Date()
  // As the Kubernetes API writes times: in seconds.
  const timestamp = `${now.toISOString().slice(0, 19)}Z`
  const items = queues
    .filter(({ name }) => selects(read.selector, { queue: name }))
    .map((queue) => ({
      metricName: metric,
      metricLabels: { queue: queue.name },
      timestamp,
      value: quantity(valueOf(queue, now.getTime())),
    }))
  return { kind: 'ExternalMetricValueList', apiVersion: groupVersion, metadata: {}, items }
}

const reasons = { 400: 'BadRequest', 404: 'NotFound', 503: 'ServiceUnavailable' } as const

/** A failure as the Kubernetes API tells it, which kubectl and autoscalers show. */
export const failure = (code: Status['code'], message: string): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: reasons[code],
  code,
})
