/** A file on show: what it is, the first part of what is in it, and how that has changed while it was looked at. */
import type { FileEntry } from '../../../../server/features/files/wire.ts'
import { describeFile, readFile, type Answer } from '../../lib/api.ts'
import { countOf } from '../../lib/format.ts'
import { OnePod } from '../../lib/one-pod.ts'
import { watchedPath } from './address.ts'
import { sizes } from './changes.ts'
import { excerptOf, sameBytes, shownBytes, type Excerpt } from './excerpt.ts'
import { Followed } from './followed.svelte.ts'
import { changedLines, type ChangedLine } from './line-difference.ts'

/** A file at one time. */
export interface FileReading {
  /** Undefined where the name leads to a folder. */
  readonly entry: FileEntry | undefined
  /** Undefined for what isn't an ordinary file, and for what can't be read. */
  readonly content: Excerpt | undefined
  /** Why it can't be read. */
  readonly error: unknown
}

/** What changed at one time. */
export interface FileChange {
  readonly id: number
  /** In milliseconds since 1970. */
  readonly time: number
  readonly words: string
  readonly lines: readonly ChangedLine[]
}

const maxChanges = 6

export class ShownFile {
  readonly followed: Followed<FileReading>
  /** Newest first. */
  changes = $state.raw<readonly FileChange[]>([])
  #lastId = 0

  /** @param path below the root, percent-encoded */
  constructor(path: string) {
    this.followed = new Followed(
      () => read(path),
      watchedPath(path),
      (before, { value, time }) => {
        this.#note(before, value, time)
      },
    )
  }

  #note(before: FileReading, after: FileReading, time: number): void {
    const change = compare(before, after)
    if (!change) return
    this.#lastId += 1
    this.changes = [{ id: this.#lastId, time, ...change }, ...this.changes].slice(0, maxChanges)
  }
}

async function read(path: string): Promise<Answer<FileReading>> {
  const pod = new OnePod()
  const described = await pod.ask(() => describeFile(path))
  const entry = described.value
  const unread = { ...described, value: { entry, content: undefined, error: undefined } }
  if (entry?.kind !== 'file') return unread
  try {
    const answer = await pod.ask(() => readFile(path, shownBytes + 1))
    return { ...answer, value: { entry, content: excerptOf(answer.value), error: undefined } }
  } catch (error) {
    return { ...unread, value: { ...unread.value, error } }
  }
}

/** Under /proc and /sys a file's size says nothing, so that of all that was read counts. */
const sizeOf = ({ entry, content }: FileReading): number | null =>
  content && !content.isCut ? content.bytes.length : (entry?.size ?? null)

function compare(before: FileReading, after: FileReading): Omit<FileChange, 'id' | 'time'> | undefined {
  const [was, is] = [before.content, after.content]
  if (!was || !is) return undefined
  const size = sizes(sizeOf(before), sizeOf(after))
  if (sameBytes(was.bytes, is.bytes)) {
    const words = compareBesides(before, after, size)
    return words === undefined ? undefined : { words, lines: [] }
  }
  if (was.text === undefined || is.text === undefined) return { words: `other bytes (${size})`, lines: [] }
  const lines = changedLines(was.text, is.text)
  const count = (wanted: string) => lines.filter(({ sign }) => sign === wanted).length
  const words =
    lines.length === 0
      ? 'only the line break at the end differs'
      : `${countOf(count('-'), 'line')} removed, ${countOf(count('+'), 'line')} added`
  return { words: `${words} (${size})`, lines }
}

/** What differs though the part that is shown does not. */
function compareBesides(before: FileReading, after: FileReading, size: string): string | undefined {
  const [was, is] = [before.entry, after.entry]
  if (!was || !is) return undefined
  if (sizeOf(before) !== sizeOf(after)) return `changed after the part that is shown (${size})`
  if (was.mode !== is.mode) return `mode ${String(was.mode)} to ${String(is.mode)}`
  if (was.modified === is.modified || was.modified === null) return undefined
  return is.size === 0 && size !== '0 B as before' ? undefined : `written again, the same as before (${size})`
}
