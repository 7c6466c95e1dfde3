/** What came of looking for what a condition says. */
import type { See, Verdict } from '../../../conditions/condition.ts'
import { patternIn } from '../../../conditions/fields.ts'
import { inTime } from '../../../conditions/in-time.ts'
import { faultIn, seenOf, sinceOf } from '../../../conditions/seen.ts'
import { sawOf } from './saw.ts'
import { entriesOf, isKind, kinds, resourceOf, type Entries, type Kind, type Scene } from './scene.ts'
import { whyOf } from './why.ts'

/** How long patterns are looked for in the fields of objects, in milliseconds. */
const searchMs = 1_000

/** @returns `holds` null where the scene doesn't have its kind, or the condition is none that can be looked for */
export function verdictOf(see: See, scene: Scene): Verdict {
  const kind = see.see
  if (!isKind(kind)) return unseen(`Nothing can see ${kind}; there are ${kinds.join(', ')}.`)
  const fault = faultIn(see)
  if (fault !== undefined) return unseen(`The condition can’t be read: ${fault}.`)
  const entries = entriesFor(see, kind, scene)
  if (!entries) return unseen(`The ${kind} aren’t listed yet.`)
  // A pattern of somebody's own may be one that never ends; without one a slow machine is no reason to stop.
  const seen = hasPattern(see) ? inTime(searchMs, () => seenOf(see, entries)) : seenOf(see, entries)
  if (!seen) return unseen('It takes too long to look for the patterns of this condition.')
  return {
    holds: seen.holds,
    saw: sawOf(see, kind, seen),
    why: seen.holds ? null : whyOf(see, kind, seen, scene),
    refused: [],
  }
}

/** All of a kind; of events, those that count. */
function entriesFor(see: See, kind: Kind, scene: Scene): readonly Entries[Kind][] | undefined {
  const since = sinceOf(see)
  if (!since || !isKind(since.see)) return entriesOf(scene, kind)
  const made = scene.entries(resourceOf(since.see))?.find(({ name }) => name === since.named)
  // Both are told by the second.
  const from = Date.parse(made?.creationTimestamp ?? '')
  return scene.entries('events')?.filter(({ lastTimestamp = '' }) => Date.parse(lastTimestamp) >= from)
}

const hasPattern = ({ with: fields = {} }: See): boolean =>
  Object.values(fields).some((wanted) => typeof wanted === 'string' && patternIn(wanted) !== undefined)

/** Where it can't be told whether it holds. @param saw why, in a sentence */
export const unseen = (saw: string, refused: readonly string[] = []): Verdict => ({
  holds: null,
  saw,
  why: null,
  refused: [...refused],
})
