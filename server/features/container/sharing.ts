/** Who shares the pod: processes, sockets that listen, connections. */
import { isMachines } from '../../host/kernel-namespaces.ts'
import { readOwnGroup, type GroupPath } from '../../host/own-group.ts'
import { findSocketOwners, listProcesses, lookAtProcesses, type SeenProcess } from '../../host/processes.ts'
import { readSockets, type ListeningLine } from '../../host/sockets.ts'
import type { ListeningSocket, Sharing, VisibleProcess } from './wire.ts'

/** So many are told of each. */
const maxProcesses = 500
const maxListening = 500

/** Where this process is itself. */
interface Own {
  readonly group: GroupPath | null
  /** Whether that is a container. */
  readonly isContainer: boolean
}

/** Never fails: what can't be read is null. */
export async function readSharing(): Promise<Sharing> {
  const [pids, group, isInMachines, sockets] = await Promise.all([
    listProcesses(),
    readOwnGroup(),
    isMachines('cgroup'),
    readSockets(),
  ])
  const own: Own = { group, isContainer: (group?.container ?? null) !== null || isInMachines === false }
  const seen = pids && (await lookAtProcesses(pids.slice(0, maxProcesses)))
  return {
    sharesProcesses: seen && sharesWith(seen, own),
    processes: seen?.map((one) => describe(one, own)) ?? null,
    processCount: pids?.length ?? null,
    listening: sockets && (await tellOwners(sockets.listening.slice(0, maxListening), seen ?? [])),
    connections:
      sockets &&
      [...sockets.connections]
        .map(([state, count]) => ({ state, count }))
        .sort((one, other) => other.count - one.count || one.state.localeCompare(other.state)),
  }
}

/** Whether one is seen that isn't of this container; null where this is none. */
const sharesWith = (seen: readonly SeenProcess[], own: Own): boolean | null =>
  own.isContainer ? seen.some(({ group }) => group !== null && containerOf(group, own)?.isOwn !== true) : null

const describe = ({ pid, parent, uid, name, command, group }: SeenProcess, own: Own): VisibleProcess => ({
  pid,
  parent,
  uid,
  name,
  command,
  isSelf: pid === process.pid,
  container: group && containerOf(group, own),
})

/**
 * The container that a process is in; null when it is in none that shows. In a namespace of control groups of its own, this process's
 * container has no id, and other containers' paths lead up from it: `/../ID` (cgroup_namespaces(7)).
 */
function containerOf({ path, container }: GroupPath, own: Own): VisibleProcess['container'] {
  const ownId = own.group?.container ?? null
  const isBelow = own.isContainer && ownId === null && !path.startsWith('/..')
  if (container !== null) return { id: container, isOwn: container === ownId || isBelow }
  return isBelow ? { id: '', isOwn: true } : null
}

async function tellOwners(
  listening: readonly ListeningLine[],
  seen: readonly SeenProcess[],
): Promise<ListeningSocket[]> {
  const others = seen
    .filter(({ pid, command }) => pid !== process.pid && command !== '')
    .map(({ pid }) => pid)
  const inodes = new Set(listening.map(({ inode }) => inode))
  const { pids, unreadable } = await findSocketOwners(inodes, [process.pid, ...others])
  const names = new Map(seen.map(({ pid, name }) => [pid, name]))
  return listening.map(({ protocol, address, port, inode }) => {
    const pid = pids.get(inode)
    const process = pid === undefined ? null : { pid, name: names.get(pid) ?? '' }
    return { protocol, address, port, process, why: whyOf(pid, unreadable) }
  })
}

function whyOf(pid: number | undefined, unreadable: number): string {
  if (pid !== undefined) return `it is among the open files of process ${pid}`
  if (unreadable === 0)
    return 'no process that is seen here has it open: it is of another container, or of the node'
  const whose = unreadable === 1 ? 'those of one process' : `those of ${unreadable} processes`
  return `it is among no open files that can be looked at; ${whose} can’t`
}
