/** Whose container a process is in, by the path of its control group. */
import { join } from 'node:path'
import { parseMemberships } from './cgroup-folders.ts'
import { readText } from './kernel-files.ts'

/** What kubelets and container runtimes have written into such a path. */
export interface GroupPath {
  readonly path: string
  /** The container's, 64 hexadecimal digits; null when there is none. */
  readonly container: string | null
  /** Kubernetes' class, where the group is a pod's. */
  readonly qualityOfService: 'Guaranteed' | 'Burstable' | 'BestEffort' | null
}

/**
 * What /proc/PID/cgroup says; null when it can't be read.
 * @param text of that file
 */
export function groupPathIn(text: string): GroupPath | null {
  const paths = parseMemberships(text).map(({ path }) => path)
  // Hybrid machines have every process in the root of one hierarchy or another.
  const path = paths.find((one) => containerIn(one) !== null) ?? paths.find((one) => one !== '/') ?? paths[0]
  if (path === undefined) return null
  return { path, container: containerIn(path), qualityOfService: classIn(path) }
}

/** `.../ID`, `.../cri-containerd-ID.scope`, `.../libpod-ID.scope/container`: the innermost counts. */
const containerIn = (path: string): string | null =>
  path
    .split('/')
    .flatMap((step) => /(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$/.exec(step)?.[1] ?? [])
    .at(-1) ?? null

/** `/kubepods/burstable/podUID/...` or `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/...` (pkg/kubelet/cm). */
function classIn(path: string): GroupPath['qualityOfService'] {
  const [, name] = /kubepods(?:\.slice)?[/-](?:[\w-]*kubepods-)?(burstable|besteffort|pod)/.exec(path) ?? []
  if (name === 'burstable') return 'Burstable'
  if (name === 'besteffort') return 'BestEffort'
  return name === 'pod' ? 'Guaranteed' : null
}

/** Of this process; null when it can't be read. */
export async function readOwnGroup(root = '/'): Promise<GroupPath | null> {
  return groupPathIn((await readText(join(root, 'proc/self/cgroup'))) ?? '')
}
