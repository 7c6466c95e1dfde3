/** How one object is, in few words. */
import { countOf } from '../../../text/count.ts'
import type { Container, EntryOf, Pod, Termination } from '../wire.ts'
import type { Entries, Kind, ServiceEndpoint } from './scene.ts'

type Tell<Name extends Kind> = (entry: Entries[Name]) => string

/** Those of the pod's own, without init containers that have ended. */
export const runsIn = ({ containers }: Pod): readonly Container[] =>
  containers.filter(({ role }) => role !== 'init')

function tellPod(pod: Pod): string {
  const restarts = pod.containers.reduce((sum, { restartCount }) => sum + restartCount, 0)
  const readiness = pod.status === 'Running' ? (pod.ready ? ' and ready' : ', not ready') : ''
  const images = [...new Set(runsIn(pod).map(({ image }) => image))].join(' and ')
  const ends = pod.containers.flatMap(({ lastState }) => (lastState ? [lastEnd(lastState)] : []))
  return [
    `${pod.status}${readiness}`,
    images,
    ...(restarts > 0 ? [countOf(restarts, 'restart')] : []),
    ...ends.slice(0, 1),
  ].join(', ')
}

const lastEnd = ({ reason = 'an end', exitCode }: Termination): string =>
  `the last after ${reason}${exitCode === undefined ? '' : ` with exit code ${exitCode}`}`

const tellReady = ({ ready, desired }: { readonly ready: number; readonly desired: number }): string =>
  `${ready} of ${countOf(desired, 'pod')} ready`

const tellQuantities = ({ used, hard }: EntryOf<'resourcequotas'>): string =>
  Object.entries(hard)
    .map(([name, most]) => `${name} ${used[name] ?? '0'} of ${most}`)
    .join(', ')

function tellDeployment(deployment: EntryOf<'deployments'>): string {
  const { revision, available, desired, updated, paused, images, changeCause } = deployment
  const parts = [
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    images.join(' and '),
    `${available} of ${countOf(desired, 'pod')} available`,
    ...(updated < desired ? [`${updated} of the newest revision`] : []),
    ...(paused ? ['paused'] : []),
    ...(changeCause === undefined ? [] : [`for “${changeCause}”`]),
  ]
  return parts.join(', ')
}

