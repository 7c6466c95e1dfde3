/** What is mounted, each mount as what it is to Kubernetes. */
import type { Mount } from './wire.ts'

/** @returns null where mounts can't be seen */
export function readMounts(): Promise<Mount[] | null> {
  return Promise.resolve(null)
}
