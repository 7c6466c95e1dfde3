/** The JSON shapes of what is shown of a namespace: of each object the fields that a view shows, under their names in Kubernetes' API. What an object doesn't have is left out. */
import * as Type from 'typebox'
import type { Static, TSchema } from 'typebox'

const maybe = Type.Optional
const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const count = (description?: string) => Type.Integer(description === undefined ? {} : { description })
const time = (description?: string) =>
  Type.String({ format: 'date-time', ...(description ? { description } : {}) })
const texts = (description?: string) =>
  Type.Array(Type.String(), description === undefined ? {} : { description })
const map = (description?: string) =>
  Type.Record(Type.String(), Type.String(), description === undefined ? {} : { description })

/** One of an object's owners. */
export const OwnerReference = Type.Object({
  kind: text(),
  name: text(),
  uid: text(),
  controller: Type.Boolean({ description: 'the one that counts it among its own' }),
})
export type OwnerReference = Static<typeof OwnerReference>

/** A condition, as most objects have some. */
export const Condition = Type.Object({
  type: text(),
  status: text('True, False or Unknown'),
  reason: maybe(text()),
  message: maybe(text()),
  lastTransitionTime: maybe(time()),
  lastUpdateTime: maybe(time('of a Deployment’s: its progress deadline counts from here')),
})
export type Condition = Static<typeof Condition>

const conditions = maybe(Type.Array(Condition))

const meta = {
  name: text(),
  uid: text(),
  creationTimestamp: maybe(time()),
  deletionTimestamp: maybe(time('it is being deleted, and will be gone at this time at the latest')),
  labels: maybe(map()),
  ownerReferences: maybe(Type.Array(OwnerReference)),
}

const selector = maybe(text('of pods, as kubectl writes it; empty selects all'))
const images = texts('of its pods’ containers')

/** How a container ended. */
export const Termination = Type.Object({
  reason: maybe(text('OOMKilled, Error, Completed')),
  exitCode: maybe(count()),
  signal: maybe(count()),
  message: maybe(text()),
  startedAt: maybe(time()),
  finishedAt: maybe(time()),
})
export type Termination = Static<typeof Termination>

/** One container of a pod. */
export const Container = Type.Object({
  name: text(),
  role: Type.Enum(['init', 'sidecar', 'app', 'ephemeral']),
  image: text(),
  state: Type.Enum(['waiting', 'running', 'terminated']),
  reason: maybe(text('why it waits, or how it ended')),
  message: maybe(text()),
  ready: Type.Boolean(),
  restartCount: count(),
  startedAt: maybe(time('of the one that runs')),
  terminated: maybe(Termination),
  lastState: maybe(Termination),
  requests: maybe(map('cpu, memory')),
  limits: maybe(map('cpu, memory')),
  ports: maybe(
    Type.Array(Type.Object({ name: maybe(text()), port: count() }), {
      description: 'that it is said to listen at',
    }),
  ),
  probes: maybe(map('what each asks, by its type: liveness, readiness, startup')),
})
export type Container = Static<typeof Container>

export const Pod = Type.Object({
  ...meta,
  node: maybe(text()),
  podIP: maybe(text()),
  phase: text('Pending, Running, Succeeded, Failed, Unknown'),
  status: text('the word that kubectl shows: ContainerCreating, Running, CrashLoopBackOff, Terminating'),
  reason: maybe(text('such as Evicted')),
  message: maybe(text('why it is pending, or failed')),
  ready: Type.Boolean(),
  readySince: maybe(time('since when it is ready, or is not')),
  qosClass: maybe(text()),
  containers: Type.Array(Container),
  claims: maybe(texts('the claims that it mounts, those made for it alone among them')),
})
export type Pod = Static<typeof Pod>

export const ReplicaSet = Type.Object({
  ...meta,
  selector,
  images,
  desired: count(),
  current: count(),
  ready: count(),
  available: count(),
  revision: maybe(count('of its Deployment')),
  changeCause: maybe(text()),
  conditions,
})
export type ReplicaSet = Static<typeof ReplicaSet>

export const Deployment = Type.Object({
  ...meta,
  selector,
  images,
  desired: count(),
  current: count(),
  updated: count(),
  ready: count(),
  available: count(),
  unavailable: count(),
  paused: Type.Boolean(),
  strategy: text('RollingUpdate or Recreate'),
  maxSurge: maybe(text('a number or a share, such as 25%')),
  maxUnavailable: maybe(text('a number or a share, such as 25%')),
  minReadySeconds: count(),
  progressDeadlineSeconds: maybe(count()),
  revision: maybe(count()),
  changeCause: maybe(text()),
  isObserved: Type.Boolean({ description: 'the controller has seen the newest spec' }),
  conditions,
})
export type Deployment = Static<typeof Deployment>

