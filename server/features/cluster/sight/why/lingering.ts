/** Why something is there that is to be gone. */
import type { Entries, Kind } from '../scene.ts'
import { nounOf } from '../words.ts'

/** @returns a sentence; undefined where nothing is known to keep them */
export function lingeringOf(kind: Kind, entries: readonly Entries[Kind][]): string | undefined {
  const objects = entries.filter((entry) => 'uid' in entry)
  const ending = objects.find(({ deletionTimestamp }) => deletionTimestamp !== undefined)
  if (ending)
    return `The ${nounOf(kind)} ${ending.name} is being deleted, and may take some more seconds to end.`
  for (const { name, ownerReferences = [] } of objects) {
    const owner = ownerReferences.find(({ controller }) => controller)
    if (owner) return `${name} is of the ${owner.kind} ${owner.name}, which makes another when it goes.`
  }
  return undefined
}
