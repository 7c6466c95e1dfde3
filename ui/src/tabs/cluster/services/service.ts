/** What is to be said of a Service beside its lamps. */
import type { EndpointSlice, Pod, Service, ServicePort } from '../../../../../server/features/cluster/wire.ts'
import { countOf } from '../../../lib/format.ts'
import { endpointsOf, type EndpointFigures } from '../figures.ts'
import { selected } from '../../../../../server/text/selector.ts'
import { recent, type SpansByKey } from '../spans.ts'
import { lampOf, lampSpans, type ShownEndpoint } from './lamp.ts'

/**
 * Those that are there, and below them those that went within the last few minutes, by the name of their Service.
 * @param slices as they are told now
 * @param now in milliseconds since 1970
 */
export function endpointsByService(
  slices: readonly EndpointSlice[],
  history: SpansByKey<EndpointFigures>,
  now: number,
): Map<string, ShownEndpoint[]> {
  const present = new Map(slices.flatMap(endpointsOf))
  const found = new Map<string, ShownEndpoint[]>()
  const show = (key: string, figures: EndpointFigures, isGone: boolean): void => {
    const spans = lampSpans(recent(history.get(key) ?? [], now))
    const shown = { ...figures, key, lamp: lampOf(isGone ? undefined : figures), spans }
    const others = found.get(figures.service)
    if (others) others.push(shown)
    else found.set(figures.service, [shown])
  }
  for (const [key, figures] of [...present].sort(byKey)) show(key, figures, false)
  for (const [key, spans] of [...history].sort(byKey)) {
    const last = recent(spans, now).at(-1)
    if (last && !present.has(key)) show(key, last.value, true)
  }
  return found
}

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1

/** How many of a Service's endpoints are ready. */
export interface Readiness {
  readonly ready: number
  readonly total: number
}

export function readinessOf(endpoints: readonly ShownEndpoint[]): Readiness {
  const present = endpoints.filter(({ lamp }) => lamp.state !== 'gone')
  return { ready: present.filter(({ lamp }) => lamp.state === 'ready').length, total: present.length }
}

/** Under which addresses it is reached, each with what kind it is. */
export function addressesOf(service: Service): { readonly kind: string; readonly text: string }[] {
  const { type, clusterIPs, externalIPs, externalName, loadBalancer } = service
  if (type === 'ExternalName') return [{ kind: 'external name', text: externalName ?? '' }]
  return [
    ...clusterIPs.map((text) => ({ kind: text === 'None' ? 'headless' : 'cluster', text })),
    ...loadBalancer.map((text) => ({ kind: 'load balancer', text })),
    ...externalIPs.map((text) => ({ kind: 'external', text })),
    ...(type === 'LoadBalancer' && loadBalancer.length === 0
      ? [{ kind: 'load balancer', text: 'pending' }]
      : []),
  ]
}

/** Such as `80 → 8080/TCP (http), node port 30080`. */
export function portText({ name, protocol, port, targetPort, nodePort }: ServicePort): string {
  const target = targetPort === undefined ? '' : ` → ${targetPort}`
  const named = name === undefined || name === '' ? '' : ` (${name})`
  return `${String(port)}${target}/${protocol}${named}${nodePort === undefined ? '' : `, node port ${String(nodePort)}`}`
}

/** What keeps a Service from having endpoints, or explains them. */
export interface Finding {
  readonly isTrouble: boolean
  readonly words: string
}

/**
 * Says where a Service's endpoints come from, or why it has none.
 * @param pods all of the namespace; undefined where they aren't known
 */
export function findingOf(service: Service, pods: readonly Pod[] | undefined): Finding {
  if (service.type === 'ExternalName')
    return {
      isTrouble: false,
      words: 'A CNAME record in DNS and nothing else: no address of its own, no endpoints.',
    }
  if (service.selector === undefined || service.selector === '')
    return {
      isTrouble: false,
      words: 'It has no selector: whoever made it fills its EndpointSlices, no controller does.',
    }
  if (!pods) return { isTrouble: false, words: '' }
  const matched = selected(service.selector, pods)
  if (matched.length === 0) return { isTrouble: true, words: 'The selector matches no pod.' }
  const ready = matched.filter((pod) => pod.ready).length
  const matches = `The selector matches ${countOf(matched.length, 'pod')}`
  if (ready > 0) return { isTrouble: false, words: `${matches}, ${String(ready)} of them ready.` }
  return { isTrouble: !service.publishNotReadyAddresses, words: `${matches}, none of which is ready.` }
}
