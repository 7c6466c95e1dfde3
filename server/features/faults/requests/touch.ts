/** What a fault does to requests, and how those that are on have their turn at one. */
import type { FaultKind } from '../wire.ts'
import type { Exchange } from './exchange.ts'

/** Which requests a fault touches. */
export interface Touching {
  /** Of those that it may touch, 0 to 1. */
  readonly share: number
  /** How their paths begin, below a prefix or with it. */
  readonly path: string
  /** Whether probes are touched too. */
  readonly probes: boolean
}

/** A fault that touches requests. */
export interface RequestFault extends Touching {
  /** Does to one request what it does; resolves when the request may go on. */
  touch(exchange: Exchange): void | Promise<void>
}

/** What of a request decides which faults touch it. */
export interface Target {
  /** As it was sent, and below its prefix. */
  readonly paths: readonly string[]
  readonly isProbe: boolean
}

/**
 * Touches a request by those faults that are meant for it, one after the other.
 * @param touched is told of each
 */
export async function touch(
  exchange: Exchange,
  target: Target,
  faults: readonly (readonly [FaultKind, RequestFault])[],
  touched: (kind: FaultKind, fault: RequestFault) => void,
): Promise<void> {
  for (const [kind, fault] of faults) {
    if (!isMeant(fault, target)) continue
    touched(kind, fault)
    await fault.touch(exchange)
    if (exchange.isOver) return
  }
}

const isMeant = ({ share, path, probes }: Touching, { paths, isProbe }: Target): boolean =>
  (probes || !isProbe) && paths.some((sent) => sent.startsWith(path)) && Math.random() < share
