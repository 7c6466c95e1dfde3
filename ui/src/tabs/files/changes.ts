/** What is different between two readings of a folder. */
import type { FileEntry } from '../../../../server/features/files/wire.ts'
import { formatBytes } from '../../lib/format.ts'
import { visible } from './address.ts'
import { sameBytes } from './excerpt.ts'

/** A file that a volume's link leads to. */
export interface VolumeFile {
  readonly size: number
  readonly modified: string | null
  /** Undefined where there is too much to read all of it. */
  readonly bytes: Uint8Array | undefined
}

/** A folder at one time. */
export interface FolderReading {
  readonly entries: readonly FileEntry[]
  /**
   * In a ConfigMap's, Secret's or projected volume, what its keys lead to, by their paths: kubelet swaps `..data`, and the links
   * themselves stay as they are. Empty anywhere else.
   */
  readonly files: ReadonlyMap<string, VolumeFile>
}

export type ChangeWord = 'new' | 'changed' | 'gone'

export interface Change {
  /** Of the row that it concerns. */
  readonly entry: FileEntry
  /** As it is shown. */
  readonly name: string
  readonly word: ChangeWord
  /** Such as "12 B to 15 B". */
  readonly detail: string | undefined
}

/** In a volume's folder the names that aren't keys begin so. */
export const machinery = '..'

/** What a volume's keys lead through. */
export const volumeLink = '..data'

/** The keys of a volume before the rest, which is how kubelet brings them. */
export function compareReadings(before: FolderReading, after: FolderReading): Change[] {
  const own = compareEntries(before.entries, after.entries)
  const concerned = new Set(own.map(({ entry }) => entry.name))
  const contents = compareFiles(before, after).filter(({ entry }) => !concerned.has(entry.name))
  const isKey = ({ name }: Change) => !name.startsWith(machinery)
  return [...contents, ...own.filter(isKey), ...own.filter((change) => !isKey(change))]
}

function compareEntries(before: readonly FileEntry[], after: readonly FileEntry[]): Change[] {
  const old = new Map(before.map((entry) => [entry.href, entry]))
  const changes: Change[] = []
  for (const entry of after) {
    const was = old.get(entry.href)
    old.delete(entry.href)
    if (!was) changes.push(changeOf(entry, 'new'))
    else if (!isSame(was, entry)) changes.push(changeOf(entry, 'changed', detailOf(was, entry)))
  }
  return [...changes, ...[...old.values()].map((entry) => changeOf(entry, 'gone'))]
}

const changeOf = (entry: FileEntry, word: ChangeWord, detail?: string): Change => ({
  entry,
  name: visible(entry.name, 'name'),
  word,
  detail,
})

const ownerOf = ({ owner }: FileEntry): string => (owner ? `${String(owner.uid)}:${String(owner.gid)}` : '')

const isSame = (one: FileEntry, other: FileEntry): boolean =>
  one.size === other.size &&
  one.modified === other.modified &&
  one.mode === other.mode &&
  one.kind === other.kind &&
  one.target === other.target &&
  ownerOf(one) === ownerOf(other)

function detailOf(was: FileEntry, is: FileEntry): string | undefined {
  if (was.kind !== is.kind) return `from ${was.kind} to ${is.kind}`
  if (was.target !== is.target) return `now leads to ${visible(is.target ?? 'nowhere', 'name')}`
  if (is.kind === 'file' && was.size !== is.size) return sizes(was.size, is.size)
  if (was.mode !== is.mode) return `mode ${was.mode ?? 'not readable'} to ${is.mode ?? 'not readable'}`
  return ownerOf(was) === ownerOf(is) ? undefined : `owner ${ownerOf(was)} to ${ownerOf(is)}`
}

const bytesOr = (size: number | null): string => (size === null ? 'not readable' : formatBytes(size))

/** Exact where rounding would hide the difference. */
export function sizes(was: number | null, is: number | null): string {
  const [old, fresh] = [bytesOr(was), bytesOr(is)]
  if (was === is) return `${fresh} as before`
  return old === fresh ? `${String(was)} B to ${String(is)} B` : `${old} to ${fresh}`
}

function compareFiles(before: FolderReading, after: FolderReading): Change[] {
  const changes: Change[] = []
  for (const path of new Set([...after.files.keys(), ...before.files.keys()])) {
    const [was, is] = [before.files.get(path), after.files.get(path)]
    const [key = ''] = path.split('/', 1)
    const entry = after.entries.find(({ name }) => name === key)
    if (!entry || (was && is && isSameFile(was, is))) continue
    const word = !was ? 'new' : is ? 'changed' : 'gone'
    const detail = was && is ? sizes(was.size, is.size) : undefined
    changes.push({ entry, name: visible(path, 'name'), word, detail })
  }
  return changes
}

/** Each swap brings all files anew, so their times say nothing of their contents. */
const isSameFile = (one: VolumeFile, other: VolumeFile): boolean =>
  one.bytes && other.bytes
    ? sameBytes(one.bytes, other.bytes)
    : one.size === other.size && one.modified === other.modified
