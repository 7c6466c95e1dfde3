/** Which objects a condition means, and which of them are as it says. */
import type { Count, See } from './condition.ts'
import { comparisonIn, compares, isSo, patternIn } from './fields.ts'
import { parseSelector, selects, trySelector, type Labels } from '../text/selector.ts'

/** What every object has. */
export interface Named {
  readonly name: string
  readonly labels?: Labels
}

export interface Seen<Entry> {
  /** Of that name and with those labels. */
  readonly meant: readonly Entry[]
  /** Those of them that are so. */
  readonly so: readonly Entry[]
  readonly holds: boolean
}

/** @param entries all of the condition's kind. @throws Error where `faultIn` finds something */
export function seenOf<Entry extends Named>(see: See, entries: readonly Entry[]): Seen<Entry> {
  const { named, labels = '', with: fields = {} } = see
  const selector = parseSelector(labels)
  const meant = entries.filter(
    (entry) => (named === undefined || entry.name === named) && selects(selector, entry.labels),
  )
  const so = meant.filter((entry) =>
    Object.entries(fields).every(([path, wanted]) => isSo(entry, path, wanted)),
  )
  return { meant, so, holds: isEnough(so.length, see.count) }
}

const isEnough = (count: number, wanted: Count = '>= 1'): boolean => {
  const comparison = typeof wanted === 'string' ? comparisonIn(wanted) : undefined
  return comparison ? compares(count, comparison) : count === Number(wanted)
}

/** The object since which something counts; undefined where all counts. */
export function sinceOf({ since }: See): Required<Pick<See, 'see' | 'named'>> | undefined {
  const [see = '', named = ''] = since?.split('/') ?? []
  return since === undefined ? undefined : { see, named }
}

/** What of a condition can't be read, beyond its schema; undefined where all can. */
export function faultIn({ see, since, labels = '', with: fields = {} }: See): string | undefined {
  if (since !== undefined && see !== 'events') return 'since is of events alone'
  const read = trySelector(labels)
  if ('fault' in read) return `labels: ${read.fault}`
  try {
    for (const wanted of Object.values(fields)) if (typeof wanted === 'string') patternIn(wanted)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
