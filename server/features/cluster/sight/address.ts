/** Where a pod, a Service, or a pod of a workload can be asked. */
import type { Address, Ask, Verdict } from '../../../conditions/condition.ts'
import type { Pod, Resource, Service, ServicePort } from '../wire.ts'
import { endpointsIn, type Scene } from './scene.ts'
import { cluesOf } from './why.ts'
import { podTrouble } from './why/pods.ts'
import { serviceTrouble } from './why/services.ts'
import { podsOf, workloadTrouble } from './why/workloads.ts'

const usualPort = 8080

/** Kinds by their name in an Ask, of which any ready pod will do. */
const workloads = {
  deployment: 'deployments',
  replicaset: 'replicasets',
  statefulset: 'statefulsets',
  daemonset: 'daemonsets',
  job: 'jobs',
} as const

type Asked = Pick<Ask, 'of' | 'port' | 'tls'>

const kindAndName = ({ of }: Asked): readonly [kind: string, name: string] => {
  const [kind = '', name = ''] = of.split('/')
  return [kind, name]
}

const isWorkload = (kind: string): kind is keyof typeof workloads => kind in workloads

/** What has to be watched to know it, and what to know why it isn't to be had. */
export function lookedAtFor(ask: Asked): {
  readonly own: readonly Resource[]
  readonly clues: readonly Resource[]
} {
  const [kind] = kindAndName(ask)
  if (kind === 'service') return { own: ['services', 'endpointslices'], clues: cluesOf('endpoints') }
  return { own: isWorkload(kind) ? [workloads[kind], 'pods'] : ['pods'], clues: cluesOf('pods') }
}

/** @returns what is there instead, where it isn't to be had yet */
export function addressIn(scene: Scene, ask: Asked): Address | Verdict {
  const [kind, name] = kindAndName(ask)
  if (kind === 'service') return addressOfService(scene, name, ask)
  return isWorkload(kind) ? addressOfAny(scene, kind, name, ask) : addressOfPod(scene, name, ask)
}

const notYet = (saw: string, why: string | null = null): Verdict => ({ holds: false, saw, why, refused: [] })

const at = (host: string, port: number, { tls = false }: Asked, doubt: string | null): Address => ({
  url: new URL(`${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`),
  doubt,
})

function addressOfPod(scene: Scene, name: string, ask: Asked): Address | Verdict {
  const pod = scene.entries('pods')?.find((one) => one.name === name)
  if (!pod) return notYet(`There is no pod ${name}.`)
  const trouble = podTrouble(scene, pod) ?? null
  if (pod.podIP === undefined) return notYet(`The pod ${name} has no address yet.`, trouble)
  return atPod(pod, pod.podIP, ask, trouble)
}

function atPod(pod: Pod, host: string, ask: Asked, trouble: string | null): Address {
  const port = ask.port ?? usualPort
  const said = pod.containers.flatMap(({ ports = [] }) => ports.map((one) => one.port))
  const elsewhere =
    said.length === 0 || said.includes(port)
      ? null
      : `${pod.name} listens at ${said.join(', ')}, and is asked at ${port}.`
  return at(host, port, ask, trouble ?? elsewhere)
}

function addressOfAny(
  scene: Scene,
  kind: keyof typeof workloads,
  name: string,
  ask: Asked,
): Address | Verdict {
  const workload = scene.entries(workloads[kind])?.find((one) => one.name === name)
  if (!workload) return notYet(`There is no ${kind} ${name}.`)
  const pod = podsOf(scene, workload).find(isServing)
  if (pod?.podIP !== undefined) return atPod(pod, pod.podIP, ask, null)
  return notYet(`No pod of ${name} is ready.`, workloadTrouble(scene, workloads[kind], workload) ?? null)
}

const isServing = ({ ready, podIP, deletionTimestamp }: Pod): boolean =>
  ready && podIP !== undefined && deletionTimestamp === undefined

function addressOfService(scene: Scene, name: string, ask: Asked): Address | Verdict {
  const service = scene.entries('services')?.find((one) => one.name === name)
  if (!service) return notYet(`There is no Service ${name}.`)
  const port = portOf(service, ask)
  const ports = service.ports.map((one) => one.port).join(', ')
  if (!port)
    return notYet(`The Service ${name} has the port ${ports}, and is asked at ${ask.port ?? usualPort}.`)
  const trouble = serviceTrouble(scene, service) ?? null
  if (service.externalName !== undefined) return at(service.externalName, port.port, ask, trouble)
  const endpoint = endpointsIn(scene)?.find((one) => one.service === name && one.ready)
  if (!endpoint) return notYet(`No pod of the Service ${name} is ready.`, trouble)
  const [address = 'None'] = service.clusterIPs
  if (address !== 'None') return at(address, port.port, ask, trouble)
  const target = endpoint.ports.find((one) => (one.name ?? '') === (port.name ?? ''))?.port ?? port.port
  return at(endpoint.address, target, ask, trouble)
}

/** Where no port is asked for, its only one will do. */
function portOf({ ports }: Service, ask: Asked): ServicePort | undefined {
  const asked = ports.find(({ port }) => port === (ask.port ?? usualPort))
  return asked ?? (ask.port === undefined && ports.length === 1 ? ports[0] : undefined)
}
