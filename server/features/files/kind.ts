/** What stands under a name, and its permissions, as `ls -l` shows them. */
import { constants, type Stats } from 'node:fs'
import type { FileKind } from './wire.ts'

type Typed = Pick<
  Stats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'
>

/** @param it a directory's entry, or what stat says */
export function kindOf(it: Typed): FileKind {
  if (it.isFile()) return 'file'
  if (it.isDirectory()) return 'directory'
  if (it.isSymbolicLink()) return 'link'
  if (it.isFIFO()) return 'FIFO'
  if (it.isSocket()) return 'socket'
  if (it.isBlockDevice()) return 'block device'
  return it.isCharacterDevice() ? 'character device' : 'unknown'
}

const letters: Readonly<Record<FileKind, string>> = {
  file: '-',
  directory: 'd',
  link: 'l',
  FIFO: 'p',
  socket: 's',
  'block device': 'b',
  'character device': 'c',
  unknown: '?',
}

const setUserId = 0o4000
const setGroupId = 0o2000
const sticky = 0o1000

/** The mode as ten characters, such as `-rw-r--r--` or `drwxrwxrwt`. */
export function modeText(stats: Pick<Stats, 'mode'> & Typed): string {
  const { mode } = stats
  const bit = (mask: number, letter: string) => (mode & mask ? letter : '-')
  const execute = (mask: number, special: number, letter: string) =>
    mode & special ? (mode & mask ? letter : letter.toUpperCase()) : bit(mask, 'x')
  return [
    letters[kindOf(stats)],
    bit(constants.S_IRUSR, 'r'),
    bit(constants.S_IWUSR, 'w'),
    execute(constants.S_IXUSR, setUserId, 's'),
    bit(constants.S_IRGRP, 'r'),
    bit(constants.S_IWGRP, 'w'),
    execute(constants.S_IXGRP, setGroupId, 's'),
    bit(constants.S_IROTH, 'r'),
    bit(constants.S_IWOTH, 'w'),
    execute(constants.S_IXOTH, sticky, 't'),
  ].join('')
}
