/** The names of Go's runtime.MemStats, with Node's figures. */
import type { HeapInfo } from 'node:v8'
import type { Collections } from './collections.ts'
import type { MemoryReport, MemStats } from './wire.ts'

/** Where the figures come from. */
export interface Sources {
  /** `process.memoryUsage()` */
  readonly usage: NodeJS.MemoryUsage
  /** `v8.getHeapStatistics()` */
  readonly heap: HeapInfo
  /** The main thread's stack, in bytes. */
  readonly stack: number
  /** The part of `usage.external` that was set aside and isn't in use, in bytes. */
  readonly unused: number
  readonly collections: Collections
}

/** @returns bytes where Go has bytes; 0 for what Node doesn't count */
export function memStats({ usage, heap, stack, unused, collections }: Sources): MemStats {
  const { rss, heapTotal, heapUsed, external } = usage
  const buffers = external - unused
  const heapIdle = heapTotal - heapUsed
  const heapSys = heapTotal + buffers
  const otherSys = Math.max(0, rss - heapSys - stack)
  return {
    Alloc: heapUsed + buffers,
    // Before Node 25 this isn't told: then what is there now, the least that it can be.
    TotalAlloc: heap.total_allocated_bytes || heapUsed,
    Sys: heapSys + stack + otherSys,
    Lookups: 0,
    Mallocs: 0,
    Frees: 0,
    HeapAlloc: heapUsed + buffers,
    HeapSys: heapSys,
    HeapIdle: heapIdle,
    HeapInuse: heapSys - heapIdle,
    HeapReleased: Math.min(heapIdle, Math.max(0, heapTotal - heap.total_physical_size)),
    HeapObjects: 0,
    StackInuse: stack,
    StackSys: stack,
    MSpanInuse: 0,
    MSpanSys: 0,
    MCacheInuse: 0,
    MCacheSys: 0,
    BuckHashSys: 0,
    GCSys: 0,
    OtherSys: otherSys,
    NextGC: 0,
    LastGC: Math.round(collections.lastEnd * 1e6),
    PauseTotalNs: Math.round(collections.pausedMs * 1e6),
    NumGC: collections.count,
    NumForcedGC: 0,
    GCCPUFraction: 0,
    EnableGC: true,
    DebugGC: false,
  }
}

/** Go's classes of small objects (runtime/sizeclasses.go, the 61 that MemStats tells of), in bytes. */
const classes = [
  ...[0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384],
  ...[
    416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072,
  ],
  ...[
    3200, 3456, 4096, 4864, 5120, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568,
  ],
  ...[14336, 16384],
]

/** What Go tells of each single collection and of each class of objects. */
export const memStatsInDetail = ({
  pauses,
  ends,
}: Collections): Pick<MemoryReport['memStats'], 'PauseNs' | 'PauseEnd' | 'BySize'> => ({
  PauseNs: [...pauses],
  PauseEnd: [...ends],
  BySize: classes.map((Size) => ({ Size, Mallocs: 0, Frees: 0 })),
})
