/** What has just become of a folder's names, and the rows that say so. */
import type { FileEntry } from '../../../../server/features/files/wire.ts'
import { formatBytes } from '../../lib/format.ts'
import type { Change, ChangeWord, FolderReading } from './changes.ts'
import { FolderRow } from './row.ts'

interface Mark {
  readonly word: ChangeWord
  readonly entry: FileEntry
  /** Of the changes with which it came. */
  readonly id: number
}

/** By href. */
export type Marks = ReadonlyMap<string, Mark>

/** Of a folder in which nothing has changed yet. */
export const noMarks: Marks = new Map()

/** Marks what has changed. @param id of these marks, by which they are taken away */
export function withMarks(before: Marks, changes: readonly Change[], id: number): Marks {
  const marks = new Map(before)
  for (const { entry, name, word } of changes) {
    // A file below a key's folder comes and goes without the key.
    marks.set(entry.href, { word: name.includes('/') ? 'changed' : word, entry, id })
  }
  return marks
}

export const withoutMarks = (marks: Marks, id: number): Marks =>
  new Map([...marks].filter(([, mark]) => mark.id !== id))

/** Folders first; names that are gone stay for as long as their mark. */
export function rowsOf({ entries, files }: FolderReading, marks: Marks): FolderRow[] {
  const gone = goneBeside(entries, marks)
  const all = gone.length === 0 ? entries : [...entries, ...gone].sort(byName)
  const rows = all.map((entry) => new FolderRow(entry, marks.get(entry.href)?.word, kindOf(entry, files)))
  const isFolder = ({ entry }: FolderRow) => entry.kind === 'directory'
  return [...rows.filter(isFolder), ...rows.filter((row) => !isFolder(row))]
}

/** A volume's keys are links; what they lead to is what counts. */
function kindOf({ name, kind }: FileEntry, files: FolderReading['files']): string {
  const file = kind === 'link' ? files.get(name) : undefined
  return file ? `link to file, ${formatBytes(file.size)}` : kind
}

function goneBeside(entries: readonly FileEntry[], marks: Marks): FileEntry[] {
  const gone = [...marks.values()].filter(({ word }) => word === 'gone').map(({ entry }) => entry)
  if (gone.length === 0) return gone
  const there = new Set(entries.map(({ href }) => href))
  return gone.filter(({ href }) => !there.has(href))
}

const byName = (one: FileEntry, other: FileEntry): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0
