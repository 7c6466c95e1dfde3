/** Objects as an API server has them, typical ones, made in a line: `pod({ name: 'web-1', state: 'CrashLoopBackOff', owner: set })`. */
import { randomUUID } from 'node:crypto'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type {
  ContainerState,
  ContainerStatus,
  Event,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
  PodSpec,
  PodStatus,
  Service,
} from 'kubernetes-types/core/v1.d.ts'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts'
import type { ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.d.ts'

/** A time as Kubernetes writes it, so many seconds ago. */
export const ago = (seconds: number): string =>
  new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')

/** What can own another object. */
interface Owner {
  readonly kind?: string
  readonly metadata?: ObjectMeta
}

/** What each maker takes. */
export interface Traits {
  readonly name: string
  /** `default` if it is left out. */
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  /** Its controller. */
  readonly owner?: Owner
  /** How old it is; a minute if it is left out. */
  readonly ageSeconds?: number
}

export function meta({
  name,
  namespace = 'default',
  labels,
  annotations,
  owner,
  ageSeconds = 60,
}: Traits): ObjectMeta {
  return {
    name,
    namespace,
    uid: randomUUID(),
    creationTimestamp: ago(ageSeconds),
    generation: 1,
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ...(owner ? { ownerReferences: [ownerReference(owner)] } : {}),
  }
}

const apiVersions: Readonly<Record<string, string>> = { Job: 'batch/v1', CronJob: 'batch/v1', Node: 'v1' }

function ownerReference({ kind = 'ReplicaSet', metadata = {} }: Owner): OwnerReference {
  const { name = '', uid = '' } = metadata
  return {
    apiVersion: apiVersions[kind] ?? 'apps/v1',
    kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** A pod's state, by the word that kubectl shows for it; `NotReady` is one that runs and fails its readiness probe. */
export type PodState =
  | 'Running'
  | 'NotReady'
  | 'Pending'
  | 'ContainerCreating'
  | 'ImagePullBackOff'
  | 'CrashLoopBackOff'
  | 'OOMKilled'
  | 'Error'
  | 'Completed'
  | 'Terminating'

export interface PodTraits extends Traits {
  /** `Running` if it is left out. */
  readonly state?: PodState
  readonly node?: string
  readonly image?: string
  readonly restarts?: number
  /** Fields that the spec has beside or instead of those that are made. */
  readonly spec?: Partial<PodSpec>
  /** As `spec`. */
  readonly status?: Partial<PodStatus>
}

/** A pod of one container, `main`. */
export function pod(traits: PodTraits): Pod {
  const { state = 'Running', node = 'node-1', image = 'kuard:blue', restarts = 0, spec, status } = traits
  const isScheduled = state !== 'Pending'
  const container: ContainerStatus = {
    name: 'main',
    image,
    imageID: '',
    restartCount: restarts,
    ready: state === 'Running' || state === 'Terminating',
    started: ['Running', 'NotReady', 'Terminating'].includes(state),
    ...containerStates(state, restarts),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...meta(traits),
      ...(state === 'Terminating' ? { deletionTimestamp: ago(-30), deletionGracePeriodSeconds: 30 } : {}),
    },
    spec: {
      containers: [{ name: 'main', image, resources: {} }],
      restartPolicy: ['Completed', 'Error'].includes(state) ? 'Never' : 'Always',
      ...(isScheduled ? { nodeName: node } : {}),
      ...spec,
    },
    status: {
      phase: phaseOf(state),
      qosClass: 'BestEffort',
      conditions: podConditions(state, container.ready),
      ...(isScheduled ? { podIP: '10.244.0.9', containerStatuses: [container] } : {}),
      ...status,
    },
  }
}

function phaseOf(state: PodState): string {
  if (state === 'Completed') return 'Succeeded'
  if (state === 'Error') return 'Failed'
  return ['Pending', 'ContainerCreating', 'ImagePullBackOff'].includes(state) ? 'Pending' : 'Running'
}

function containerStates(state: PodState, restarts: number): Pick<ContainerStatus, 'state' | 'lastState'> {
  const end = (exitCode: number, reason: string): ContainerState => ({
    terminated: { exitCode, reason, startedAt: ago(50), finishedAt: ago(10) },
  })
  const waiting = (message?: string): ContainerState => ({
    waiting: { reason: state, ...(message === undefined ? {} : { message }) },
  })
  if (state === 'ContainerCreating') return { state: waiting() }
  if (state === 'ImagePullBackOff') return { state: waiting('Back-off pulling image') }
  if (state === 'CrashLoopBackOff')
    return { state: waiting('back-off 20s restarting failed container'), lastState: end(1, 'Error') }
  if (state === 'OOMKilled') return { state: end(137, 'OOMKilled') }
  if (state === 'Error') return { state: end(1, 'Error') }
  if (state === 'Completed') return { state: end(0, 'Completed') }
  const running = { running: { startedAt: ago(50) } }
  return restarts > 0 ? { state: running, lastState: end(1, 'Error') } : { state: running }
}

function podConditions(state: PodState, isReady: boolean): PodCondition[] {
  const condition = (type: string, is: boolean, more: Partial<PodCondition> = {}): PodCondition => ({
    type,
    status: is ? 'True' : 'False',
    lastTransitionTime: ago(50),
    ...more,
  })
  if (state === 'Pending') {
    const message = '0/1 nodes are available: 1 Insufficient cpu.'
    return [condition('PodScheduled', false, { reason: 'Unschedulable', message })]
  }
  return [
    condition('Initialized', true),
    condition('Ready', isReady, isReady ? {} : { reason: 'ContainersNotReady' }),
    condition('ContainersReady', isReady),
    condition('PodScheduled', true),
  ]
}

/** What the makers of workloads take. */
export interface WorkloadTraits extends Traits {
  /** Those wanted; one if it is left out. */
  readonly replicas?: number
  /** Those that are there; as many as are wanted if it is left out. */
  readonly current?: number
  /** Those that are ready; as many as are there if it is left out. */
  readonly ready?: number
  readonly image?: string
  /** Of a Deployment, or of the Deployment that it is of. */
  readonly revision?: number
}

/** What a workload selects by, and what its pods have for labels. */
const labelsOf = ({ name, labels }: Traits): Record<string, string> => labels ?? { app: name }

function workloadParts(traits: WorkloadTraits) {
  const {
    replicas = 1,
    current = replicas,
    ready = current,
    image = 'kuard:blue',
    revision,
    annotations,
  } = traits
  const labels = labelsOf(traits)
  const revised = revision === undefined ? {} : { 'deployment.kubernetes.io/revision': String(revision) }
  return {
    replicas,
    current,
    ready,
    metadata: meta({ ...traits, labels, annotations: { ...revised, ...annotations } }),
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
  }
}

export function replicaSet(traits: WorkloadTraits, { spec, status }: Partial<ReplicaSet> = {}): ReplicaSet {
  const { replicas, current, ready, metadata, selector, template } = workloadParts(traits)
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata,
    spec: { replicas, selector, template, ...spec },
    status: {
      replicas: current,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: 1,
      ...status,
    },
  }
}

export function deployment(traits: WorkloadTraits, { spec, status }: Partial<Deployment> = {}): Deployment {
  const { replicas, current, ready, metadata, selector, template } = workloadParts({ revision: 1, ...traits })
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector,
      template,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      progressDeadlineSeconds: 600,
      ...spec,
    },
    status: {
      replicas: current,
      updatedReplicas: current,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: replicas - ready,
      observedGeneration: 1,
      conditions: [
        {
          type: 'Available',
          status: ready === replicas ? 'True' : 'False',
          reason: ready === replicas ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          lastTransitionTime: ago(30),
        },
        {
          type: 'Progressing',
          status: 'True',
          reason: ready === replicas ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
          lastTransitionTime: ago(30),
        },
      ],
      ...status,
    },
  }
}

