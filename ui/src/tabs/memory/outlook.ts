/** How far the OOM kill is away, and whether an allocation would bring it about. */
import type { MemoryStatus } from '../../../../server/features/memory/wire.ts'
import { formatBytes } from '../../lib/format.ts'

export const mebibyte = 2 ** 20

/** What counts against the limit, in bytes; where the control group doesn't tell, what this process alone takes. */
export const usageOf = ({ cgroup, node }: MemoryStatus): number => cgroup.memory.usage ?? node.rss

/** What is left below the limit, in bytes; undefined without one. */
export function leftOf(status: MemoryStatus): number | undefined {
  const { limit } = status.cgroup.memory
  return limit === null ? undefined : Math.max(0, limit - usageOf(status))
}

/** What an allocation will lead to, if that is a bad end; undefined if it fits, and where no limit is seen. */
export function warningFor(status: MemoryStatus | undefined, bytes: number): string | undefined {
  if (status?.cgroup.memory.limit == null) return undefined
  const { limit, swapLimit, swapUsage } = status.cgroup.memory
  const excess = usageOf(status) + bytes - limit
  if (excess <= 0) return undefined
  const words = `passes the limit by ${formatBytes(excess)}`
  const swap = (swapLimit ?? 0) - (swapUsage ?? 0)
  // Nothing else than the page cache can be taken back, and the process's own pages are none of it.
  const isCertain = status.node.rss + bytes > limit + swap
  return isCertain
    ? `${words}: the kernel will kill this container`
    : `${words}: the kernel takes back page cache and swaps, and kills this container if that isn’t enough`
}

/** What is wrong with a size that was typed, in MiB; undefined if nothing is. */
export function sizeFault(text: string, size: number | undefined): string | undefined {
  if (text.trim() === '') return 'a size is needed'
  if (size === undefined) return 'a whole number of MiB, such as 50'
  return size === 0 ? 'at least 1 MiB' : size > largest ? 'no machine has that much' : undefined
}

/** A pebibyte, in MiB: beyond it the server's own figures would no longer be exact. */
const largest = 2 ** 30
