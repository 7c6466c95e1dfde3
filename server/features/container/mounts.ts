/** What is mounted, each mount as what it is to Kubernetes, with what is used of it. */
import type { StatsFs } from 'node:fs'
import { lstat, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { gates } from '../../host/gate.ts'
import { Looks } from '../../host/looks.ts'
import type { MountLine } from '../../host/mount-table.ts'
import { kernelTypes, networkTypes, tellMount, type Inside, type PodMounts } from './mount-kind.ts'
import type { Mount } from './wire.ts'

/** So many are told; a volume that is the node's root brings hundreds with it. */
const maxMounts = 500

/** What a look at a mount finds. */
type Look = Pick<Mount, 'isFolder' | 'size' | 'used' | 'inodes' | 'inodesUsed'> & { readonly inside: Inside }

const unseen: Look = {
  isFolder: null,
  size: null,
  used: null,
  inodes: null,
  inodesUsed: null,
  inside: { hasData: null, hasToken: false },
}

/** All looks together have this time, in milliseconds. */
const patienceMs = 6_000

const near = new Looks<Look>(gates.mounts)
const far = new Looks<Look>(gates.farMounts)

/** Tells of each that can be seen; those of the kernel are left out first when there are too many. */
export async function tellMounts(pod: PodMounts): Promise<Mount[]> {
  const covered = new Set(pod.lines.map(({ parent, point }) => `${parent} ${point}`))
  const visible = pod.lines.filter(({ id, point }) => !covered.has(`${id} ${point}`))
  // Looked at in this order: where time runs out, as without a request of CPU on a busy node, the volumes have had theirs.
  const told = kernelsLast(visible).slice(0, maxMounts)
  const seen = await lookAtAll(told)
  const chosen = new Set(told)
  return visible
    .filter((line) => chosen.has(line))
    .map((line) => {
      const { inside, ...look } = seen.get(line) ?? unseen
      return { ...describe(line), ...look, ...tellMount(line, pod, inside) }
    })
}

const isKernels = ({ point }: MountLine): boolean => /\/(proc|sys|dev|netns)(\/|$)/.test(point)

const kernelsLast = (lines: readonly MountLine[]): readonly MountLine[] => [
  ...lines.filter((line) => !isKernels(line)),
  ...lines.filter(isKernels),
]

const describe = ({ point, type, source, options, fileSystemOptions }: MountLine) => ({
  path: point,
  fileSystem: type,
  source,
  readOnly: options.includes('ro') || fileSystemOptions.includes('ro'),
})

/**
 * Looks at what is from this machine, and beside that at network file systems, which may hang.
 * @returns what came back in time
 */
async function lookAtAll(lines: readonly MountLine[]): Promise<ReadonlyMap<MountLine, Look>> {
  const end = performance.now() + patienceMs
  const seen = new Map<MountLine, Look>()
  const lookOn = async (looks: Looks<Look>, queue: Iterable<MountLine>) => {
    for (const line of queue) {
      if (performance.now() > end) return
      const look = await looks.at(line.point, () => lookAt(line))
      if (look) seen.set(line, look)
    }
  }
  // To look into one of autofs would have it mounted.
  const visible = lines.filter(({ type }) => type !== 'autofs')
  const isFar = ({ type }: MountLine) => networkTypes.test(type)
  // Two take from this one, as its gate lets two in.
  const farther = visible.filter(isFar).values()
  const nearer = visible.filter((line) => !isFar(line))
  await Promise.all([lookOn(near, nearer), lookOn(far, farther), lookOn(far, farther)])
  return seen
}

async function lookAt({ point, type }: MountLine): Promise<Look> {
  const isFolder = await stat(point).then(
    (stats) => stats.isDirectory(),
    () => null,
  )
  if (kernelTypes.has(type)) return { ...unseen, isFolder }
  const inside = type === 'tmpfs' ? await lookInside(point, isFolder) : unseen.inside
  const space = await statfs(point).then(spaceOf, () => null)
  return { ...unseen, isFolder, inside, ...space }
}

/** Some file systems have no size, and some count no inodes. */
const spaceOf = ({ blocks, bfree, bsize, files, ffree }: StatsFs) => ({
  ...(blocks > 0 ? { size: blocks * bsize, used: (blocks - bfree) * bsize } : {}),
  ...(files > 0 ? { inodes: files, inodesUsed: files - ffree } : {}),
})

async function lookInside(path: string, isFolder: boolean | null): Promise<Inside> {
  if (isFolder !== true) return { hasData: isFolder === null ? null : false, hasToken: false }
  const hasData = await lstat(join(path, '..data')).then(
    (stats) => stats.isSymbolicLink(),
    (error: unknown) => ((error as NodeJS.ErrnoException).code === 'ENOENT' ? false : null),
  )
  const hasToken = hasData === true && (await lstat(join(path, 'token')).catch(() => null)) !== null
  return { hasData, hasToken }
}
