/** The JSON shapes of the file system browser. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** What can stand under a name. */
export const FileKind = Type.Enum([
  'file',
  'directory',
  'link',
  'FIFO',
  'socket',
  'block device',
  'character device',
  'unknown',
])
export type FileKind = Static<typeof FileKind>

/** Whose a file is. */
export const Owner = Type.Object({
  uid: Type.Integer(),
  gid: Type.Integer(),
  user: Type.Union([Type.String(), Type.Null()], { description: 'null when /etc/passwd has no name for it' }),
  group: Type.Union([Type.String(), Type.Null()], { description: 'null when /etc/group has no name for it' }),
})
export type Owner = Static<typeof Owner>

const orUnreadable = 'null when it can not be looked at'

/** One name in a directory. */
export const FileEntry = Type.Object({
  name: Type.String({ description: 'as text; bytes that are not UTF-8 show as U+FFFD' }),
  href: Type.String({
    description: 'the name percent-encoded, relative to the directory with its final slash',
  }),
  kind: FileKind,
  size: Type.Union([Type.Integer(), Type.Null()], {
    description: `in bytes; 0 for most files of /proc and /sys; ${orUnreadable}`,
  }),
  mode: Type.Union([Type.String(), Type.Null()], { description: `such as -rw-r--r--; ${orUnreadable}` }),
  owner: Type.Union([Owner, Type.Null()], { description: orUnreadable }),
  modified: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: orUnreadable }),
  target: Type.Union([Type.String(), Type.Null()], {
    description: 'what a link says; null for anything else',
  }),
  reason: Type.Union([Type.String(), Type.Null()], {
    description:
      'why it can not be looked at, such as a missing permission or a file system that is too slow',
  }),
})
export type FileEntry = Static<typeof FileEntry>

/** A directory with its entries, or anything else as the only one. */
export const FileListing = Type.Object({
  path: Type.String({ description: 'below --fs-root' }),
  entries: Type.Array(FileEntry, { description: 'sorted by the bytes of their names' }),
})
export type FileListing = Static<typeof FileListing>

/** What is at a watched path now, all links followed. */
export const WatchedPath = Type.Object({
  exists: Type.Boolean(),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'why it can not be looked at' }),
  kind: Type.Union([FileKind, Type.Null()]),
  size: Type.Union([Type.Integer(), Type.Null()], { description: 'in bytes' }),
  modified: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  target: Type.Union([Type.String(), Type.Null()], {
    description: 'where it is in the end, below --fs-root, if links lead there',
  }),
  changes: Type.Integer({ description: 'how many were seen since the watch began' }),
})
export type WatchedPath = Static<typeof WatchedPath>

/** A `watch` event: what is at a path that the client asked to watch. */
export const WatchEvent = Type.Object({ path: Type.String(), state: WatchedPath })
export type WatchEvent = Static<typeof WatchEvent>
