/** What the container uses now. */
import { readCgroup } from '../../host/cgroup.ts'
import type { ContainerUsage } from './wire.ts'

/** Tells what is used, and at which rate since it was last asked. */
export class UsageGauge {
  /** Never fails: what can't be read is null. */
  async read(): Promise<ContainerUsage> {
    const { cpu, memory } = await readCgroup()
    return {
      time: new Date().toISOString(),
      cpuSeconds: null,
      cpuCores: null,
      cpuQuota: cpu.quota,
      periods: cpu.periods,
      throttledPeriods: cpu.throttledPeriods,
      throttledSeconds: cpu.throttledSeconds,
      throttledShare: null,
      memory: memory.usage,
      memoryLimit: memory.limit,
      pids: null,
      pidsLimit: null,
      openFiles: null,
      openFilesLimit: null,
    }
  }
}
