/** The files that the kubelet keeps up to date in volumes in memory: tokens, Secrets, what the downward API tells. */
import { readdir, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { MountLine } from '../../host/mount-table.ts'

/** Where Kubernetes mounts a pod's own token (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** No more are looked for, and none deeper below a volume than so many folders. */
const maxFiles = 256
const maxDepth = 3

/** The kubelet writes into a folder named by the time, `..2026_11_30_09_41_28.3255453133`, and has `..data` lead to it. */
const isOfKubelet = async ({ point, root }: MountLine): Promise<boolean> =>
  /^\/\.\.\d{4}_/.test(root) || (await readlink(join(point, '..data')).catch(() => '')).startsWith('..')

/** Volumes of all the node's pods, which a hostPath of the kubelet's folder brings along; they say nothing of this one. */
const ofOthers = /\/pods\/(?:[0-9a-f-]{36}|[0-9a-f]{32})\/volume(?:s|-subpaths)\//

/**
 * Their paths; of the service account's folder those are told whatever is mounted there.
 * @param mounts all mounts
 */
export async function volumeFiles(mounts: readonly MountLine[]): Promise<string[]> {
  // Nothing else is asked, since a file system of a network may hang.
  const inMemory = mounts.filter(({ type, point }) => type === 'tmpfs' && !ofOthers.test(point))
  const ours = await realpath(serviceAccountFolder).catch(() => undefined)
  const paths = ours === undefined ? [] : await filesBelow(serviceAccountFolder, maxDepth)
  for (const mount of inMemory) {
    if (paths.length >= maxFiles) break
    if (mount.point !== ours && (await isOfKubelet(mount)))
      paths.push(...(await filesBelow(mount.point, maxDepth)))
  }
  return paths.slice(0, maxFiles)
}

/** @param path of a folder, or of a file that is mounted by itself (subPath) */
async function filesBelow(path: string, depth: number): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) return found ? [path] : []
  if (depth === 0) return []
  const names = await readdir(path).catch(() => [])
  const shown = names.filter((name) => !name.startsWith('..')).slice(0, maxFiles)
  return (await Promise.all(shown.map((name) => filesBelow(join(path, name), depth - 1)))).flat()
}