function tellJob({
  succeeded,
  failed,
  active,
  completions,
  suspend,
  conditions = [],
}: EntryOf<'jobs'>): string {
  const end = conditions.find(
    ({ type, status }) => status === 'True' && ['Complete', 'Failed'].includes(type),
  )
  const parts = [
    `${succeeded}${completions === undefined ? '' : ` of ${completions}`} succeeded`,
    ...(active > 0 ? [`${active} at work`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(suspend ? ['suspended'] : []),
    ...(end ? [end.type === 'Complete' ? 'complete' : 'given up'] : []),
  ]
  return parts.join(', ')
}

const tellAutoscaler = ({ current, desired, metrics }: EntryOf<'horizontalpodautoscalers'>): string =>
  [
    `${countOf(current, 'pod')}, wants ${desired}`,
    ...metrics.map(({ name, current: is = 'unknown', target, unit }) => {
      const sign = unit === '%' ? '%' : ''
      return `${name} ${is}${is === 'unknown' ? '' : sign} of ${target}${sign}`
    }),
  ].join(', ')

const tellService = ({ type, selector, ports, clusterIPs, externalName }: EntryOf<'services'>): string =>
  [
    type === 'ExternalName' ? `a name for ${externalName ?? ''}` : type,
    ...clusterIPs.slice(0, 1).map((address) => (address === 'None' ? 'headless' : `at ${address}`)),
    ...ports.map(
      ({ port, targetPort }) => `port ${port}${targetPort === undefined ? '' : ` to ${targetPort}`}`,
    ),
    ...(selector === undefined ? [] : [`selects ${selector}`]),
  ].join(', ')

const tellEndpoint = ({ ready, terminating, address, port }: ServiceEndpoint): string =>
  `${address}${port === undefined ? '' : ` at port ${port}`}, ${terminating ? 'ending' : ready ? 'ready' : 'not ready'}`

const tellClaim = ({ phase, volume, capacity, requested }: EntryOf<'persistentvolumeclaims'>): string =>
  phase === 'Bound'
    ? `Bound to ${volume ?? ''}, ${capacity ?? ''}`
    : `${phase}, asks for ${requested ?? 'nothing'}`

const tellers: { readonly [Name in Kind]: Tell<Name> } = {
  pods: tellPod,
  services: tellService,
  endpoints: tellEndpoint,
  endpointslices: ({ endpoints }) =>
    `${endpoints.filter(({ ready }) => ready).length} of ${countOf(endpoints.length, 'endpoint')} ready`,
  replicasets: tellReady,
  deployments: tellDeployment,
  statefulsets: tellReady,
  daemonsets: ({ ready, desired }) => `ready on ${ready} of ${countOf(desired, 'node')}`,
  jobs: tellJob,
  cronjobs: ({ schedule, suspend, lastScheduleTime }) =>
    `${schedule}, ${suspend ? 'suspended' : lastScheduleTime === undefined ? 'never ran' : `ran last at ${lastScheduleTime}`}`,
  horizontalpodautoscalers: tellAutoscaler,
  poddisruptionbudgets: ({ disruptionsAllowed, currentHealthy, desiredHealthy }) =>
    `${currentHealthy} healthy, ${desiredHealthy} have to stay, ${disruptionsAllowed} may go`,
  persistentvolumeclaims: tellClaim,
  resourcequotas: tellQuantities,
  limitranges: ({ limits }) => limits.map(({ type }) => type).join(', '),
  controllerrevisions: ({ revision }) => `revision ${revision}`,
  events: ({ reason, object, message }) =>
    `${reason} of ${object.kind.toLowerCase()} ${object.name}: ${message}`,
  nodes: ({ ready, unschedulable, taints }) =>
    [ready ? 'ready' : 'not ready', ...(unschedulable ? ['cordoned'] : []), ...taints].join(', '),
  persistentvolumes: ({ phase, capacity = '', claim }) =>
    `${phase}, ${capacity}${claim ? `, of claim ${claim.name}` : ''}`,
  storageclasses: ({ provisioner, isDefault }) => `${provisioner}${isDefault ? ', the default' : ''}`,
}

/** Without its name, but for events: `Running and ready, kuard:blue`. */
export const tell = (kind: Kind, entry: Entries[Kind]): string =>
  // An entry is of its kind.
  tellers[kind](entry as never)

/** The fields that are told, by their paths. */
const told: Partial<Record<Kind, RegExp>> = {
  pods: /^(?:status|phase|ready|containers\.[^.]+\.(?:image|ready|restartCount|state|reason|lastState\.(?:reason|exitCode)))$/,
  services: /^(?:type|selector|externalName|clusterIPs.*|ports.*)$/,
  endpoints: /^(?:service|ready|terminating|address|port|pod)$/,
  endpointslices: /^(?:service|endpoints.*ready)$/,
  replicasets: /^(?:ready|desired)$/,
  deployments: /^(?:revision|images.*|available|desired|updated|paused|changeCause)$/,
  statefulsets: /^(?:ready|desired)$/,
  daemonsets: /^(?:ready|desired)$/,
  jobs: /^(?:succeeded|completions|active|failed|suspend|conditions\.(?:Complete|Failed).*)$/,
  cronjobs: /^(?:schedule|suspend|lastScheduleTime)$/,
  horizontalpodautoscalers: /^(?:current|desired|metrics.*)$/,
  poddisruptionbudgets: /^(?:disruptionsAllowed|currentHealthy|desiredHealthy)$/,
  persistentvolumeclaims: /^(?:phase|volume|capacity|requested)$/,
  resourcequotas: /^(?:used|hard)\./,
  controllerrevisions: /^revision$/,
  events: /./,
  nodes: /^(?:ready|unschedulable|taints.*)$/,
  persistentvolumes: /^(?:phase|capacity|claim.*)$/,
  storageclasses: /^(?:provisioner|isDefault)$/,
}

export const isTold = (kind: Kind, path: string): boolean => told[kind]?.test(path) ?? false
