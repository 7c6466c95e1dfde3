/** What there is to see in a namespace at one moment, by kind. */
import type { See } from '../../../conditions/condition.ts'
import { sinceOf, type Named } from '../../../conditions/seen.ts'
import { resources } from '../resources.ts'
import type { Endpoint, EndpointSlice, EntryOf, Resource } from '../wire.ts'

/** An endpoint of a Service, from whichever slices it is in. */
export interface ServiceEndpoint extends Omit<Endpoint, 'addresses'>, Named {
  readonly service: string
  readonly address: string
  /** The first of its ports, which most have alone. */
  readonly port?: number
  readonly ports: readonly EndpointSlice['ports'][number][]
}

/** What a condition may speak of, and what each is. */
export type Entries = { readonly [Name in Resource]: EntryOf<Name> } & { readonly endpoints: ServiceEndpoint }
export type Kind = keyof Entries

/** Those that conditions may speak of. */
export const kinds: readonly Kind[] = [...resources, 'endpoints']

export const isKind = (name: string): name is Kind => kinds.some((kind) => kind === name)

/** What has to be watched to see a kind. */
export const resourceOf = (kind: Kind): Resource => (kind === 'endpoints' ? 'endpointslices' : kind)

/** Everything that has to be watched to see whether it is so. */
export const resourcesOf = (see: See): Resource[] =>
  [see, sinceOf(see)].flatMap((one) => (one && isKind(one.see) ? resourceOf(one.see) : []))

/** What may be seen of a namespace. */
export interface Scene {
  readonly namespace: string
  /** All there are of a kind; undefined where they may not be seen, or haven't come yet. */
  entries<Name extends Resource>(resource: Name): readonly EntryOf<Name>[] | undefined
}

/** The entries of a kind; as those of a scene. */
export const entriesOf = (scene: Scene, kind: Kind): readonly Entries[Kind][] | undefined =>
  kind === 'endpoints' ? endpointsIn(scene) : scene.entries(kind)

/** The endpoints of all Services, each once however many slices it is in; undefined as of `Scene`. */
export function endpointsIn(scene: Scene): readonly ServiceEndpoint[] | undefined {
  const slices = scene.entries('endpointslices')
  if (!slices) return undefined
  const found = new Map<string, ServiceEndpoint>()
  for (const slice of slices)
    for (const endpoint of slice.endpoints) {
      const key = `${slice.service ?? ''}/${endpoint.pod ?? endpoint.addresses[0] ?? ''}`
      found.set(key, joined(found.get(key), slice, endpoint))
    }
  return [...found.values()]
}

/** One with what another slice says of it: of its other family of addresses, or with other ports. */
function joined(
  known: ServiceEndpoint | undefined,
  { service = '', labels, ports: more }: EndpointSlice,
  { addresses: [address = ''], ...endpoint }: Endpoint,
): ServiceEndpoint {
  const ports = [...(known?.ports ?? []), ...more]
  const port = ports[0]?.port
  return {
    ...endpoint,
    name: endpoint.pod ?? address,
    service,
    address: known?.address ?? address,
    ready: endpoint.ready || known?.ready === true,
    ports: ports.filter((one, index) => ports.findIndex((other) => other.port === one.port) === index),
    ...(port === undefined ? {} : { port }),
    ...(labels ? { labels } : {}),
  }
}
