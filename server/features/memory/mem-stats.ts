/** The names of Go's runtime.MemStats, with Node's figures. */
import type { HeapInfo } from 'node:v8'
import type { Collections } from './collections.ts'
import type { MemStats } from './wire.ts'

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
