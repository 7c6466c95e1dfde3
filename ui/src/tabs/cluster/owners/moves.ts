/** What came under another owner, or lost its own, between two states of the namespace: quarantine, adoption, orphans. */
import type { OwnerReference } from '../../../../../server/features/cluster/wire.ts'
import { controllerOf } from '../controller.ts'
import { selects, trySelector, type Labels } from '../../../../../server/text/selector.ts'

/** What may have an owner. */
export interface Owned {
  readonly name: string
  readonly uid: string
  readonly labels?: Labels
  readonly ownerReferences?: readonly OwnerReference[]
}

/** What may own others; as it is of any kind. */
export interface Owning {
  readonly kind: string
  readonly object: {
    readonly uid: string
    readonly selector?: string
    readonly deletionTimestamp?: string
  }
}

/** By their uids. */
export type Owners = ReadonlyMap<string, Owning>

/** What is known of those that may own. */
export interface Known {
  readonly owners: Owners
  /** Those whose objects are all among the owners. */
  readonly kinds: ReadonlySet<string>
}

/** A change of place. */
export interface Move {
  /** When it was told, in milliseconds since 1970. */
  readonly time: number
  readonly kind: string
  readonly name: string
  readonly uid: string
  /** Left out where nobody owned it. */
  readonly from?: OwnerReference
  /** Left out where nobody owns it. */
  readonly to?: OwnerReference
  /** The selector of the one that let it go, if its labels no longer matched that. */
  readonly unmatched?: string
  /** Whether the one that let it go was deleted by then, or stays; left out where that can't be seen, or another came after it. */
  readonly letGoBy?: 'deleted' | 'staying'
}

/**
 * What has another owner than before.
 * @param kind of all those before and after
 * @param time of the change, in milliseconds since 1970
 */
export function movesBetween(
  kind: string,
  before: readonly Owned[],
  after: readonly Owned[],
  { owners, kinds }: Known,
  time: number,
): Move[] {
  const earlier = new Map(before.map((one) => [one.uid, one]))
  return after.flatMap((now) => {
    const was = earlier.get(now.uid)
    if (was === undefined || was === now) return []
    const [from, to] = [controllerOf(was), controllerOf(now)]
    if (from?.uid === to?.uid) return []
    const selector = from && owners.get(from.uid)?.object.selector
    const { name, uid, labels } = now
    return {
      ...{ time, kind, name, uid },
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
      ...(selector !== undefined && !isSelected(selector, labels) ? { unmatched: selector } : {}),
      ...(from && !to && kinds.has(from.kind) ? { letGoBy: fateOf(owners.get(from.uid)) } : {}),
    }
  })
}

const fateOf = (owner: Owning | undefined): 'deleted' | 'staying' =>
  owner === undefined || owner.object.deletionTimestamp !== undefined ? 'deleted' : 'staying'

/** A selector that can't be read is nobody's fault here, and so nobody's reason. */
function isSelected(text: string, labels: Labels | undefined): boolean {
  const read = trySelector(text)
  return 'fault' in read || selects(read.selector, labels)
}

/** Objects that changed their place alike, and at once. */
export interface MovedTogether extends Omit<Move, 'name' | 'uid'> {
  readonly names: readonly string[]
}

/** What comes within so long belongs together, in milliseconds. */
const togetherMs = 1_000

/** @param moves oldest first @returns the same, oldest first */
export function together(moves: readonly Move[]): MovedTogether[] {
  const groups: (MovedTogether & { readonly names: string[] })[] = []
  for (const { uid: _uid, name, ...move } of moves) {
    const group = groups.findLast((one) => isAlike(one, move))
    if (group) group.names.push(name)
    else groups.push({ ...move, names: [name] })
  }
  return groups
}

type Way = Omit<MovedTogether, 'names'>

const isAlike = (one: Way, other: Way): boolean =>
  other.time - one.time < togetherMs &&
  one.kind === other.kind &&
  one.from?.uid === other.from?.uid &&
  one.to?.uid === other.to?.uid &&
  one.unmatched === other.unmatched &&
  one.letGoBy === other.letGoBy

/** What happened, after the objects' names, such as `left ReplicaSet kuard: its labels no longer match app=kuard`. */
export function moveWords({ names, from, to, unmatched, letGoBy }: MovedTogether, owners: Owners): string {
  const [was, its] = names.length === 1 ? ['was', 'its'] : ['were', 'their']
  const selector = to && owners.get(to.uid)?.object.selector
  const because = selector === undefined ? '' : `: ${its} labels match ${selector}`
  if (from && to) return `went from ${nameOf(from)} to ${nameOf(to)}${because}`
  if (to) return `${was} adopted by ${nameOf(to)}${because}`
  if (!from) return ''
  if (unmatched !== undefined) return `left ${nameOf(from)}: ${its} labels no longer match ${unmatched}`
  if (letGoBy === 'deleted') return `left ${nameOf(from)}, which was deleted with --cascade=orphan`
  return `left ${nameOf(from)}${letGoBy === 'staying' ? `: ${its} owner reference was taken away` : ''}`
}

const nameOf = ({ kind, name }: OwnerReference): string => `${kind} ${name}`
