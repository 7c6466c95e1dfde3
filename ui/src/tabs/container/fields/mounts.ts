/** The fields that mount volumes. */
import type { Mount } from '../../../../../server/features/container/wire.ts'
import { noted, type Yaml } from '../yaml.ts'
import { container, pod, quantity, type Fields } from './pod.ts'

/** What a volume of each kind is made by; undefined for what no field of a pod mounts. */
function sourceOf({ kind, size, path }: Mount): Fields | undefined {
  const unseen = (placeholder: string): Yaml => noted(placeholder, 'its name can’t be seen from inside')
  const sources: Partial<Record<Mount['kind'], () => Fields>> = {
    emptyDir: () => ({ emptyDir: {} }),
    'emptyDir in memory': () => ({
      emptyDir: { medium: 'Memory', sizeLimit: size === null ? undefined : quantity(size) },
    }),
    configMap: () => ({ configMap: { name: unseen('CONFIGMAP') } }),
    secret: () => ({ secret: { secretName: unseen('SECRET') } }),
    projected: () => ({ projected: { sources: noted([], 'which ones can’t be seen from inside') } }),
    downwardAPI: () => ({
      downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
    }),
    hostPath: () => ({ hostPath: { path: noted(path, 'on the node it may have another one') } }),
    claim: () => ({ persistentVolumeClaim: { claimName: unseen('CLAIM') } }),
    csi: () => ({ csi: { driver: unseen('DRIVER') } }),
  }
  return sources[kind]?.()
}

/** volumeMounts and volumes; undefined where there is none that a field of a pod mounts. */
export function mountFields(mounts: readonly Mount[]): string | undefined {
  const all = mounts.flatMap((mount) => {
    const source = sourceOf(mount)
    return source ? [{ mount, source }] : []
  })
  if (all.length === 0) return undefined
  const unnamed = all.filter(({ mount }) => mount.volume === null)
  const nameOf = (mount: Mount): string =>
    mount.volume ?? `volume-${String(unnamed.findIndex((other) => other.mount === mount) + 1)}`
  return pod({
    containers: container({
      volumeMounts: all.map(({ mount }) => ({
        name: nameOf(mount),
        mountPath: mount.path,
        subPath: mount.subPath ?? undefined,
        readOnly: mount.readOnly || undefined,
      })),
    }),
    volumes: [
      // One volume may be mounted at several paths.
      ...new Map(
        all.map(({ mount, source }) => [nameOf(mount), { name: nameOf(mount), ...source }]),
      ).values(),
    ],
  })
}
