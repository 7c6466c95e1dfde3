/** What is mounted, in the order of interest, and where the file system browser shows it. */
import type { Mount } from '../../../../server/features/container/wire.ts'
import { formatBytes, formatNumber } from '../../lib/format.ts'

/** What every container has, whatever its manifest says. */
const everywhere: readonly Mount['kind'][] = ['kernel', 'file of the kubelet']

export const isEverywhere = ({ kind }: Mount): boolean => everywhere.includes(kind)

/**
 * Below the page's root, where the file system browser shows a path of the server.
 * @param isFolder null where that isn't known: it is taken for a folder, from which the server leads on to a file
 */
export function filesAddress(path: string, isFolder: boolean | null): string {
  const names = path.split('/').filter(Boolean).map(encodeURIComponent)
  if (isFolder !== false) return `fs/${names.map((name) => `${name}/`).join('')}`
  const last = names.pop() ?? ''
  return `fs/${names.map((name) => `${name}/`).join('')}?file=${last}`
}

/** Such as `12 MiB of 40 MiB`. */
export function spaceWords({ used, size }: Mount): string {
  if (size === null) return 'unknown'
  return used === null ? formatBytes(size) : `${formatBytes(used)} of ${formatBytes(size)}`
}

/** Such as `120 of 4,000`. */
export function inodeWords({ inodes, inodesUsed }: Mount): string {
  if (inodes === null) return 'unknown'
  // Some file systems make them as they go, and say that they have none.
  if (inodes === 0) return 'no bound'
  return inodesUsed === null ? formatNumber(inodes) : `${formatNumber(inodesUsed)} of ${formatNumber(inodes)}`
}
