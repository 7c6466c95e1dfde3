/** The JSON shapes of the Memory page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const bytes = (what: string) => Type.Integer({ description: `${what}, in bytes` })
const count = (what: string) => Type.Integer({ description: what })
const orNull = (schema: Type.TInteger | Type.TNumber) => Type.Union([schema, Type.Null()])
const notCounted = 'not counted by Node.js, always 0'

/** The fields of Go's runtime.MemStats, with what comes nearest in Node.js. */
export const MemStats = Type.Object({
  Alloc: bytes('the same as HeapAlloc'),
  TotalAlloc: bytes('everything ever put on the JavaScript heap'),
  Sys: bytes('everything taken from the operating system: HeapSys, StackSys and OtherSys'),
  Lookups: count(notCounted),
  Mallocs: count(notCounted),
  Frees: count(notCounted),
  HeapAlloc: bytes('objects on the JavaScript heap, and buffers beside it'),
  HeapSys: bytes('the JavaScript heap, and buffers beside it'),
  HeapIdle: bytes('the part of the JavaScript heap that has no objects'),
  HeapInuse: bytes('HeapSys without HeapIdle'),
  HeapReleased: bytes('the part of HeapIdle that takes no physical memory'),
  HeapObjects: count(notCounted),
  StackInuse: bytes("the main thread's stack"),
  StackSys: bytes('the same as StackInuse'),
  MSpanInuse: count(notCounted),
  MSpanSys: count(notCounted),
  MCacheInuse: count(notCounted),
  MCacheSys: count(notCounted),
  BuckHashSys: count(notCounted),
  GCSys: count(notCounted),
  OtherSys: bytes('the rest of the resident size: the executable, libraries, other threads'),
  NextGC: count(notCounted),
  LastGC: count('when the last garbage collection ended, in nanoseconds since 1970; 0 before the first'),
  PauseTotalNs: count('how long garbage collections have stopped the program, in nanoseconds'),
  NumGC: count('garbage collections since the server began to serve, of young and old objects alike'),
  NumForcedGC: count(notCounted),
  GCCPUFraction: Type.Number({ description: notCounted }),
  EnableGC: Type.Boolean(),
  DebugGC: Type.Boolean(),
})
export type MemStats = Static<typeof MemStats>

/** Node's own figures, by its own names. */
export const NodeMemory = Type.Object({
  rss: bytes('resident size: the physical memory that the process takes'),
  heapUsed: bytes('objects on the JavaScript heap'),
  heapTotal: bytes('the JavaScript heap'),
  heapLimit: bytes('what the JavaScript heap may grow to'),
  external: bytes('memory outside of the heap that objects on it hold, arrayBuffers among it'),
  arrayBuffers: bytes('buffers, those of this page among them'),
  allocated: bytes('held by this page'),
  startedAt: Type.String({
    format: 'date-time',
    description: 'when the process began: after a restart it is another',
  }),
})
export type NodeMemory = Static<typeof NodeMemory>

const version = Type.Union([Type.Literal(1), Type.Literal(2), Type.Null()], {
  description: 'of the control groups where the controller is; null where none can be seen',
})

/** The control group of this process; null is: not limited, not known, or no control group. */
export const Cgroup = Type.Object({
  memory: Type.Object({
    version,
    limit: orNull(bytes('the lowest limit of the group and those above it')),
    usage: orNull(bytes('page cache included')),
    swapLimit: orNull(bytes('swap alone, for version 1 too')),
    swapUsage: orNull(bytes('swap')),
    oomKills: orNull(count('processes killed for want of memory')),
  }),
  cpu: Type.Object({
    version,
    quota: orNull(Type.Number({ description: 'in cores, 0.5 is half of one' })),
    shares: orNull(count('relative weight in version 1; 1024 is the default')),
    weight: orNull(count('relative weight in version 2; 100 is the default')),
    periods: orNull(count("the quota's periods so far")),
    throttledPeriods: orNull(count('those in which the quota was used up')),
    throttledSeconds: orNull(Type.Number({ description: 'time spent waiting for the next period' })),
  }),
})

/** Everything on the page. */
export const MemoryStatus = Type.Object({ memStats: MemStats, node: NodeMemory, cgroup: Cgroup })
export type MemoryStatus = Static<typeof MemoryStatus>

const ring = (what: string) =>
  Type.Array(Type.Integer(), {
    description: `${what}, of the last 256 collections; the latest at (NumGC + 255) % 256`,
  })

/** The same with what is Go's and long: in the answer, but not told every second. */
export const MemoryReport = Type.Object({
  ...MemoryStatus.properties,
  memStats: Type.Object({
    ...MemStats.properties,
    PauseNs: ring('how long each has stopped the program, in nanoseconds'),
    PauseEnd: ring('when each ended, in nanoseconds since 1970'),
    BySize: Type.Array(
      Type.Object({
        Size: bytes('the largest of its class'),
        Mallocs: count(notCounted),
        Frees: count(notCounted),
      }),
    ),
  }),
})
export type MemoryReport = Static<typeof MemoryReport>

/** How much to allocate. */
export const Allocation = Type.Object({
  size: Type.String({
    pattern: String.raw`^\+?[0-9]+$`,
    description: 'bytes: a whole number in decimal digits, up to 2^63-1',
  }),
})
