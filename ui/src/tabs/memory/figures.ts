/** The rows of the Memory tab's tables: every figure that the server tells, and what it means. */
import type { MemoryStatus } from '../../../../server/features/memory/wire.ts'
import { formatBytes, formatNumber } from '../../lib/format.ts'

/** One figure. */
export interface Figure {
  readonly name: string
  /** As people read it. */
  readonly value: string
  /** As the API says it. */
  readonly exact: string
  readonly meaning: string
}

type NodeName = Exclude<keyof MemoryStatus['node'], 'startedAt'>
type GoName = keyof MemoryStatus['memStats']

const nodeMeanings: Record<NodeName, string> = {
  rss: 'resident size: the physical memory of this process',
  allocated: 'held by this page',
  heapUsed: 'objects on the JavaScript heap',
  heapTotal: 'the JavaScript heap',
  heapLimit: 'what the JavaScript heap may grow to',
  external: 'outside of the heap, held by objects on it',
  arrayBuffers: 'buffers, those of this page among them',
}

/** Node's own figures. */
export const nodeFigures = (node: MemoryStatus['node']): Figure[] =>
  keysOf(nodeMeanings).map((name) => bytes(name, node[name], nodeMeanings[name]))

/** What the control group allows and has counted. */
export function cgroupFigures({ memory, cpu }: MemoryStatus['cgroup']): Figure[] {
  const weight =
    cpu.version === 1
      ? figure('cpu.shares', cpu.shares, String, 'weight against other groups; 1024 is the default')
      : figure('cpu.weight', cpu.weight, String, 'weight against other groups; 100 is the default')
  return [
    bytes('memory.limit', memory.limit, 'the lowest of this group and those above it', 'no limit seen'),
    bytes(
      'memory.usage',
      memory.usage,
      'page cache included, which the kernel takes back first',
      'not counted here',
    ),
    bytes('memory.swapLimit', memory.swapLimit, 'swap alone', 'no limit seen'),
    bytes('memory.swapUsage', memory.swapUsage, 'swap'),
    figure('memory.oomKills', memory.oomKills, formatNumber, 'processes killed for want of memory'),
    figure(
      'cpu.quota',
      cpu.quota,
      (cores) => `${String(cores)} cores`,
      '0.5 is half of one',
      'no quota seen',
    ),
    weight,
    figure('cpu.periods', cpu.periods, formatNumber, 'of the quota, so far'),
    figure('cpu.throttledPeriods', cpu.throttledPeriods, formatNumber, 'those in which it was used up'),
    figure('cpu.throttledSeconds', cpu.throttledSeconds, seconds, 'waited for the next period'),
  ]
}

const notCounted = 'not counted by Node.js, always 0'
const fixed = 'Go’s; the same in every Node.js'

const goMeanings: Record<GoName, string> = {
  Alloc: 'the same as HeapAlloc',
  TotalAlloc: 'everything ever put on the JavaScript heap',
  Sys: 'taken from the operating system: HeapSys, StackSys and OtherSys',
  Lookups: notCounted,
  Mallocs: notCounted,
  Frees: notCounted,
  HeapAlloc: 'objects on the JavaScript heap, and buffers beside it',
  HeapSys: 'the JavaScript heap, and buffers beside it',
  HeapIdle: 'the part of the JavaScript heap that has no objects',
  HeapInuse: 'HeapSys without HeapIdle',
  HeapReleased: 'the part of HeapIdle that takes no physical memory',
  HeapObjects: notCounted,
  StackInuse: 'the main thread’s stack',
  StackSys: 'the same as StackInuse',
  MSpanInuse: notCounted,
  MSpanSys: notCounted,
  MCacheInuse: notCounted,
  MCacheSys: notCounted,
  BuckHashSys: notCounted,
  GCSys: notCounted,
  OtherSys: 'the executable, libraries, other threads',
  NextGC: notCounted,
  LastGC: 'when the last garbage collection ended',
  PauseTotalNs: 'how long garbage collections have stopped the program',
  NumGC: 'garbage collections since the server began to serve',
  NumForcedGC: notCounted,
  GCCPUFraction: notCounted,
  EnableGC: fixed,
  DebugGC: fixed,
}

/** Those that don't count bytes. */
const others: Partial<Record<GoName, (value: number) => string>> = {
  Lookups: formatNumber,
  Mallocs: formatNumber,
  Frees: formatNumber,
  HeapObjects: formatNumber,
  LastGC: (nanoseconds) => (nanoseconds === 0 ? 'none yet' : new Date(nanoseconds / 1e6).toISOString()),
  PauseTotalNs: (nanoseconds) => `${formatNumber(nanoseconds / 1e6, 1)} ms`,
  NumGC: formatNumber,
  NumForcedGC: formatNumber,
  GCCPUFraction: formatNumber,
}

/** The fields of Go's runtime.MemStats. */
export const goFigures = (memStats: MemoryStatus['memStats']): Figure[] =>
  keysOf(goMeanings).map((name) => {
    const value = memStats[name]
    const meaning = goMeanings[name]
    if (typeof value === 'boolean') return { name, value: String(value), exact: String(value), meaning }
    return figure(name, value, others[name] ?? formatBytes, meaning)
  })

function figure(
  name: string,
  value: number | null,
  format: (value: number) => string,
  meaning: string,
  absent = 'not known',
): Figure {
  if (value === null) return { name, value: absent, exact: '', meaning }
  return { name, value: format(value), exact: String(value), meaning }
}

const bytes = (name: string, value: number | null, meaning: string, absent?: string): Figure =>
  figure(name, value, formatBytes, meaning, absent)

const seconds = (value: number): string => `${formatNumber(value, 1)} s`

/** A record's own keys are all that `Object.keys` gives of one that is written out here. */
const keysOf = <Name extends string>(record: Record<Name, unknown>): Name[] => Object.keys(record) as Name[]
