/** The rows of the table of what the container may use. */
import type { Allowance, ContainerUsage } from '../../../../server/features/container/wire.ts'
import { formatBytes, formatNumber } from '../../lib/format.ts'
import { formatCores } from './usage-words.ts'
import { why } from './why.ts'

/** One thing that there is not without end. */
export interface AllowanceRow {
  readonly name: string
  /** Empty where nothing is counted. */
  readonly used: string
  readonly most: string
  /** Of what it may use, 0 to 1; undefined where one of them isn't known. */
  readonly share: number | undefined
  /** The field of a pod, or who else sets it. */
  readonly by: string
  readonly meaning: string
}

interface Amounts {
  readonly used: number | null
  readonly most: number | null
  readonly format: (value: number) => string
  /** Where there is none to be seen. */
  readonly none?: string
}

/** A row's figures in words. */
function amounts({
  used,
  most,
  format,
  none = 'no limit seen',
}: Amounts): Pick<AllowanceRow, 'used' | 'most' | 'share'> {
  return {
    used: used === null ? 'unknown' : format(used),
    most: most === null ? none : format(most),
    share: used === null || most === null || most === 0 ? undefined : used / most,
  }
}

export function allowanceRows(
  { cpu, memory, pids, hugePages, openFiles }: Allowance,
  usage: ContainerUsage,
): AllowanceRow[] {
  return [
    {
      name: 'CPU',
      ...amounts({
        used: usage.cpuCores,
        most: cpu.quota ?? usage.cpuQuota,
        format: formatCores,
        none: 'no quota seen',
      }),
      by: 'resources.limits.cpu',
      meaning: 'in cores; whoever has used up the quota of a period waits for the next one',
    },
    weightRow(cpu),
    {
      name: 'Memory',
      ...amounts({ used: usage.memory, most: memory.limit ?? usage.memoryLimit, format: formatBytes }),
      by: 'resources.limits.memory',
      meaning: 'page cache included; beyond it the kernel kills',
    },
    {
      name: 'Swap',
      ...amounts({ used: null, most: memory.swapLimit, format: formatBytes }),
      used: '',
      by: 'the kubelet’s memorySwap',
      meaning: 'on most nodes none',
    },
    {
      name: 'Processes and threads',
      ...amounts({ used: usage.pids, most: pids.limit ?? usage.pidsLimit, format: formatNumber }),
      by: 'the kubelet’s podPidsLimit',
      meaning: 'beyond it no process and no thread can be started',
    },
    {
      name: 'Open files',
      ...amounts({
        used: usage.openFiles,
        most: openFiles.soft ?? usage.openFilesLimit,
        format: formatNumber,
      }),
      by: 'the container runtime',
      meaning: `files and sockets of this process${openFiles.hard === null ? '' : `; it may raise its limit to ${formatNumber(openFiles.hard)}`}`,
    },
    ...hugeRows(hugePages),
  ]
}

function weightRow({ weight, shares, request }: Allowance['cpu']): AllowanceRow {
  const [value, scale] =
    weight !== null ? [weight, 'weight'] : shares !== null ? [shares, 'shares'] : [null, '']
  return {
    name: 'CPU where others want it too',
    used: '',
    most: value === null ? 'unknown' : `${scale} ${formatNumber(value)}`,
    share: undefined,
    by: 'resources.requests.cpu',
    meaning:
      request === null
        ? value === null
          ? why.request
          : 'a part of the node in proportion to those of the others'
        : `made of a request of ${formatCores(request)} cores`,
  }
}

const hugeRows = (hugePages: Allowance['hugePages']): AllowanceRow[] =>
  hugePages === null
    ? [
        {
          name: 'Huge pages',
          ...{ used: 'unknown', most: 'unknown', share: undefined },
          by: 'resources.limits.hugepages-SIZE',
          meaning: why.huge,
        },
      ]
    : hugePages.map(({ size, limit, usage }) => ({
        name: `Huge pages of ${formatBytes(size)}`,
        ...amounts({ used: usage, most: limit, format: formatBytes }),
        by: `resources.limits.hugepages-${formatBytes(size).replace(/\.0|iB| /g, '')}i`,
        meaning: 'set aside on the node, for those who ask for them',
      }))
