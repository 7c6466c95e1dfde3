/** What the flags make of a process from its start: a bad version, for one. */
import type { FaultKind, FaultOrder } from './wire.ts'

/** A fault to begin. */
type Order = { [Kind in FaultKind]: readonly [Kind, FaultOrder<Kind>] }[FaultKind]

/** What `--fault-...` says, by the flags' names. */
export interface FaultFlags {
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
  if (flags.faultErrorShare > 0) {
    const { faultErrorShare: share, faultErrorStatus: status, faultErrorRetryAfter: retryAfter } = flags
    yield ['error', { status, retryAfter, share, ...touching }]
  }
}
