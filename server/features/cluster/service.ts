/** Services and the endpoints behind them, reduced. */
import type { Service as ReportedService } from 'kubernetes-types/core/v1.d.ts'
import type { EndpointSlice as ReportedSlice } from 'kubernetes-types/discovery/v1.d.ts'
import { defined, equalities, metaOf, textOf, unlessEmpty } from './object.ts'
import type { EndpointSlice, Service } from './wire.ts'

export const serviceEntry = ({ metadata, spec = {}, status }: ReportedService): Service => ({
  ...metaOf(metadata),
  ...defined({
    type: spec.type ?? 'ClusterIP',
    clusterIPs: spec.clusterIPs ?? [],
    externalIPs: spec.externalIPs ?? [],
    externalName: spec.externalName,
    loadBalancer: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
    ports: (spec.ports ?? []).map(({ name, protocol = 'TCP', port, targetPort, nodePort }) =>
      defined({ name, protocol, port, targetPort: textOf(targetPort), nodePort }),
    ),
    selector: spec.selector && equalities(spec.selector).join(','),
    sessionAffinity: spec.sessionAffinity ?? 'None',
    publishNotReadyAddresses: spec.publishNotReadyAddresses ?? false,
  }),
})

/** As the API server sends it: where nothing is behind a Service, `endpoints` is null. */
type ReportedAsIs = Omit<ReportedSlice, 'endpoints'> & {
  readonly endpoints?: ReportedSlice['endpoints'] | null
}

/** Left out, `ready` counts as true and `serving` as `ready`: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export const endpointSliceEntry = ({
  metadata,
  addressType,
  ports,
  endpoints,
}: ReportedAsIs): EndpointSlice => ({
  ...metaOf(metadata),
  ...defined({
    service: metadata?.labels?.['kubernetes.io/service-name'],
    addressType,
    ports: (ports ?? []).map(({ name, port, protocol }) =>
      defined({ name: unlessEmpty(name), port, protocol }),
    ),
    endpoints: (endpoints ?? []).map(({ addresses, conditions = {}, targetRef, nodeName, hostname }) =>
      defined({
        addresses,
        ready: conditions.ready ?? true,
        serving: conditions.serving ?? conditions.ready ?? true,
        terminating: conditions.terminating ?? false,
        pod: targetRef?.kind === 'Pod' ? targetRef.name : undefined,
        node: nodeName,
        hostname,
      }),
    ),
  }),
})
