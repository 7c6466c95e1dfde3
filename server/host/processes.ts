/** The processes that this one sees, by /proc. */
import { open, readdir, readlink } from 'node:fs/promises'
import { gates } from './gate.ts'
import { readText } from './kernel-files.ts'
import { Looks } from './looks.ts'
import { groupPathIn, type GroupPath } from './own-group.ts'

/** A process as it was when it was looked at. */
export interface SeenProcess {
  readonly pid: number
  readonly parent: number | null
  /** The effective user. */
  readonly uid: number | null
  readonly name: string
  /** With its arguments; empty for a thread of the kernel, and for one that has ended. */
  readonly command: string
  readonly group: GroupPath | null
}

/** What is looked at of a command line, in characters. */
const maxCommand = 256
/** A character takes four bytes at most. */
const maxCommandBytes = maxCommand * 4
/** All together have this time, in milliseconds. */
const patienceMs = 6_000
/** What is looked at of one process's open files, and of all. */
const maxLinksEach = 4_096
const maxLinks = 20_000

const processLooks = new Looks<SeenProcess | undefined>(gates.processes)
const socketLooks = new Looks<readonly number[] | undefined>(gates.processes)

/** The numbers of all that are seen, the lowest first; null without /proc. */
export async function listProcesses(): Promise<number[] | null> {
  const names = await readdir('/proc').catch(() => null)
  const numbers = names?.filter((name) => /^\d+$/.test(name)).map(Number)
  return numbers && numbers.length > 0 ? numbers.sort((one, other) => one - other) : null
}

/** Those of the processes that are there and can be looked at in time, in their order. */
export async function lookAtProcesses(pids: readonly number[]): Promise<SeenProcess[]> {
  const end = performance.now() + patienceMs
  const seen: SeenProcess[] = []
  for (const pid of pids) {
    if (performance.now() > end) break
    const process = await processLooks.at(String(pid), () => lookAt(pid))
    if (process) seen.push(process)
  }
  return seen
}

async function lookAt(pid: number): Promise<SeenProcess | undefined> {
  const folder = `/proc/${pid}`
  const status = await readText(`${folder}/status`)
  if (status === null) return undefined
  const [command, groups] = await Promise.all([
    readCommand(`${folder}/cmdline`),
    readText(`${folder}/cgroup`),
  ])
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(status) ?? []
  const [, uid] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? []
  return {
    pid,
    parent: parent === undefined ? null : Number(parent),
    uid: uid === undefined ? null : Number(uid),
    name: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
    command,
    group: groupPathIn(groups ?? ''),
  }
}

/** Arguments are ended by zeros (proc_pid_cmdline(5)). */
async function readCommand(path: string): Promise<string> {
  const file = await open(path).catch(() => null)
  if (!file) return ''
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxCommandBytes), 0, maxCommandBytes, 0)
    const text = buffer.toString('utf8', 0, bytesRead).replace(/\0+$/, '').replaceAll('\0', ' ')
    return text.slice(0, maxCommand)
  } catch {
    return ''
  } finally {
    await file.close()
  }
}

/** Whose the sockets are. */
export interface SocketOwners {
  /** The process that has it open, by the socket's inode. */
  readonly pids: ReadonlyMap<number, number>
  /** How many processes' open files could not be looked at, or not all of them. */
  readonly unreadable: number
}

/**
 * Looks for sockets among the open files of processes, until all are found.
 * @param pids in the order in which they are looked at
 */
export async function findSocketOwners(
  inodes: ReadonlySet<number>,
  pids: readonly number[],
): Promise<SocketOwners> {
  const end = performance.now() + patienceMs
  const found = new Map<number, number>()
  let unreadable = 0
  let left = maxLinks
  for (const pid of pids) {
    if (found.size === inodes.size) break
    const isInTime = left > 0 && performance.now() <= end
    const sockets = isInTime ? await socketLooks.at(`fd ${pid}`, () => socketsOf(pid)) : null
    if (!sockets) unreadable += 1
    left -= sockets?.length ?? 0
    for (const inode of sockets ?? []) if (inodes.has(inode) && !found.has(inode)) found.set(inode, pid)
  }
  return { pids: found, unreadable }
}

/** The inodes of its sockets, `socket:[4711]` (proc_pid_fd(5)); undefined when not all can be seen. */
async function socketsOf(pid: number): Promise<readonly number[] | undefined> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch((error: unknown) =>
    // One that has ended holds nothing.
    (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : null,
  )
  if (!names || names.length > maxLinksEach) return undefined
  const sockets: number[] = []
  for (const name of names) {
    const target = await readlink(`${folder}/${name}`).catch(() => '')
    const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? []
    if (inode !== undefined) sockets.push(Number(inode))
  }
  return sockets
}
