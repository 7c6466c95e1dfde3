/** The views of the Cluster tab. A new view is one line here. */
import type { Component } from 'svelte'
import type { Resource } from '../../../../server/features/cluster/wire.ts'

/** One way to look at the namespace. */
export interface View {
  readonly word: string
  /** The tab's own address for the first view, and one below it for each other. */
  readonly path: string
  /** What it shows the objects of; they are watched while it is on show. */
  readonly resources: readonly Resource[]
  /** What would be here, in a sentence, for who may not see it. */
  readonly shows: string
  /** Brings what shows it: each view is a file of its own, so that the first one is there at once. */
  readonly load: () => Promise<{ default: Component }>
}

const root = '-/cluster'

export const views: readonly View[] = [
  {
    word: 'Pods',
    path: root,
    resources: ['pods', 'nodes'],
    shows: 'Every pod of the namespace as it comes and goes, with its state, its restarts and its node.',
    load: () => import('./pods/PodsView.svelte'),
  },
  {
    word: 'Owners',
    path: `${root}/owners`,
    resources: [
      'pods',
      'deployments',
      'replicasets',
      'statefulsets',
      'daemonsets',
      'jobs',
      'cronjobs',
      'nodes',
    ],
    shows:
      'Who makes which pods: Deployments and their ReplicaSets, Jobs, CronJobs, StatefulSets, DaemonSets.',
    load: () => import('./owners/OwnersView.svelte'),
  },
  {
    word: 'Services',
    path: `${root}/services`,
    resources: ['services', 'endpointslices', 'pods'],
    shows: 'Each Service with a lamp for every endpoint behind it.',
    load: () => import('./services/ServicesView.svelte'),
  },
  {
    word: 'Rollout',
    path: `${root}/rollout`,
    resources: ['deployments', 'replicasets', 'pods'],
    shows: 'Old and new pods of a Deployment over time, and how far its rollout is.',
    load: () => import('./rollout/RolloutView.svelte'),
  },
  {
    word: 'Scaling and limits',
    path: `${root}/scaling`,
    resources: [
      'horizontalpodautoscalers',
      'poddisruptionbudgets',
      'resourcequotas',
      'limitranges',
      'pods',
      'events',
    ],
    shows: 'Autoscalers with what they measure, disruption budgets, quotas, requests and limits.',
    load: () => import('./scaling/ScalingView.svelte'),
  },
  {
    word: 'Storage',
    path: `${root}/storage`,
    resources: ['persistentvolumeclaims', 'persistentvolumes', 'storageclasses', 'pods', 'events'],
    shows: 'Each claim with its volume, its class, and who mounts it.',
    load: () => import('./storage/StorageView.svelte'),
  },
  {
    word: 'Events',
    path: `${root}/events`,
    resources: ['events'],
    shows: 'What Kubernetes tells of the objects here, newest first.',
    load: () => import('./events/EventsView.svelte'),
  },
  {
    word: 'May I',
    path: `${root}/may-i`,
    resources: [],
    shows: 'What this pod’s token is, and what it allows.',
    load: () => import('./access/AccessView.svelte'),
  },
]