export const StatefulSet = Type.Object({
  ...meta,
  selector,
  images,
  desired: count(),
  current: count(),
  updated: count(),
  ready: count(),
  available: count(),
  serviceName: maybe(text()),
  podManagementPolicy: text(),
  firstOrdinal: count(),
  partition: count('so many of the lowest ordinals keep the old revision'),
  updateStrategy: text(),
  currentRevision: maybe(text()),
  updateRevision: maybe(text()),
  conditions,
})
export type StatefulSet = Static<typeof StatefulSet>

/** A taint that pods put up with; what is left out matches any. */
export const Toleration = Type.Object({
  key: maybe(text()),
  operator: text('Equal or Exists'),
  value: maybe(text()),
  effect: maybe(text('NoSchedule, PreferNoSchedule or NoExecute')),
})
export type Toleration = Static<typeof Toleration>

export const DaemonSet = Type.Object({
  ...meta,
  selector,
  images,
  desired: count('nodes that should run it'),
  current: count(),
  updated: count(),
  ready: count(),
  available: count(),
  misscheduled: count('nodes that run it and should not'),
  nodeSelector: maybe(map()),
  nodeAffinity: maybe(
    texts('what it requires of a node’s labels, as kubectl writes selectors: one of these is to match'),
  ),
  tolerations: maybe(Type.Array(Toleration)),
  updateStrategy: text(),
  maxUnavailable: maybe(text()),
})
export type DaemonSet = Static<typeof DaemonSet>

export const Job = Type.Object({
  ...meta,
  selector,
  images,
  parallelism: count(),
  completions: maybe(count('left out where any pod’s success completes it')),
  completionMode: text('Indexed or NonIndexed'),
  backoffLimit: maybe(count()),
  suspend: Type.Boolean(),
  active: count(),
  ready: count(),
  succeeded: count(),
  failed: count(),
  completedIndexes: maybe(text('such as 0,2-4')),
  failedIndexes: maybe(text('such as 0,2-4')),
  startTime: maybe(time()),
  completionTime: maybe(time()),
  conditions,
})
export type Job = Static<typeof Job>

export const CronJob = Type.Object({
  ...meta,
  images,
  schedule: text(),
  timeZone: maybe(text()),
  suspend: Type.Boolean(),
  concurrencyPolicy: text('Allow, Forbid or Replace'),
  startingDeadlineSeconds: maybe(count()),
  lastScheduleTime: maybe(time()),
  lastSuccessfulTime: maybe(time()),
  active: texts('the names of the Jobs that run'),
})
export type CronJob = Static<typeof CronJob>

export const ServicePort = Type.Object({
  name: maybe(text()),
  protocol: text(),
  port: count(),
  targetPort: maybe(text('a number, or the name of a container’s port')),
  nodePort: maybe(count()),
})
export type ServicePort = Static<typeof ServicePort>

export const Service = Type.Object({
  ...meta,
  type: text('ClusterIP, NodePort, LoadBalancer, ExternalName'),
  clusterIPs: texts('None for a headless one'),
  externalIPs: texts(),
  externalName: maybe(text()),
  loadBalancer: texts('the addresses that a provider gave it'),
  ports: Type.Array(ServicePort),
  selector: maybe(text('of pods, as kubectl writes it; left out where it has none')),
  sessionAffinity: text(),
  publishNotReadyAddresses: Type.Boolean(),
})
export type Service = Static<typeof Service>

export const Endpoint = Type.Object({
  addresses: texts(),
  ready: Type.Boolean(),
  serving: Type.Boolean(),
  terminating: Type.Boolean(),
  pod: maybe(text('the name of its pod')),
  node: maybe(text()),
  hostname: maybe(text()),
})
export type Endpoint = Static<typeof Endpoint>

export const EndpointSlice = Type.Object({
  ...meta,
  service: maybe(text('the Service that it belongs to')),
  addressType: text(),
  ports: Type.Array(Type.Object({ name: maybe(text()), port: maybe(count()), protocol: maybe(text()) })),
  endpoints: Type.Array(Endpoint),
})
export type EndpointSlice = Static<typeof EndpointSlice>

