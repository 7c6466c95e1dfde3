/** A folder on show: its rows, and what has changed in it while it was looked at. */
import { watchedPath } from './address.ts'
import { compareReadings, type Change, type FolderReading } from './changes.ts'
import { Followed } from './followed.svelte.ts'
import { noMarks, rowsOf, withMarks, withoutMarks } from './marks.ts'
import { readFolder } from './read-folder.ts'
import type { FolderRow } from './row.ts'

/** How long a row says that it is new, changed or gone, in milliseconds. */
const markMs = 15_000

const maxLogLines = 6

/** What changed at one time. */
export interface LogLine {
  readonly id: number
  /** In milliseconds since 1970. */
  readonly time: number
  readonly changes: readonly Change[]
}

export class ShownFolder {
  readonly followed: Followed<FolderReading>
  /** Newest first. */
  log = $state.raw<readonly LogLine[]>([])
  #marks = $state.raw(noMarks)
  readonly rows: readonly FolderRow[] = $derived.by(() =>
    this.followed.latest ? rowsOf(this.followed.latest.value, this.#marks) : [],
  )
  #lastId = 0

  /** @param path below the root, such as `fs/etc/` */
  constructor(path: string) {
    this.followed = new Followed(
      () => readFolder(path),
      watchedPath(path),
      (before, { value, time }) => {
        this.#note(compareReadings(before, value), time)
      },
    )
  }

  #note(changes: readonly Change[], time: number): void {
    if (changes.length === 0) return
    const id = (this.#lastId += 1)
    this.log = [{ id, time, changes }, ...this.log].slice(0, maxLogLines)
    this.#marks = withMarks(this.#marks, changes, id)
    setTimeout(() => {
      this.#marks = withoutMarks(this.#marks, id)
    }, markMs)
  }
}
