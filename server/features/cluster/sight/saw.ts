/** What is there of what a condition means, in a sentence. */
import type { See } from '../../../conditions/condition.ts'
import { valuesAt } from '../../../conditions/fields.ts'
import { seenOf, type Seen } from '../../../conditions/seen.ts'
import type { Entries, Kind } from './scene.ts'
import { isTold, tell } from './tell.ts'
import { identityOf, meantBy, predicateOf } from './words.ts'

/** So many are told one by one. */
const mostTold = 3

type Entry = Entries[Kind]

/** Such as `2 of 3 pods with app=kuard are ready; kuard-abc: Pending, kuard:blue.` */
export function sawOf(see: See, kind: Kind, seen: Seen<Entry>): string {
  const { so: meant } = seenOf(identityOf(see, kind), seen.meant)
  const [first] = newestFirst(kind, seen.so.length > 0 ? seen.so : meant)
  if (!first) return `There is no ${meantBy(see, kind)}.`
  if (kind === 'events') return sentence(tell(kind, first))
  if (see.named !== undefined) return sentence(`${withName(kind, first)}${otherFields(see, kind, first)}`)
  return sentence([sumOf(see, kind, meant, seen.so), ...others(see, kind, meant, seen.so)].join('; '))
}

/** How many there are, and how many of them are so. */
function sumOf(see: See, kind: Kind, meant: readonly Entry[], so: readonly Entry[]): string {
  const predicate = predicateOf(see, kind, meant.length === 1 ? 1 : so.length)
  if (predicate === '')
    return `There ${meant.length === 1 ? 'is' : 'are'} ${meant.length} ${meantBy(see, kind, meant.length)}`
  if (meant.length === 1 && so.length === 1) return `The only ${meantBy(see, kind)} ${predicate}`
  const amount = so.length === 0 ? 'None' : String(so.length)
  return `${amount} of ${meant.length} ${meantBy(see, kind, meant.length)} ${predicate}`
}

/** Those that are not so, one by one. */
function others(see: See, kind: Kind, meant: readonly Entry[], so: readonly Entry[]): string[] {
  const left = newestFirst(
    kind,
    meant.filter((entry) => !so.includes(entry)),
  )
  const told = left
    .slice(0, mostTold)
    .map((entry) => `${withName(kind, entry)}${otherFields(see, kind, entry)}`)
  return [...told, ...(left.length > mostTold ? [`${left.length - mostTold} more`] : [])]
}

const withName = (kind: Kind, entry: Entry): string =>
  kind === 'events' ? tell(kind, entry) : `${entry.name}: ${tell(kind, entry)}`

/** The fields that are asked for and that telling it leaves out. */
function otherFields({ with: fields = {} }: See, kind: Kind, entry: Entry): string {
  return Object.keys(fields)
    .filter((path) => !isTold(kind, path))
    .map((path) => {
      const values = [
        ...new Set(
          valuesAt(entry, path).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
        ),
      ]
      const [, owner] = /^ownerReferences\.(.+)\.kind$/.exec(path) ?? []
      if (owner !== undefined)
        return values.length === 0 ? `, not of ${owner}` : `, of ${values.join(', ')} ${owner}`
      return values.length === 0 ? `, no ${path}` : `, ${path} ${values.join(', ')}`
    })
    .join('')
}

const newestFirst = (kind: Kind, entries: readonly Entry[]): Entry[] =>
  entries.toSorted((one, other) => (timeOf(kind, one) < timeOf(kind, other) ? 1 : -1))

const timeOf = (kind: Kind, entry: Entry): string => {
  if (kind === 'events' && 'lastTimestamp' in entry) return entry.lastTimestamp ?? ''
  return 'creationTimestamp' in entry ? (entry.creationTimestamp ?? '') : ''
}

/** What ends in an object's message may have its own end. */
const sentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`)
