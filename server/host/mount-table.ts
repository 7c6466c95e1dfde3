/** What is mounted where in this process's view: /proc/self/mountinfo, by proc_pid_mountinfo(5). */
import { join } from 'node:path'
import { readText } from './kernel-files.ts'

/** A line of it. */
export interface MountLine {
  readonly id: number
  /** The mount that it is mounted on. */
  readonly parent: number
  /** The file system's device, `254:0`. */
  readonly device: string
  /** The part of the file system that is mounted, `/` for all of it. */
  readonly root: string
  /** Where it is mounted, as this process sees it. */
  readonly point: string
  /** Of this mount, such as `ro`. */
  readonly options: readonly string[]
  /** Of file system, such as `ext4`. */
  readonly type: string
  /** A device, a server, or whatever its maker wrote. */
  readonly source: string
  /** Of the whole file system, such as `size=64k`. */
  readonly fileSystemOptions: readonly string[]
}

/**
 * All mounts, in the order in which the kernel has them; null when it can't be read.
 * @param root the folder that has proc/
 */
export async function readMounts(root = '/'): Promise<MountLine[] | null> {
  const text = await readText(join(root, 'proc/self/mountinfo'))
  return text === null ? null : parseMounts(text)
}

/** Lines such as `35 31 0:32 ROOT POINT rw,relatime shared:1 - TYPE SOURCE OPTIONS`; of a source nothing may be written. */
function parseMounts(text: string): MountLine[] {
  const lines = text.matchAll(/^(\d+) (\d+) (\S+) (\S+) (\S+) (\S+) .*?- (\S+) (\S*) (\S+)$/gm)
  return Array.from(
    lines,
    ([
      ,
      id,
      parent,
      device = '',
      root = '',
      point = '',
      options = '',
      type = '',
      source = '',
      ofFileSystem = '',
    ]) => ({
      id: Number(id),
      parent: Number(parent),
      device,
      root: unescape(root),
      point: unescape(point),
      options: options.split(','),
      type,
      source: unescape(source),
      fileSystemOptions: ofFileSystem.split(','),
    }),
  )
}

/** Blanks and backslashes are written as three octal digits. */
const unescape = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
