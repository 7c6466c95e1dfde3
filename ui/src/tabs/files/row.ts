/** A folder's row: its texts, made when they are first asked for and kept, since a filter asks 100,000 rows at each key. */
import type { FileEntry, Owner } from '../../../../server/features/files/wire.ts'
import { countOf, formatBytes, formatDateTime, formatNumber } from '../../lib/format.ts'
import { visible } from './address.ts'
import type { ChangeWord } from './changes.ts'

export const notReadable = 'not readable'

/** Such as `root:root`; numbers where there are no names. */
export const ownerText = (owner: Owner | null): string =>
  owner ? `${owner.user ?? String(owner.uid)}:${owner.group ?? String(owner.gid)}` : notReadable

/** Such as `1 directory, 12 files, 2 links`. */
export function countsOf(entries: readonly FileEntry[]): string {
  const counts = { directory: 0, file: 0, link: 0, other: 0 }
  for (const { kind } of entries) {
    counts[kind === 'directory' || kind === 'file' || kind === 'link' ? kind : 'other'] += 1
  }
  const { directory, ...rest } = counts
  return [
    ...(directory > 1 ? [`${formatNumber(directory)} directories`] : [countOf(directory, 'directory')]),
    ...Object.entries(rest).map(([noun, count]) => countOf(count, noun)),
  ]
    .filter((words) => !words.startsWith('0 '))
    .join(', ')
}

/** One row of a folder's table: an entry in words. */
export class FolderRow {
  readonly entry: FileEntry
  /** What has just become of it. */
  readonly mark: ChangeWord | undefined
  /** Of a link also what it leads to, where that is known. */
  readonly kind: string
  #size: string | undefined
  #modified: string | undefined
  #named: string | undefined
  #owner: string | undefined

  constructor(entry: FileEntry, mark: ChangeWord | undefined, kind: string) {
    this.entry = entry
    this.mark = mark
    this.kind = kind
  }

  get name(): string {
    return visible(this.entry.name, 'name') + (this.entry.kind === 'directory' ? '/' : '')
  }

  /** What a link says. */
  get target(): string | undefined {
    return this.entry.target === null ? undefined : visible(this.entry.target, 'name')
  }

  /** Why it can't be looked at. */
  get unread(): string | undefined {
    return this.entry.reason ?? undefined
  }

  /** What its first column has in it. */
  get named(): string {
    this.#named ??= [
      this.mark,
      this.name,
      ...(this.target === undefined ? [] : ['→', this.target]),
      this.unread,
    ]
      .filter((word) => word !== undefined)
      .join(' ')
    return this.#named
  }

  get size(): string {
    this.#size ??= this.entry.size === null ? notReadable : formatBytes(this.entry.size)
    return this.#size
  }

  get mode(): string {
    return this.entry.mode ?? notReadable
  }

  get owner(): string {
    this.#owner ??= ownerText(this.entry.owner)
    return this.#owner
  }

  get modified(): string {
    this.#modified ??= this.entry.modified === null ? notReadable : formatDateTime(this.entry.modified)
    return this.#modified
  }
}
