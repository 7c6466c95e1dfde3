/** The JSON shapes of Kubernetes' API of external metrics, as far as they are filled here. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const GroupVersion = Type.Object({ groupVersion: Type.String(), version: Type.String() })

/** https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#apigroup-v1-meta */
export const APIGroup = Type.Object({
  kind: Type.Literal('APIGroup'),
  apiVersion: Type.Literal('v1'),
  name: Type.String(),
  versions: Type.Array(GroupVersion),
  preferredVersion: GroupVersion,
})
export type APIGroup = Static<typeof APIGroup>

/** https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#apiresourcelist-v1-meta */
export const APIResourceList = Type.Object({
  kind: Type.Literal('APIResourceList'),
  apiVersion: Type.Literal('v1'),
  groupVersion: Type.String(),
  resources: Type.Array(
    Type.Object({
      name: Type.String({ description: 'a metric' }),
      singularName: Type.String(),
      namespaced: Type.Boolean({ description: 'true, though every namespace sees the same queues' }),
      kind: Type.String(),
      verbs: Type.Array(Type.String()),
    }),
  ),
})
export type APIResourceList = Static<typeof APIResourceList>

/** https://github.com/kubernetes/metrics/blob/master/pkg/apis/external_metrics/v1beta1/types.go */
export const ExternalMetricValueList = Type.Object({
  kind: Type.Literal('ExternalMetricValueList'),
  apiVersion: Type.String(),
  metadata: Type.Object({}),
  items: Type.Array(
    Type.Object({
      metricName: Type.String(),
      metricLabels: Type.Object({ queue: Type.String() }),
      timestamp: Type.String({ format: 'date-time' }),
      value: Type.String({ description: 'a quantity: 12500m is 12.5, and 3k is 3,000' }),
    }),
    { description: 'one for each queue that is selected' },
  ),
})
export type ExternalMetricValueList = Static<typeof ExternalMetricValueList>

/** https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#status-v1-meta */
export const Status = Type.Object({
  kind: Type.Literal('Status'),
  apiVersion: Type.Literal('v1'),
  metadata: Type.Object({}),
  status: Type.Literal('Failure'),
  message: Type.String(),
  reason: Type.String(),
  code: Type.Union([Type.Literal(400), Type.Literal(404), Type.Literal(503)]),
})
export type Status = Static<typeof Status>

/** Which metric is asked for. */
export const MetricPath = Type.Object({
  namespace: Type.String({ minLength: 1, description: 'any: each sees the same queues' }),
  metric: Type.String({
    minLength: 1,
    description: 'memq_depth, memq_unfinished or memq_oldest_message_age_seconds',
  }),
})

/** Which queues it is asked of. */
export const MetricSelector = Type.Object({
  labelSelector: Type.Optional(
    Type.String({ description: 'by the label queue, such as queue=work; without, all of them' }),
  ),
})
