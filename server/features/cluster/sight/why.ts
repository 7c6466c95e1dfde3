/** Why what a condition says may not be so yet, by what else there is to see. */
import type { See } from '../../../conditions/condition.ts'
import { seenOf, type Seen } from '../../../conditions/seen.ts'
import { places } from '../resources.ts'
import type { Resource } from '../wire.ts'
import { resourceOf, type Entries, type Kind, type Scene } from './scene.ts'
import { absenceOf } from './why/absent.ts'
import { autoscalerTrouble } from './why/autoscalers.ts'
import { claimTrouble } from './why/claims.ts'
import { lingeringOf } from './why/lingering.ts'
import { podsTrouble } from './why/pods.ts'
import { serviceTrouble } from './why/services.ts'
import { workloadTrouble, type Maker } from './why/workloads.ts'
import { identityOf, waitingFor, waitingWhere } from './words.ts'

/** What of some objects of a kind is in the way; undefined where nothing is known to be. */
type Trouble<Name extends Kind> = (scene: Scene, entries: readonly Entries[Name][]) => string | undefined

/** The trouble of the first that has some. */
const firstOf =
  <Entry>(troubleOf: (scene: Scene, entry: Entry) => string | undefined) =>
  (scene: Scene, entries: readonly Entry[]): string | undefined => {
    for (const entry of entries) {
      const trouble = troubleOf(scene, entry)
      if (trouble !== undefined) return trouble
    }
    return undefined
  }

const ofMaker = <Name extends Maker>(kind: Name): Trouble<Name> =>
  firstOf<Entries[Maker]>((scene, entry) => workloadTrouble(scene, kind, entry))

const troubles: { readonly [Name in Kind]?: Trouble<Name> } = {
  pods: podsTrouble,
  deployments: ofMaker('deployments'),
  replicasets: ofMaker('replicasets'),
  statefulsets: ofMaker('statefulsets'),
  daemonsets: ofMaker('daemonsets'),
  jobs: ofMaker('jobs'),
  services: firstOf(serviceTrouble),
  persistentvolumeclaims: firstOf(claimTrouble),
  horizontalpodautoscalers: firstOf((_, autoscaler) => autoscalerTrouble(autoscaler)),
}

const ofPods: readonly Resource[] = ['events', 'persistentvolumeclaims', 'storageclasses']
const ofMakers: readonly Resource[] = ['pods', 'replicasets', ...ofPods]

const clues: Partial<Record<Kind, readonly Resource[]>> = {
  pods: ['replicasets', 'deployments', 'statefulsets', 'daemonsets', 'jobs', ...ofPods],
  deployments: ofMakers,
  replicasets: ofMakers,
  statefulsets: ofMakers,
  daemonsets: ['nodes', ...ofMakers],
  jobs: ofMakers,
  services: ['pods', ...ofPods],
  endpoints: ['services', 'pods', ...ofPods],
  endpointslices: ['services', 'pods', ...ofPods],
  persistentvolumeclaims: ['pods', 'events', 'storageclasses'],
}

/** What is looked at beside a kind itself, to find reasons; where some of it may not be seen, there are fewer. */
export const cluesOf = (kind: Kind): readonly Resource[] => clues[kind] ?? []

/** A sentence: what is in the way or, where nothing is known to be, what is waited for. */
export function whyOf(see: See, kind: Kind, { meant, so }: Seen<Entries[Kind]>, scene: Scene): string {
  if (isTooMany(see, so.length)) return lingeringOf(kind, so) ?? waitingFor(see, kind)
  const mine = seenOf(identityOf(see, kind), meant).so
  const left = mine.filter((entry) => !so.includes(entry))
  return (
    troubleOfService(see, kind, scene) ??
    troubleOf(kind, scene, left) ??
    absenceOf(see, kind, scene) ??
    waitsFor(see, kind, mine.length, scene.namespace)
  )
}

const troubleOf = (kind: Kind, scene: Scene, entries: readonly Entries[Kind][]): string | undefined =>
  // They are of that kind.
  troubles[kind]?.(scene, entries as never)

/** Endpoints are of a Service, which tells why there are none. */
function troubleOfService({ with: fields = {} }: See, kind: Kind, scene: Scene): string | undefined {
  if (kind !== 'endpoints' && kind !== 'endpointslices') return undefined
  const name = fields.service
  const services = scene.entries('services')
  if (name === undefined || !services) return undefined
  const service = services.find((one) => one.name === name)
  if (service) return serviceTrouble(scene, service)
  return (
    absenceOf({ see: 'services', named: String(name) }, 'services', scene) ?? `There is no Service ${name}.`
  )
}

const isTooMany = ({ count }: See, there: number): boolean =>
  typeof count === 'number' ? there > count : count?.startsWith('<') === true

/** @param there how many of those that are meant there are */
function waitsFor(see: See, kind: Kind, there: number, namespace: string): string {
  if (there > 0) return waitingFor(see, kind)
  const isInNone = kind === 'events' || !places[resourceOf(kind)].namespaced
  return waitingWhere(see, isInNone ? undefined : namespace)
}
