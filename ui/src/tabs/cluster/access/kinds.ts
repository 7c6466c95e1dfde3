/** The kinds that most clusters have, as people name them: kubectl learns them from the API server, which this page doesn't ask. */

/** By API group: the names in rules, each with the short ones that kubectl knows. */
const kindsByGroup: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '': {
    configmaps: ['cm'],
    endpoints: ['ep'],
    events: ['ev'],
    limitranges: ['limits'],
    namespaces: ['ns'],
    nodes: ['no'],
    persistentvolumeclaims: ['pvc'],
    persistentvolumes: ['pv'],
    pods: ['po'],
    replicationcontrollers: ['rc'],
    resourcequotas: ['quota'],
    secrets: [],
    serviceaccounts: ['sa'],
    services: ['svc'],
  },
  apps: {
    controllerrevisions: [],
    daemonsets: ['ds'],
    deployments: ['deploy'],
    replicasets: ['rs'],
    statefulsets: ['sts'],
  },
  autoscaling: { horizontalpodautoscalers: ['hpa'] },
  batch: { cronjobs: ['cj'], jobs: [] },
  'coordination.k8s.io': { leases: [] },
  'discovery.k8s.io': { endpointslices: [] },
  'networking.k8s.io': { ingresses: ['ing'], networkpolicies: ['netpol'] },
  policy: { poddisruptionbudgets: ['pdb'] },
  'rbac.authorization.k8s.io': { clusterrolebindings: [], clusterroles: [], rolebindings: [], roles: [] },
  'storage.k8s.io': { storageclasses: ['sc'] },
}

export interface KnownKind {
  /** As rules have it. */
  readonly resource: string
  /** Empty for the core. */
  readonly group: string
}

const singularOf = (plural: string): string =>
  plural.replace(/(?:ies|sses|s)$/, (end) => ({ ies: 'y', sses: 'ss' })[end] ?? '')

const known: ReadonlyMap<string, KnownKind> = new Map(
  Object.entries(kindsByGroup).flatMap(([group, kinds]) =>
    Object.entries(kinds).flatMap(([resource, short]) =>
      [resource, singularOf(resource), ...short].map((name) => [name, { resource, group }] as const),
    ),
  ),
)

/** @param name in the plural, the singular or short; undefined for what isn't known here */
export const kindOf = (name: string): KnownKind | undefined => known.get(name.toLowerCase())
