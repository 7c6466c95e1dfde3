/** What the container uses now. */
import { readCpuSeconds, readPids } from '../../host/cgroup-counts.ts'
import { readPlaces } from '../../host/cgroup-folders.ts'
import { cgroupAt } from '../../host/cgroup.ts'
import { countOpenFiles, readOpenFilesLimit } from '../../host/open-files.ts'
import type { ContainerUsage } from './wire.ts'

/** Who asks within this time is told the same: several who look would halve each other's time between two readings, in milliseconds. */
const freshMs = 500

/** A rate over a longer time says nothing of now, in milliseconds. */
const memorableMs = 10_000

/** What was read, and when. */
interface Reading {
  readonly at: number
  readonly usage: ContainerUsage
}

/** Tells what is used, and at which rate since it was last read. */
export class UsageGauge {
  #last: Promise<Reading> | undefined
  #readAt = -Infinity

  /** Never fails: what can't be read is null. */
  async read(): Promise<ContainerUsage> {
    const now = performance.now()
    if (!this.#last || now - this.#readAt >= freshMs) {
      this.#readAt = now
      this.#last = readSince(this.#last)
    }
    return (await this.#last).usage
  }
}

async function readSince(last: Promise<Reading> | undefined): Promise<Reading> {
  const before = await last
  const placeOf = await readPlaces()
  const [{ cpu, memory }, cpuSeconds, pids, openFiles, openFilesLimit] = await Promise.all([
    cgroupAt(placeOf),
    readCpuSeconds(placeOf),
    readPids(placeOf),
    countOpenFiles(),
    readOpenFilesLimit(),
  ])
  const at = performance.now()
  const { periods, throttledPeriods, throttledSeconds } = cpu
  const past = before && at - before.at <= memorableMs ? before : undefined
  const usage: ContainerUsage = {
    time: new Date().toISOString(),
    cpuSeconds,
    cpuCores: past ? over(grown(cpuSeconds, past.usage.cpuSeconds), (at - past.at) / 1000) : null,
    cpuQuota: cpu.quota,
    periods,
    throttledPeriods,
    throttledSeconds,
    throttledShare: past ? shareOf(cpu, past.usage) : null,
    memory: memory.usage,
    memoryLimit: memory.limit,
    pids: pids.usage,
    pidsLimit: pids.limit,
    openFiles,
    openFilesLimit: openFilesLimit.soft,
  }
  return { at, usage }
}

/** In a span without a period, which is one without work, nobody waited. */
function shareOf(
  now: Pick<ContainerUsage, 'periods' | 'throttledPeriods'>,
  before: Pick<ContainerUsage, 'periods' | 'throttledPeriods'>,
): number | null {
  const periods = grown(now.periods, before.periods)
  const throttled = grown(now.throttledPeriods, before.throttledPeriods)
  if (periods === 0) return 0
  const share = over(throttled, periods ?? 0)
  return share === null ? null : Math.min(1, share)
}

const grown = (now: number | null, before: number | null): number | null =>
  now === null || before === null ? null : Math.max(0, now - before)

const over = (value: number | null, by: number): number | null =>
  value === null || by <= 0 ? null : value / by
