/** Pods, reduced. */
import type {
  ContainerStatus,
  Pod as Reported,
  PodSpec,
  PodStatus,
  Container as Specified,
  ContainerState,
} from 'kubernetes-types/core/v1.d.ts'
import { defined, metaOf, quantitiesOf, unlessEmpty } from './object.ts'
import { probesOf } from './probe-spec.ts'
import type { Container, Pod, Termination } from './wire.ts'

export function podEntry(pod: Reported): Pod {
  const { metadata, spec, status = {} } = pod
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  return {
    ...metaOf(metadata),
    ...defined({
      node: spec?.nodeName,
      podIP: status.podIP,
      phase: status.phase ?? 'Unknown',
      status: statusWord(pod),
      reason: status.reason,
      message: status.message ?? whyPending(status),
      ready: ready?.status === 'True',
      readySince: ready?.lastTransitionTime ?? undefined,
      qosClass: status.qosClass,
      containers: spec ? containersOf(spec, status) : [],
      claims: unlessEmpty(claimsOf(metadata?.name, spec)),
    }),
  }
}

const whyPending = ({ phase, conditions = [] }: PodStatus): string | undefined =>
  phase === 'Pending'
    ? conditions.find(({ type, status }) => type === 'PodScheduled' && status !== 'True')?.message
    : undefined

/** A claim that is made for a pod alone is named by both: https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/ */
const claimsOf = (pod = '', spec: PodSpec | undefined): string[] =>
  (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    ephemeral ? `${pod}-${name}` : (persistentVolumeClaim?.claimName ?? []),
  )

function containersOf(spec: PodSpec, status: PodStatus): Container[] {
  const entry =
    (role: Container['role'], statuses: readonly ContainerStatus[] | undefined) => (specified: Specified) =>
      containerEntry(
        specified,
        role === 'init' && specified.restartPolicy === 'Always' ? 'sidecar' : role,
        statuses?.find(({ name }) => name === specified.name),
      )
  return [
    ...(spec.initContainers ?? []).map(entry('init', status.initContainerStatuses)),
    ...spec.containers.map(entry('app', status.containerStatuses)),
    ...(spec.ephemeralContainers ?? []).map(entry('ephemeral', status.ephemeralContainerStatuses)),
  ]
}

function containerEntry(
  specified: Specified,
  role: Container['role'],
  status: ContainerStatus | undefined,
): Container {
  const { name, image, resources, ports } = specified
  const { waiting, running, terminated } = status?.state ?? {}
  return defined({
    name,
    role,
    image: image ?? status?.image ?? '',
    state: stateOf(status?.state),
    reason: waiting?.reason ?? terminated?.reason,
    message: waiting?.message,
    ready: status?.ready ?? false,
    restartCount: status?.restartCount ?? 0,
    startedAt: running?.startedAt ?? undefined,
    terminated: terminated && terminationOf(terminated),
    lastState: status?.lastState?.terminated && terminationOf(status.lastState.terminated),
    requests: unlessEmpty(quantitiesOf(resources?.requests, shownResources)),
    limits: unlessEmpty(quantitiesOf(resources?.limits, shownResources)),
    ports: unlessEmpty(ports?.map(({ name, containerPort: port }) => defined({ name, port }))),
    probes: unlessEmpty(
      Object.fromEntries(probesOf({ containers: [specified] }).map(({ type, action }) => [type, action])),
    ),
  })
}

const shownResources = ['cpu', 'memory']

const stateOf = (state: ContainerState | undefined): Container['state'] => {
  if (state?.running) return 'running'
  return state?.terminated ? 'terminated' : 'waiting'
}

const terminationOf = ({
  reason,
  exitCode,
  signal,
  message,
  startedAt,
  finishedAt,
}: NonNullable<ContainerState['terminated']>): Termination =>
  defined({
    reason,
    exitCode,
    signal,
    message,
    startedAt: startedAt ?? undefined,
    finishedAt: finishedAt ?? undefined,
  })

/** The word in kubectl's column STATUS. */
function statusWord({ metadata, spec, status = {} }: Reported): string {
  const isOver = status.phase === 'Succeeded' || status.phase === 'Failed'
  if (metadata?.deletionTimestamp && status.reason === 'NodeLost') return 'Unknown'
  if (metadata?.deletionTimestamp && !isOver) return 'Terminating'
  const isInitialized = status.conditions?.some(
    ({ type, status: is }) => type === 'Initialized' && is === 'True',
  )
  // Once all are initialised, what is left of them are sidecars.
  const initialising = spec && initWord(spec, status)
  return (
    (isInitialized ? undefined : initialising) ??
    containerWord(status) ??
    initialising ??
    status.reason ??
    schedulingWord(status) ??
    status.phase ??
    'Unknown'
  )
}

const schedulingWord = ({ conditions = [] }: PodStatus): string | undefined =>
  conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
    ? 'SchedulingGated'
    : undefined

/** What the first init container that isn't done is at; undefined if all are. */
function initWord(
  { initContainers = [] }: PodSpec,
  { initContainerStatuses = [] }: PodStatus,
): string | undefined {
  const isDone = ({ name, state, started }: ContainerStatus): boolean => {
    const isSidecar = initContainers.some((one) => one.name === name && one.restartPolicy === 'Always')
    return state?.terminated?.exitCode === 0 || (isSidecar && started === true)
  }
  const index = initContainerStatuses.findIndex((one) => !isDone(one))
  const state = initContainerStatuses[index]?.state
  if (index < 0) return undefined
  if (state?.terminated) return `Init:${endWord(state.terminated)}`
  const reason = state?.waiting?.reason
  if (reason && reason !== 'PodInitializing') return `Init:${reason}`
  return `Init:${index}/${initContainers.length}`
}

/** What the first container says that doesn't run; `Running` if others do. */
function containerWord({ containerStatuses = [], conditions = [] }: PodStatus): string | undefined {
  const words = containerStatuses.flatMap(({ state }) => {
    if (state?.waiting) return state.waiting.reason ?? []
    return state?.terminated ? endWord(state.terminated) : []
  })
  const [word] = words
  const runs = containerStatuses.some(({ ready, state }) => ready && state?.running)
  if (word !== 'Completed' || !runs) return word
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True') ? 'Running' : 'NotReady'
}

const endWord = ({ reason, signal, exitCode }: NonNullable<ContainerState['terminated']>): string => {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}
