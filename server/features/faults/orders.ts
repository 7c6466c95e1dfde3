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
  readonly faultSeconds: number
}

/** The faults that the flags begin. */
export const ordersOf = (flags: FaultFlags): readonly Order[] => [...ofRequests(flags)]

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
