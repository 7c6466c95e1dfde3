/** Nodes, reduced. */
import type { Node as Reported } from 'kubernetes-types/core/v1.d.ts'
import { conditionsOf, defined, metaOf, quantitiesOf } from './object.ts'
import type { Node } from './wire.ts'

const rolePrefix = 'node-role.kubernetes.io/'

export const nodeEntry = ({ metadata, spec = {}, status = {} }: Reported): Node => ({
  ...metaOf(metadata),
  ...defined({
    ready: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    unschedulable: spec.unschedulable ?? false,
    taints: (spec.taints ?? []).map(
      ({ key, value = '', effect }) => `${key}${value && `=${value}`}:${effect}`,
    ),
    roles: Object.keys(metadata?.labels ?? {})
      .filter((label) => label.startsWith(rolePrefix))
      .map((label) => label.slice(rolePrefix.length)),
    addresses: (status.addresses ?? []).map(({ address }) => address),
    kubeletVersion: status.nodeInfo?.kubeletVersion,
    allocatable: quantitiesOf(status.allocatable, ['cpu', 'memory', 'pods']),
    conditions: conditionsOf(status.conditions),
  }),
})