/** One measure of an autoscaler: wanted and, if it is known, measured. */
export const ScalingMetric = Type.Object({
  name: text('such as cpu'),
  type: text('Resource, ContainerResource, Pods, Object, External'),
  container: maybe(text('the one that is measured, where it is one alone')),
  object: maybe(text('the one that is measured, such as Ingress/web')),
  selector: maybe(text('of the metric’s series, as kubectl writes it')),
  unit: Type.Enum(['%', 'average', 'value'], { description: '% of the request; else the metric’s own' }),
  target: text(),
  current: maybe(text('left out while it is unknown')),
  averageValue: maybe(text('what the share was reckoned of, such as 16m')),
})
export type ScalingMetric = Static<typeof ScalingMetric>

export const HorizontalPodAutoscaler = Type.Object({
  ...meta,
  scaleTarget: Type.Object({ kind: text(), name: text() }),
  minReplicas: count(),
  maxReplicas: count(),
  current: count(),
  desired: count(),
  metrics: Type.Array(ScalingMetric),
  scaleDownStabilizationSeconds: maybe(
    count('left out where the cluster’s own value counts: 300 by default'),
  ),
  lastScaleTime: maybe(time()),
  conditions,
})
export type HorizontalPodAutoscaler = Static<typeof HorizontalPodAutoscaler>

export const PodDisruptionBudget = Type.Object({
  ...meta,
  selector,
  minAvailable: maybe(text()),
  maxUnavailable: maybe(text()),
  disruptionsAllowed: count(),
  currentHealthy: count(),
  desiredHealthy: count(),
  expectedPods: count(),
  conditions,
})
export type PodDisruptionBudget = Static<typeof PodDisruptionBudget>

export const PersistentVolumeClaim = Type.Object({
  ...meta,
  phase: text('Pending, Bound, Lost'),
  volume: maybe(text()),
  storageClass: maybe(text('empty: of no class; left out: of the default one, once there is one')),
  selector: maybe(text('of volumes, as kubectl writes it')),
  volumeMode: text('Filesystem or Block'),
  requested: maybe(text()),
  capacity: maybe(text()),
  accessModes: texts(),
  conditions,
})
export type PersistentVolumeClaim = Static<typeof PersistentVolumeClaim>

export const ResourceQuota = Type.Object({ ...meta, hard: map(), used: map() })
export type ResourceQuota = Static<typeof ResourceQuota>

export const LimitRange = Type.Object({
  ...meta,
  limits: Type.Array(
    Type.Object({
      type: text('Container, Pod, PersistentVolumeClaim'),
      default: maybe(map('the limit of what names none')),
      defaultRequest: maybe(map()),
      min: maybe(map()),
      max: maybe(map()),
    }),
  ),
})
export type LimitRange = Static<typeof LimitRange>

export const ControllerRevision = Type.Object({ ...meta, revision: count() })
export type ControllerRevision = Static<typeof ControllerRevision>

export const Event = Type.Object({
  ...meta,
  type: text('Normal or Warning'),
  reason: text(),
  message: text(),
  count: count(),
  firstTimestamp: maybe(time()),
  lastTimestamp: maybe(time()),
  source: maybe(text('who tells it, such as kubelet')),
  object: Type.Object({ kind: text(), name: text(), uid: maybe(text()) }),
})
export type Event = Static<typeof Event>

export const Node = Type.Object({
  ...meta,
  ready: Type.Boolean(),
  unschedulable: Type.Boolean({ description: 'cordoned' }),
  taints: texts('such as key=value:NoSchedule'),
  roles: texts(),
  addresses: texts(),
  kubeletVersion: maybe(text()),
  allocatable: map('cpu, memory, pods'),
  conditions,
})
export type Node = Static<typeof Node>

export const PersistentVolume = Type.Object({
  ...meta,
  phase: text('Available, Bound, Released, Failed'),
  claim: maybe(Type.Object({ namespace: text(), name: text() })),
  storageClass: maybe(text()),
  capacity: maybe(text()),
  accessModes: texts(),
  reclaimPolicy: maybe(text()),
  volumeMode: text('Filesystem or Block'),
  nodes: maybe(texts('the only ones that it can be mounted on, by their host names')),
  source: maybe(text('what it is, such as hostPath, nfs, csi')),
})
export type PersistentVolume = Static<typeof PersistentVolume>

export const StorageClass = Type.Object({
  ...meta,
  provisioner: text(),
  isDefault: Type.Boolean(),
  volumeBindingMode: text(),
  reclaimPolicy: text(),
  allowVolumeExpansion: Type.Boolean(),
})
export type StorageClass = Static<typeof StorageClass>

