/** What the control groups of this process allow it, and what they have counted: memory, swap and CPU, of version 1 and 2 alike. */
import { join } from 'node:path'
import { isMachinesOwn, readPlaces, type Folders, type PlaceOf } from './cgroup-folders.ts'
import { readNumber, readTable, readText, wholeNumber, type Table } from './kernel-files.ts'

/** Which hierarchy has a controller; null when none that can be seen has. */
type Version = 1 | 2 | null

/** The memory controller's figures. Null is: not limited, not known, or no such control group. */
export interface MemoryControl {
  readonly version: Version
  /** In bytes; the lowest of the group's own limit and those above it. */
  readonly limit: number | null
  /** In bytes, page cache included. */
  readonly usage: number | null
  /** In bytes of swap alone, on version 1 too, which limits the sum of both. */
  readonly swapLimit: number | null
  /** In bytes. */
  readonly swapUsage: number | null
  /** How many processes were killed for want of memory. */
  readonly oomKills: number | null
}

/** The CPU controller's figures; null as above. */
export interface CpuControl {
  readonly version: Version
  /** In cores, 0.5 being half of one; the lowest of the group's own and those above it. */
  readonly quota: number | null
  /** The relative weight as version 1 has it, 2 to 262,144, by default 1,024. */
  readonly shares: number | null
  /** The relative weight as version 2 has it, 1 to 10,000, by default 100. */
  readonly weight: number | null
  /** How many periods of the quota have passed with something to run. */
  readonly periods: number | null
  /** In how many of them the quota was used up. */
  readonly throttledPeriods: number | null
  /** How long threads have waited for the next period, in seconds, summed up over the cores. */
  readonly throttledSeconds: number | null
}

/** Both controllers' figures. */
export interface Cgroup {
  readonly memory: MemoryControl
  readonly cpu: CpuControl
}

/** Without any control group. */
export const noCgroup: Cgroup = {
  memory: { version: null, limit: null, usage: null, swapLimit: null, swapUsage: null, oomKills: null },
  cpu: {
    version: null,
    quota: null,
    shares: null,
    weight: null,
    periods: null,
    throttledPeriods: null,
    throttledSeconds: null,
  },
}

/**
 * Reads the figures of this process's control groups, each controller where it is found (cgroups(7): a machine may have
 * some in version 1 and others in version 2). Never fails: what can't be read is null.
 * @param root the folder that has proc/ and whatever is mounted
 */
export const readCgroup = async (root = '/'): Promise<Cgroup> => cgroupAt(await readPlaces(root))

/** As readCgroup, where the places of controllers are known. */
export async function cgroupAt(placeOf: PlaceOf): Promise<Cgroup> {
  const [memory, cpu] = await Promise.all([placeOf('memory'), placeOf('cpu')])
  return {
    memory: memory ? await readMemory[memory.version](memory.folders) : noCgroup.memory,
    cpu: cpu ? await readCpu[cpu.version](cpu.folders) : noCgroup.cpu,
  }
}

/** Files as the kernel's Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst describe them. */
const readMemory = {
  async 1([own]: Folders): Promise<MemoryControl> {
    const [isMachines, statistics, ownLimit, usage, oom] = await Promise.all([
      isMachinesOwn({ version: 1, folders: [own] }),
      readTable(join(own, 'memory.stat')),
      readNumber(join(own, 'memory.limit_in_bytes')),
      readNumber(join(own, 'memory.usage_in_bytes')),
      readTable(join(own, 'memory.oom_control')),
    ])
    // What it counts is everybody's; in version 2 it counts nothing.
    if (isMachines) return { ...noCgroup.memory, version: 1 }
    const limit = lowest([finite(statistics.hierarchical_memory_limit), finite(ownLimit)])
    const withSwap = finite(statistics.hierarchical_memsw_limit)
    return {
      version: 1,
      limit,
      usage,
      swapLimit: withSwap === null || limit === null ? null : Math.max(0, withSwap - limit),
      swapUsage: statistics.total_swap ?? null,
      oomKills: oom.oom_kill ?? null,
    }
  },

  async 2(folders: Folders): Promise<MemoryControl> {
    const [own] = folders
    const [limits, usage, swapLimits, swapUsage, events] = await Promise.all([
      readNumbers(folders, 'memory.max'),
      readNumber(join(own, 'memory.current')),
      readNumbers(folders, 'memory.swap.max'),
      readNumber(join(own, 'memory.swap.current')),
      readTable(join(own, 'memory.events')),
    ])
    return {
      version: 2,
      limit: lowest(limits),
      usage,
      swapLimit: lowest(swapLimits),
      swapUsage,
      oomKills: events.oom_kill ?? null,
    }
  },
}

/** Files as Documentation/scheduler/sched-bwc.rst and cgroup-v2.rst describe them. */
const readCpu = {
  async 1(folders: Folders): Promise<CpuControl> {
    const [own] = folders
    const [quotas, periods, shares, statistics] = await Promise.all([
      readNumbers(folders, 'cpu.cfs_quota_us'),
      readNumbers(folders, 'cpu.cfs_period_us'),
      readNumber(join(own, 'cpu.shares')),
      readTable(join(own, 'cpu.stat')),
    ])
    return {
      version: 1,
      quota: lowest(quotas.map((quota, level) => cores(quota, periods[level]))),
      shares,
      weight: null,
      ...throttling(statistics, statistics.throttled_time, 1e9),
    }
  },

  async 2(folders: Folders): Promise<CpuControl> {
    const [own] = folders
    const [limits, weight, statistics] = await Promise.all([
      Promise.all(folders.map((folder) => readText(join(folder, 'cpu.max')))),
      readNumber(join(own, 'cpu.weight')),
      readTable(join(own, 'cpu.stat')),
    ])
    const quotas = limits.map((limit) => {
      const [quota, period] = limit?.split(' ') ?? []
      return cores(wholeNumber(quota), wholeNumber(period))
    })
    return {
      version: 2,
      quota: lowest(quotas),
      shares: null,
      weight,
      ...throttling(statistics, statistics.throttled_usec, 1e6),
    }
  },
}

/** @returns cores, or null when there is no quota, which version 1 writes as -1 */
const cores = (quota: number | null, period: number | null | undefined): number | null =>
  quota === null || !period ? null : quota / period

const throttling = (statistics: Table, throttled: number | undefined, unitsPerSecond: number) => ({
  periods: statistics.nr_periods ?? null,
  throttledPeriods: statistics.nr_throttled ?? null,
  throttledSeconds: throttled === undefined ? null : throttled / unitsPerSecond,
})

/** Version 1 writes "no limit" as the largest number of whole pages in 63 bits, which depends on the page's size. */
export const finite = (bytes: number | null | undefined): number | null =>
  bytes === undefined || bytes === null || bytes >= 2 ** 62 ? null : bytes

/** The lowest that is known, or null. */
export function lowest(limits: readonly (number | null)[]): number | null {
  const known = limits.filter((limit) => limit !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** The number that a file has in each folder. */
export const readNumbers = (folders: Folders, file: string): Promise<(number | null)[]> =>
  Promise.all(folders.map((folder) => readNumber(join(folder, file))))
