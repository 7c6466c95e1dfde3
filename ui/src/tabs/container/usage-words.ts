/** What the container uses, in words: as much of what it may use as is known. */
import type { ContainerUsage } from '../../../../server/features/container/wire.ts'
import { formatBytes, formatNumber } from '../../lib/format.ts'
import { formatThousandths, type Sample } from '../../parts/plot.ts'

/** One look at it. */
export interface UsageSample {
  /** When it came, in milliseconds since 1970. */
  readonly time: number
  readonly usage: ContainerUsage
}

/** Cores as Kubernetes writes them: `250m` is a quarter of one. */
export const formatCores = (cores: number): string => formatThousandths(cores * 1000)

export function cpuWords({ cpuSeconds, cpuCores, cpuQuota }: ContainerUsage): string {
  if (cpuSeconds === null) return cpuQuota === null ? 'unknown' : `unknown of ${formatCores(cpuQuota)}`
  const used = cpuCores === null ? 'being measured' : formatCores(cpuCores)
  return cpuQuota === null ? `${used}, no quota seen` : `${used} of ${formatCores(cpuQuota)}`
}

/** Of its periods, how many of which the quota was used up. */
export function throttleWords({ cpuSeconds, cpuQuota, throttledShare, periods }: ContainerUsage): string {
  if (cpuQuota === null) return cpuSeconds === null ? 'unknown' : 'never, without a quota'
  if (periods === null) return 'unknown'
  return throttledShare === null ? 'being measured' : `${formatNumber(throttledShare * 100)} % of periods`
}

const of = (used: number | null, limit: number | null, format: (value: number) => string): string => {
  if (used === null) return limit === null ? 'unknown' : `unknown of ${format(limit)}`
  return limit === null ? `${format(used)}, no limit seen` : `${format(used)} of ${format(limit)}`
}

export const memoryWords = ({ memory, memoryLimit }: ContainerUsage): string =>
  of(memory, memoryLimit, formatBytes)
export const pidWords = ({ pids, pidsLimit }: ContainerUsage): string => of(pids, pidsLimit, formatNumber)
export const fileWords = ({ openFiles, openFilesLimit }: ContainerUsage): string =>
  of(openFiles, openFilesLimit, formatNumber)

/** For the plot of CPU, in thousandths of cores. */
export const cpuSamples = (samples: readonly UsageSample[]): Sample[] =>
  samples.map(({ time, usage: { cpuCores } }) => ({
    time,
    values: { CPU: cpuCores === null ? null : cpuCores * 1000 },
  }))

/** For the plot of throttling, in percent. */
export const throttleSamples = (samples: readonly UsageSample[]): Sample[] =>
  samples.map(({ time, usage: { throttledShare } }) => ({
    time,
    values: { 'throttled periods': throttledShare === null ? null : throttledShare * 100 },
  }))