/** What is watched, by its name in the API and in rules of RBAC. */
export const entries = {
  pods: Pod,
  services: Service,
  endpointslices: EndpointSlice,
  replicasets: ReplicaSet,
  deployments: Deployment,
  statefulsets: StatefulSet,
  daemonsets: DaemonSet,
  jobs: Job,
  cronjobs: CronJob,
  horizontalpodautoscalers: HorizontalPodAutoscaler,
  poddisruptionbudgets: PodDisruptionBudget,
  persistentvolumeclaims: PersistentVolumeClaim,
  resourcequotas: ResourceQuota,
  limitranges: LimitRange,
  controllerrevisions: ControllerRevision,
  events: Event,
  nodes: Node,
  persistentvolumes: PersistentVolume,
  storageclasses: StorageClass,
}
/** The resource’s name, such as `pods`. */
export type Resource = keyof typeof entries
/** One object of a resource, as it is shown. */
export type EntryOf<Name extends Resource> = Static<(typeof entries)[Name]>

/** The state of the topic `cluster.RESOURCE`: all objects of a kind, by name. */
export interface Listing<Name extends Resource> {
  /** Whether all that there are have come at least once. */
  readonly listed: boolean
  readonly items: readonly EntryOf<Name>[]
}
export const listingOf = (resource: Resource): TSchema =>
  Type.Object({ listed: Type.Boolean(), items: Type.Array(entries[resource]) })

/** How it goes with one kind. */
export const Access = Type.Object({
  apiGroup: text('empty for the core'),
  namespaced: Type.Boolean(),
  state: Type.Enum(['idle', 'listing', 'watching', 'refused', 'away'], {
    description:
      'idle: nobody looks; refused: the API server forbids it, or there is no token; away: it can’t be reached',
  }),
  since: time(),
  message: maybe(text('the API server’s own words, or why it can’t be reached')),
})
export type Access = Static<typeof Access>

/** The state of the topic `cluster`: where this pod is, and what it may see there. */
export const ClusterState = Type.Object({
  namespace: Type.Union([Type.String(), Type.Null()], {
    description: 'null outside a pod, or without a token',
  }),
  pod: text('the name of this pod'),
  apiServer: Type.Union([Type.String(), Type.Null()], {
    description: 'null outside a pod, or without a token',
  }),
  message: maybe(text('why there is no cluster to see')),
  lacks: maybe(
    Type.Enum(['pod', 'token'], {
      description: 'what there is none of: this is no pod, or one without a token; with the message',
    }),
  ),
  resources: Type.Record(Type.String(), Access, {
    description: 'by the resource’s name; empty where there is no cluster to see',
  }),
})
export type ClusterState = Omit<Static<typeof ClusterState>, 'resources'> & {
  readonly resources: Readonly<Partial<Record<Resource, Access>>>
}

/** One probe, as the pod’s spec has it. */
export const ProbeSpec = Type.Object({
  container: text(),
  type: Type.Enum(['liveness', 'readiness', 'startup']),
  action: text('such as GET http://:8080/healthy, or exec cat /tmp/ready'),
  initialDelaySeconds: count(),
  periodSeconds: count(),
  timeoutSeconds: count(),
  successThreshold: count(),
  failureThreshold: count(),
})
export type ProbeSpec = Static<typeof ProbeSpec>

/** The state of the topic `cluster.this`: this pod itself, and what is told of it. */
export const ThisPod = Type.Object({
  pod: Type.Union([Pod, Type.Null()], { description: 'null while it can’t be seen' }),
  probes: Type.Array(ProbeSpec),
  events: Type.Array(Event, { description: 'of this pod, newest first, at most 100' }),
  message: maybe(text('why it can’t be seen')),
})
export type ThisPod = Static<typeof ThisPod>

/** A rule of RBAC: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export const Rule = Type.Object({
  verbs: texts(),
  apiGroups: maybe(texts()),
  resources: maybe(texts()),
  resourceNames: maybe(texts()),
  nonResourceURLs: maybe(texts()),
})
export type Rule = Static<typeof Rule>

/** What this pod’s token says of itself, and what it allows. */
export const TokenAccess = Type.Object({
  subject: maybe(text('such as system:serviceaccount:default:default')),
  audience: texts(),
  issuer: maybe(text()),
  issuedAt: maybe(time()),
  expiresAt: maybe(time()),
  warnAfter: maybe(
    time('until when it was asked for, where the API server has extended it: the kubelet goes by this'),
  ),
  rules: Type.Array(Rule, { description: 'as the SelfSubjectRulesReview of this namespace has them' }),
  incomplete: Type.Boolean({ description: 'there may be more that the API server couldn’t tell' }),
  evaluationError: maybe(text()),
})
export type TokenAccess = Static<typeof TokenAccess>
