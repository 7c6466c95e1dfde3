/** What the flags make of a process from its start: a bad version, for one. */
import type { Cut } from './requests/cut.ts'
import type { FaultKind, FaultOrder } from './wire.ts'

/** A fault to begin. */
type Order = { [Kind in FaultKind]: readonly [Kind, FaultOrder<Kind>] }[FaultKind]

/** What `--fault-...` says, by the flags' names. */
export interface FaultFlags {
  readonly faultDelayMs: number
  readonly faultDelayP99Ms: number
  readonly faultDelayShare: number
  readonly faultCutShare: number
  readonly faultCutAt: Cut['at']
  readonly faultCutReset: boolean
  readonly faultSlowBody: number
  readonly faultRequestCpuMs: number
  readonly faultErrorShare: number
  readonly faultErrorStatus: number
  readonly faultErrorRetryAfter: number
  readonly faultPath: string
  readonly faultProbes: boolean
  readonly faultCrashAfter: number
  readonly faultCrashAfterRequests: number
  readonly faultCrashCode: number
  readonly faultCrashSignal: '' | NonNullable<FaultOrder<'crash'>['signal']>
  readonly faultDeadlockAfter: number
  readonly faultDeadlockFor: number
  readonly faultCpu: number
  readonly faultLeakMib: number
  readonly faultDiskMib: number
  readonly faultDiskFolder: string
  readonly faultOpenFiles: number
  readonly faultSockets: number
  readonly faultIgnoreSigterm: boolean
  readonly faultLogLines: number
  readonly faultSeconds: number
}

/** The faults that the flags begin. */
export const ordersOf = (flags: FaultFlags): readonly Order[] => [
  ...ofRequests(flags),
  ...ofEnds(flags),
  ...ofHolds(flags),
]

function* ofRequests(flags: FaultFlags): Generator<Order> {
  const touching = { path: flags.faultPath, probes: flags.faultProbes, seconds: flags.faultSeconds }
  if (flags.faultDelayMs > 0) {
    const { faultDelayMs: ms, faultDelayP99Ms: p99Ms, faultDelayShare: share } = flags
    yield ['delay', { ms, ...(p99Ms > 0 && { p99Ms }), share, ...touching }]
  }
  if (flags.faultRequestCpuMs > 0) yield ['request-cpu', { ms: flags.faultRequestCpuMs, ...touching }]
  if (flags.faultSlowBody > 0) yield ['slow-body', { bytesPerSecond: flags.faultSlowBody, ...touching }]
  if (flags.faultCutShare > 0) {
    const { faultCutShare: share, faultCutAt: at, faultCutReset: reset } = flags
    yield ['cut', { at, reset, share, ...touching }]
  }
  if (flags.faultErrorShare > 0) {
    const { faultErrorShare: share, faultErrorStatus: status, faultErrorRetryAfter: retryAfter } = flags
    yield ['error', { status, retryAfter, share, ...touching }]
  }
}

/** By which the process ends, hangs, or won't end. */
function* ofEnds(flags: FaultFlags): Generator<Order> {
  const { faultCrashAfter: afterSeconds, faultCrashAfterRequests: afterRequests } = flags
  if (afterSeconds > 0 || afterRequests > 0) {
    const { faultCrashCode: code, faultCrashSignal: signal } = flags
    yield ['crash', { afterSeconds, afterRequests, code, ...(signal === '' ? {} : { signal }) }]
  }
  if (flags.faultDeadlockAfter > 0)
    yield ['deadlock', { afterSeconds: flags.faultDeadlockAfter, seconds: flags.faultDeadlockFor }]
  if (flags.faultIgnoreSigterm) yield ['ignore-sigterm', { seconds: flags.faultSeconds }]
}

/** By which it takes what others need. */
function* ofHolds(flags: FaultFlags): Generator<Order> {
  const { faultSeconds: seconds } = flags
  if (flags.faultCpu > 0) yield ['cpu', { cores: flags.faultCpu, seconds }]
  if (flags.faultLeakMib > 0) yield ['leak', { mibPerSecond: flags.faultLeakMib, seconds }]
  if (flags.faultDiskMib > 0)
    yield ['disk', { folder: flags.faultDiskFolder, mib: flags.faultDiskMib, seconds }]
  if (flags.faultOpenFiles > 0) yield ['open-files', { count: flags.faultOpenFiles, seconds }]
  if (flags.faultSockets > 0) yield ['sockets', { count: flags.faultSockets, seconds }]
  if (flags.faultLogLines > 0) yield ['log-flood', { linesPerSecond: flags.faultLogLines, seconds }]
}
