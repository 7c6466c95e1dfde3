/** Where each kind is in Kubernetes' API, which is also what a rule of RBAC says to allow it. */
import type { Resource } from './wire.ts'

/** Of one kind. */
export interface Place {
  /** Empty for the core. */
  readonly group: string
  readonly version: string
  /** False for what belongs to no namespace, and wants a ClusterRole. */
  readonly namespaced: boolean
}

const core: Place = { group: '', version: 'v1', namespaced: true }
const apps: Place = { ...core, group: 'apps' }
const batch: Place = { ...core, group: 'batch' }
const storage = 'storage.k8s.io'

/** By the resource's name. */
export const places: Readonly<Record<Resource, Place>> = {
  pods: core,
  services: core,
  endpointslices: { ...core, group: 'discovery.k8s.io' },
  replicasets: apps,
  deployments: apps,
  statefulsets: apps,
  daemonsets: apps,
  jobs: batch,
  cronjobs: batch,
  horizontalpodautoscalers: { ...core, group: 'autoscaling', version: 'v2' },
  poddisruptionbudgets: { ...core, group: 'policy' },
  persistentvolumeclaims: core,
  resourcequotas: core,
  limitranges: core,
  controllerrevisions: apps,
  events: core,
  nodes: { ...core, namespaced: false },
  persistentvolumes: { ...core, namespaced: false },
  storageclasses: { ...core, group: storage, namespaced: false },
}

/** All that are watched. */
export const resources = Object.keys(places) as readonly Resource[]

/** The path of a list: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export function pathOf(resource: Resource, namespace: string): string {
  const { group, version, namespaced } = places[resource]
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return namespaced ? `${root}/namespaces/${namespace}/${resource}` : `${root}/${resource}`
}
