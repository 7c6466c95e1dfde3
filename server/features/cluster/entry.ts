/** How the objects of each kind are reduced to what is shown. */
import { eventEntry } from './event.ts'
import { autoscalerEntry, budgetEntry, limitRangeEntry, quotaEntry } from './limits.ts'
import { nodeEntry } from './node.ts'
import { podEntry } from './pod.ts'
import { endpointSliceEntry, serviceEntry } from './service.ts'
import { claimEntry, storageClassEntry, volumeEntry } from './storage.ts'
import type { EntryOf, Resource } from './wire.ts'
import {
  controllerRevisionEntry,
  cronJobEntry,
  daemonSetEntry,
  deploymentEntry,
  jobEntry,
  replicaSetEntry,
  statefulSetEntry,
} from './workload.ts'

/** Takes an object as the API server has it; of which kind, the path that it came from says. */
type Reduce<Name extends Resource> = (object: never) => EntryOf<Name>

/** By the resource's name. */
export const reducers: { readonly [Name in Resource]: Reduce<Name> } = {
  pods: podEntry,
  services: serviceEntry,
  endpointslices: endpointSliceEntry,
  replicasets: replicaSetEntry,
  deployments: deploymentEntry,
  statefulsets: statefulSetEntry,
  daemonsets: daemonSetEntry,
  jobs: jobEntry,
  cronjobs: cronJobEntry,
  horizontalpodautoscalers: autoscalerEntry,
  poddisruptionbudgets: budgetEntry,
  persistentvolumeclaims: claimEntry,
  resourcequotas: quotaEntry,
  limitranges: limitRangeEntry,
  controllerrevisions: controllerRevisionEntry,
  events: eventEntry,
  nodes: nodeEntry,
  persistentvolumes: volumeEntry,
  storageclasses: storageClassEntry,
}