export function job(traits: WorkloadTraits, { spec, status }: Partial<Job> = {}): Job {
  const { replicas, metadata, selector, template } = workloadParts(traits)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      parallelism: replicas,
      completions: replicas,
      completionMode: 'NonIndexed',
      backoffLimit: 6,
      selector,
      template,
      ...spec,
    },
    status: { active: replicas, ready: replicas, startTime: ago(30), ...status },
  }
}

/** A Service of type ClusterIP, port 80 to 8080. */
export const service = (traits: Traits, spec: Service['spec'] = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(traits),
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.10',
    clusterIPs: ['10.96.0.10'],
    selector: labelsOf(traits),
    ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
    ...spec,
  },
  status: { loadBalancer: {} },
})

/** The endpoints that pods give a Service, ready where the pod is. @param service its name */
export function endpointSlice(service: string, pods: readonly Pod[], namespace = 'default'): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': service }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta({ name: `${service}-abcde`, namespace, labels }),
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: pods.map(({ metadata, spec, status }, index) => {
      const ready =
        status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
      const terminating = metadata?.deletionTimestamp !== undefined
      return {
        addresses: [status?.podIP ?? `10.244.0.${index + 10}`],
        conditions: { ready: ready && !terminating, serving: ready, terminating },
        targetRef: {
          kind: 'Pod',
          name: metadata?.name ?? '',
          namespace,
          ...(metadata?.uid === undefined ? {} : { uid: metadata.uid }),
        },
        ...(spec?.nodeName === undefined ? {} : { nodeName: spec.nodeName }),
      }
    }),
  }
}

