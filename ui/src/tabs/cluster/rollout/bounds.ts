/** How many pods a rollout may have at most, and has to have at least. */
import type { Deployment } from '../../../../../server/features/cluster/wire.ts'

export interface Bounds {
  readonly desired: number
  /** Desired and surge: so many may be there, ready or not. */
  readonly most: number
  /** Desired without those that may be unavailable: so many have to be available. */
  readonly least: number
}

/**
 * Reckons as Kubernetes does: a share is rounded up for the surge and down for what may be unavailable; where that leaves neither, one
 * may be unavailable. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function boundsOf({
  desired,
  strategy,
  maxSurge = '0',
  maxUnavailable = '0',
}: Pick<Deployment, 'desired' | 'strategy' | 'maxSurge' | 'maxUnavailable'>): Bounds {
  if (strategy !== 'RollingUpdate') return { desired, most: desired, least: 0 }
  const surge = scaled(maxSurge, desired, Math.ceil)
  const allowed = scaled(maxUnavailable, desired, Math.floor)
  const unavailable = surge === 0 && allowed === 0 ? 1 : allowed
  return { desired, most: desired + surge, least: Math.max(0, desired - unavailable) }
}

const scaled = (value: string, total: number, round: (share: number) => number): number =>
  value.endsWith('%') ? round((Number(value.slice(0, -1)) * total) / 100) : Number(value)
