/** What makes pods, reduced: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs. */
import type {
  ControllerRevision as ReportedRevision,
  DaemonSet as ReportedDaemonSet,
  Deployment as ReportedDeployment,
  ReplicaSet as ReportedReplicaSet,
  StatefulSet as ReportedStatefulSet,
} from 'kubernetes-types/apps/v1.d.ts'
import type { CronJob as ReportedCronJob, Job as ReportedJob } from 'kubernetes-types/batch/v1.d.ts'
import type { PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import { conditionsOf, defined, expressionText, metaOf, selectorText, textOf, unlessEmpty } from './object.ts'
import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
  Toleration,
} from './wire.ts'

const imagesOf = (template: PodTemplateSpec | undefined): string[] =>
  (template?.spec?.containers ?? []).map(({ image }) => image ?? '')

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#deployment-kubernetes-io-revision */
function revisionOf(metadata: ObjectMeta | undefined): number | undefined {
  const text = metadata?.annotations?.['deployment.kubernetes.io/revision']
  return text === undefined ? undefined : Number(text)
}

/** What `kubectl rollout history` shows beside a revision: https://kubernetes.io/docs/reference/labels-annotations-taints/#change-cause */
const changeCauseOf = (metadata: ObjectMeta | undefined): string | undefined =>
  metadata?.annotations?.['kubernetes.io/change-cause']

export const deploymentEntry = ({ metadata, spec, status = {} }: ReportedDeployment): Deployment => ({
  ...metaOf(metadata),
  ...defined({
    selector: selectorText(spec?.selector),
    images: imagesOf(spec?.template),
    desired: spec?.replicas ?? 1,
    current: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    unavailable: status.unavailableReplicas ?? 0,
    paused: spec?.paused ?? false,
    strategy: spec?.strategy?.type ?? 'RollingUpdate',
    maxSurge: textOf(spec?.strategy?.rollingUpdate?.maxSurge),
    maxUnavailable: textOf(spec?.strategy?.rollingUpdate?.maxUnavailable),
    minReadySeconds: spec?.minReadySeconds ?? 0,
    progressDeadlineSeconds: spec?.progressDeadlineSeconds,
    revision: revisionOf(metadata),
    changeCause: changeCauseOf(metadata),
    isObserved: (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    conditions: conditionsOf(status.conditions),
  }),
})

export const replicaSetEntry = ({ metadata, spec, status }: ReportedReplicaSet): ReplicaSet => ({
  ...metaOf(metadata),
  ...defined({
    selector: selectorText(spec?.selector),
    images: imagesOf(spec?.template),
    desired: spec?.replicas ?? 1,
    current: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    revision: revisionOf(metadata),
    changeCause: changeCauseOf(metadata),
    conditions: conditionsOf(status?.conditions),
  }),
})

export const statefulSetEntry = ({ metadata, spec, status }: ReportedStatefulSet): StatefulSet => ({
  ...metaOf(metadata),
  ...defined({
    selector: selectorText(spec?.selector),
    images: imagesOf(spec?.template),
    desired: spec?.replicas ?? 1,
    current: status?.replicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    serviceName: spec?.serviceName,
    podManagementPolicy: spec?.podManagementPolicy ?? 'OrderedReady',
    firstOrdinal: spec?.ordinals?.start ?? 0,
    partition: spec?.updateStrategy?.rollingUpdate?.partition ?? 0,
    updateStrategy: spec?.updateStrategy?.type ?? 'RollingUpdate',
    currentRevision: status?.currentRevision,
    updateRevision: status?.updateRevision,
    conditions: conditionsOf(status?.conditions),
  }),
})

/** Which nodes its pods may be put on; those that it would rather have are no condition. */
function nodeAffinityOf(spec: PodSpec | undefined): string[] {
  const { nodeSelectorTerms: terms = [] } =
    spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? {}
  return terms.map(({ matchExpressions = [], matchFields = [] }) =>
    [...matchExpressions, ...matchFields].map(expressionText).join(','),
  )
}

const tolerationsOf = (spec: PodSpec | undefined): Toleration[] =>
  (spec?.tolerations ?? []).map(({ key, operator = 'Equal', value, effect }) =>
    defined({ key: unlessEmpty(key), operator, value: unlessEmpty(value), effect: unlessEmpty(effect) }),
  )

export const daemonSetEntry = ({ metadata, spec, status }: ReportedDaemonSet): DaemonSet => ({
  ...metaOf(metadata),
  ...defined({
    selector: selectorText(spec?.selector),
    images: imagesOf(spec?.template),
    desired: status?.desiredNumberScheduled ?? 0,
    current: status?.currentNumberScheduled ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    available: status?.numberAvailable ?? 0,
    misscheduled: status?.numberMisscheduled ?? 0,
    nodeSelector: unlessEmpty(spec?.template.spec?.nodeSelector),
    nodeAffinity: unlessEmpty(nodeAffinityOf(spec?.template.spec)),
    tolerations: unlessEmpty(tolerationsOf(spec?.template.spec)),
    updateStrategy: spec?.updateStrategy?.type ?? 'RollingUpdate',
    maxUnavailable: textOf(spec?.updateStrategy?.rollingUpdate?.maxUnavailable),
  }),
})

export const jobEntry = ({ metadata, spec, status = {} }: ReportedJob): Job => ({
  ...metaOf(metadata),
  ...defined({
    selector: selectorText(spec?.selector),
    images: imagesOf(spec?.template),
    parallelism: spec?.parallelism ?? 1,
    completions: spec?.completions,
    completionMode: spec?.completionMode ?? 'NonIndexed',
    backoffLimit: spec?.backoffLimit,
    suspend: spec?.suspend ?? false,
    active: status.active ?? 0,
    ready: status.ready ?? 0,
    succeeded: status.succeeded ?? 0,
    failed: status.failed ?? 0,
    completedIndexes: unlessEmpty(status.completedIndexes),
    failedIndexes: unlessEmpty(status.failedIndexes),
    startTime: status.startTime,
    completionTime: status.completionTime,
    conditions: conditionsOf(status.conditions),
  }),
})

export const cronJobEntry = ({ metadata, spec, status }: ReportedCronJob): CronJob => ({
  ...metaOf(metadata),
  ...defined({
    images: imagesOf(spec?.jobTemplate.spec?.template),
    schedule: spec?.schedule ?? '',
    timeZone: spec?.timeZone,
    suspend: spec?.suspend ?? false,
    concurrencyPolicy: spec?.concurrencyPolicy ?? 'Allow',
    startingDeadlineSeconds: spec?.startingDeadlineSeconds,
    lastScheduleTime: status?.lastScheduleTime,
    lastSuccessfulTime: status?.lastSuccessfulTime,
    active: (status?.active ?? []).flatMap(({ name }) => name ?? []),
  }),
})

export const controllerRevisionEntry = ({ metadata, revision }: ReportedRevision): ControllerRevision => ({
  ...metaOf(metadata),
  revision,
})
