/** The memory of this machine, and who watches over it. */
import { readFile } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { readCgroup } from './cgroup.ts'

/** What is left to the rest of the machine, as a part of all its memory. */
const reserve = 1 / 20

/**
 * Whether the kernel stops this process before the machine itself is out of memory. A limit above what the machine
 * has stops nothing.
 */
export async function isMemoryLimited(): Promise<boolean> {
  const { limit } = (await readCgroup()).memory
  return limit !== null && limit < totalmem()
}

/** How much memory the machine can give without being in want itself, in bytes. */
export const spareMemory = (): number => Math.max(0, freemem() - totalmem() * reserve)

/** The size of the main thread's stack, in bytes; 0 where the system doesn't tell. */
export async function stackSize(): Promise<number> {
  try {
    const status = await readFile('/proc/self/status', 'utf8')
    return Number(/^VmStk:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
