/** What a directory's entries are, as `ls -l` tells it. */
import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import type { Name } from './directory.ts'
import { kindOf, modeText } from './kind.ts'
import type { Owners } from './owners.ts'
import { encodeName, readable, toBytes, type ByteText } from './path.ts'
import { Refusal } from './refusal.ts'
import type { Place } from './tree.ts'
import type { Turns } from './turns.ts'
import type { FileEntry, FileKind } from './wire.ts'

/** Describes entries of a directory; those that are gone by now are left out. */
export async function describeEntries(
  directory: Place,
  names: readonly Name[],
  owners: Owners,
  turns: Turns,
): Promise<FileEntry[]> {
  const entries = await Promise.all(names.map((name) => describeEntry(directory, name, owners, turns)))
  return entries.filter((entry) => entry !== undefined)
}

async function describeEntry(
  directory: Place,
  { name, kind }: Name,
  owners: Owners,
  turns: Turns,
): Promise<FileEntry | undefined> {
  const path = toBytes(`${directory.path}/${name}`)
  try {
    const stats = await turns.run(() => lstat(path))
    const target = stats.isSymbolicLink() ? await turns.run(() => readlink(path, 'latin1')) : undefined
    return describe(name, stats, owners, target)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.reason === 'missing') return undefined
    // A directory may let its names be read, and nothing more.
    const unread = { size: null, mode: null, owner: null, modified: null, target: null }
    return { name: readable(name), href: hrefOf(name, kind), kind, ...unread, reason: error.message }
  }
}

/** @param target what a link says */
export function describe(name: ByteText, stats: Stats, owners: Owners, target?: ByteText): FileEntry {
  const kind = kindOf(stats)
  return {
    name: readable(name),
    href: hrefOf(name, kind),
    kind,
    size: stats.size,
    mode: modeText(stats),
    owner: owners.of(stats),
    modified: timeText(stats.mtime),
    target: target === undefined ? null : readable(target),
    reason: null,
  }
}

/** The way to an entry from its directory. */
export const hrefOf = (name: ByteText, kind: FileKind): string =>
  kind === 'directory' ? `${encodeName(name)}/` : encodeName(name)

/** RFC 3339; null for a time beyond what a date can be, which some file systems allow. */
export const timeText = (time: Date): string | null =>
  Number.isNaN(time.getTime()) ? null : time.toISOString()