export interface AutoscalerTraits extends Traits {
  /** The Deployment that it scales. */
  readonly target: string
  readonly minReplicas?: number
  readonly maxReplicas?: number
  readonly replicas?: number
  readonly desired?: number
  /** Wanted, in percent of the request. */
  readonly cpu?: number
  /** Measured; left out, it is unknown. */
  readonly measuredCpu?: number
}

export function autoscaler(traits: AutoscalerTraits): HorizontalPodAutoscaler {
  const {
    target,
    minReplicas = 1,
    maxReplicas = 10,
    replicas = 1,
    desired = replicas,
    cpu = 50,
    measuredCpu,
  } = traits
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta(traits),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      minReplicas,
      maxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } },
        },
      ],
    },
    status: {
      currentReplicas: replicas,
      desiredReplicas: desired,
      currentMetrics:
        measuredCpu === undefined
          ? []
          : [
              {
                type: 'Resource',
                resource: { name: 'cpu', current: { averageUtilization: measuredCpu, averageValue: '100m' } },
              },
            ],
      conditions: [
        {
          type: 'ScalingActive',
          status: measuredCpu === undefined ? 'False' : 'True',
          reason: measuredCpu === undefined ? 'FailedGetResourceMetric' : 'ValidMetricFound',
          ...(measuredCpu === undefined
            ? { message: 'the HPA was unable to compute the replica count: failed to get cpu utilization' }
            : {}),
          lastTransitionTime: ago(30),
        },
      ],
    },
  }
}

export interface ClaimTraits extends Traits {
  /** `Bound` if it is left out. */
  readonly phase?: 'Pending' | 'Bound' | 'Lost'
  readonly storageClass?: string
  readonly volume?: string
  /** `1Gi` if it is left out. */
  readonly size?: string
}

export function claim(traits: ClaimTraits): PersistentVolumeClaim {
  const { name, phase = 'Bound', storageClass = 'standard', volume = `pv-${name}`, size = '1Gi' } = traits
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: meta(traits),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      storageClassName: storageClass,
      ...(phase === 'Pending' ? {} : { volumeName: volume }),
    },
    status: phase === 'Pending' ? { phase } : { phase, capacity: { storage: size } },
  }
}

export interface EventTraits {
  /** What it is about. */
  readonly about: Owner
  readonly reason: string
  readonly message: string
  /** `Normal` if it is left out. */
  readonly type?: 'Normal' | 'Warning'
  readonly count?: number
  /** When it was seen last. */
  readonly secondsAgo?: number
}

export function event({
  about,
  reason,
  message,
  type = 'Normal',
  count = 1,
  secondsAgo = 5,
}: EventTraits): Event {
  const { name = '', namespace = 'default', uid = '' } = about.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: meta({ name: `${name}.${randomUUID().slice(0, 16)}`, namespace }),
    involvedObject: { kind: about.kind ?? 'Pod', name, namespace, uid },
    type,
    reason,
    message,
    count,
    firstTimestamp: ago(secondsAgo + 60),
    lastTimestamp: ago(secondsAgo),
    source: { component: 'kubelet', host: 'node-1' },
  }
}

/** A node that is ready. */
export const node = (traits: Omit<Traits, 'namespace'>, spec: Node['spec'] = {}): Node => {
  const { namespace: _none, ...metadata } = meta(traits)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata,
    spec,
    status: {
      addresses: [{ type: 'InternalIP', address: '172.18.0.2' }],
      allocatable: { cpu: '2', memory: '4028404Ki', pods: '110' },
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: '6.12.0',
        kubeProxyVersion: '',
        kubeletVersion: 'v1.34.0',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 13',
        systemUUID: '',
      },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: ago(600) }],
    },
  }
}
