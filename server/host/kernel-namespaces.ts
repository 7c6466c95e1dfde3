/** Which of the kernel's namespaces this process is in: namespaces(7). */
import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from './kernel-files.ts'

/** The numbers of the machine's own, which are the same on each (linux/nsfs.h); that of `net` is so since Linux 6.18. */
const machines = {
  ipc: 0xef_ff_ff_ff,
  user: 0xef_ff_ff_fd,
  pid: 0xef_ff_ff_fc,
  cgroup: 0xef_ff_ff_fb,
  net: 0xef_ff_ff_f9,
} as const

/** A kind of them that can be told to be the machine's own. */
export type NamespaceKind = keyof typeof machines

/**
 * Whether this process is in the machine's own namespace of a kind; null where it can't be known.
 * @param root the folder that has proc/
 */
export async function isMachines(kind: NamespaceKind, root = '/'): Promise<boolean | null> {
  const link = await readlink(join(root, 'proc/self/ns', kind)).catch(() => '')
  const number = /^\w+:\[(\d+)\]$/.exec(link)?.[1]
  if (number === undefined) return null
  if (Number(number) === machines[kind]) return true
  return kind === 'net' ? hasMachinesSettings(root) : false
}

/** Every network has some settings, the machine's alone all of them (the kernel's net/core/sysctl_net_core.c). */
async function hasMachinesSettings(root: string): Promise<boolean | null> {
  const [anyNetworks, machinesAlone] = await Promise.all(
    ['somaxconn', 'netdev_budget'].map((name) => readText(join(root, 'proc/sys/net/core', name))),
  )
  return anyNetworks === null ? null : machinesAlone !== null
}

/** Users of this process's namespace, and who they are outside of it. */
export interface MappedUsers {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

/**
 * The map of this process's user namespace: user_namespaces(7). Null where there is none.
 * @param root the folder that has proc/
 */
export async function readUserMap(root = '/'): Promise<MappedUsers[] | null> {
  const text = await readText(join(root, 'proc/self/uid_map'))
  if (text === null) return null
  const lines = text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)$/gm)
  return Array.from(lines, ([, inside, outside, count]) => ({
    inside: Number(inside),
    outside: Number(outside),
    count: Number(count),
  }))
}
