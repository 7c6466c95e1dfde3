/** What bounds a namespace, reduced: autoscalers, disruption budgets, quotas, ranges of limits. */
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler as ReportedAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from 'kubernetes-types/autoscaling/v2.d.ts'
import type {
  LimitRange as ReportedRange,
  ResourceQuota as ReportedQuota,
} from 'kubernetes-types/core/v1.d.ts'
import type { PodDisruptionBudget as ReportedBudget } from 'kubernetes-types/policy/v1.d.ts'
import { conditionsOf, defined, metaOf, quantitiesOf, selectorText, textOf, unlessEmpty } from './object.ts'
import type {
  HorizontalPodAutoscaler,
  LimitRange,
  PodDisruptionBudget,
  ResourceQuota,
  ScalingMetric,
} from './wire.ts'

export const autoscalerEntry = ({ metadata, spec, status }: ReportedAutoscaler): HorizontalPodAutoscaler => ({
  ...metaOf(metadata),
  ...defined({
    scaleTarget: targetOf(spec?.scaleTargetRef),
    minReplicas: spec?.minReplicas ?? 1,
    maxReplicas: spec?.maxReplicas ?? 0,
    current: status?.currentReplicas ?? 0,
    desired: status?.desiredReplicas ?? 0,
    metrics: (spec?.metrics ?? []).flatMap(
      (metric) => metricEntry(metric, status?.currentMetrics ?? []) ?? [],
    ),
    scaleDownStabilizationSeconds: spec?.behavior?.scaleDown?.stabilizationWindowSeconds,
    lastScaleTime: status?.lastScaleTime,
    conditions: conditionsOf(status?.conditions),
  }),
})

const targetOf = (reference: CrossVersionObjectReference | undefined) => ({
  kind: reference?.kind ?? '',
  name: reference?.name ?? '',
})

/** What a metric measures, in the spec with its target and in the status with its current value. */
interface Source extends Pick<ScalingMetric, 'name' | 'container' | 'object' | 'selector'> {
  readonly target?: MetricTarget
  readonly current?: MetricValueStatus
}

function sourceOf(metric: MetricSpec | MetricStatus): Source | undefined {
  const { resource, containerResource, pods, object, external } = metric
  const named = resource ?? containerResource
  if (named) return named
  const measured = pods ?? object ?? external
  return (
    measured &&
    defined({
      ...measured,
      name: measured.metric.name,
      object: object && `${object.describedObject.kind}/${object.describedObject.name}`,
      selector: unlessEmpty(selectorText(measured.metric.selector)),
    })
  )
}

/** Several metrics may be of one name: of other objects, or of other series. */
const isSame = (one: Source, other: Source): boolean =>
  one.name === other.name &&
  one.container === other.container &&
  one.object === other.object &&
  one.selector === other.selector

function metricEntry(spec: MetricSpec, current: readonly MetricStatus[]): ScalingMetric | undefined {
  const source = sourceOf(spec)
  if (!source?.target) return undefined
  const { averageUtilization, averageValue, value } = source.target
  const measured = current
    .filter(({ type }) => type === spec.type)
    .map(sourceOf)
    .find((one) => one && isSame(one, source))?.current
  const shown = (
    unit: ScalingMetric['unit'],
    target: string | number | undefined,
    current: string | number | undefined,
  ) => ({ unit, target: textOf(target) ?? '', current: textOf(current) })
  const { name, container, object, selector } = source
  const common = { name, type: spec.type, container, object, selector }
  if (averageUtilization !== undefined)
    return defined({
      ...common,
      ...shown('%', averageUtilization, measured?.averageUtilization),
      averageValue: textOf(measured?.averageValue),
    })
  if (averageValue !== undefined)
    return defined({ ...common, ...shown('average', averageValue, measured?.averageValue) })
  return defined({ ...common, ...shown('value', value, measured?.value) })
}

export const budgetEntry = ({ metadata, spec, status }: ReportedBudget): PodDisruptionBudget => ({
  ...metaOf(metadata),
  ...defined({
    selector: selectorText(spec?.selector),
    minAvailable: textOf(spec?.minAvailable),
    maxUnavailable: textOf(spec?.maxUnavailable),
    disruptionsAllowed: status?.disruptionsAllowed ?? 0,
    currentHealthy: status?.currentHealthy ?? 0,
    desiredHealthy: status?.desiredHealthy ?? 0,
    expectedPods: status?.expectedPods ?? 0,
    conditions: conditionsOf(status?.conditions),
  }),
})

export const quotaEntry = ({ metadata, spec, status }: ReportedQuota): ResourceQuota => ({
  ...metaOf(metadata),
  hard: quantitiesOf(status?.hard ?? spec?.hard),
  used: quantitiesOf(status?.used),
})

export const limitRangeEntry = ({ metadata, spec }: ReportedRange): LimitRange => ({
  ...metaOf(metadata),
  limits: (spec?.limits ?? []).map(({ type, default: limit, defaultRequest, min, max }) =>
    defined({
      type,
      default: unlessEmpty(quantitiesOf(limit)),
      defaultRequest: unlessEmpty(quantitiesOf(defaultRequest)),
      min: unlessEmpty(quantitiesOf(min)),
      max: unlessEmpty(quantitiesOf(max)),
    }),
  ),
})
