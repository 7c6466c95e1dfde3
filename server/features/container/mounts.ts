/** What is mounted, each mount as what it is to Kubernetes, with what is used of it. */
import { lstat, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { gates } from '../../host/gate.ts'
import { Looks } from '../../host/looks.ts'
import type { MountLine } from '../../host/mount-table.ts'
import { tellMount, type Inside, type PodMounts } from './mount-kind.ts'
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

const looks = new Looks<Look>(gates.mounts)

/** Tells of each that can be seen; those of the kernel are left out first when there are too many. */
export async function tellMounts(pod: PodMounts): Promise<Mount[]> {
  const covered = new Set(pod.lines.map(({ parent, point }) => `${parent} ${point}`))
  const visible = pod.lines.filter(({ id, point }) => !covered.has(`${id} ${point}`))
  // Begun in this order: where a turn comes late, as without a request of CPU on a busy node, the volumes have had theirs.
  const looked = new Map(
    kernelsLast(visible)
      .slice(0, maxMounts)
      .map((line) => [line, lookAt(line)]),
  )
  return Promise.all(
    visible.flatMap((line) => {
      const looking = looked.get(line)
      return looking ? [tellOf(line, pod, looking)] : []
    }),
  )
}

async function tellOf(line: MountLine, pod: PodMounts, looking: Promise<Look>): Promise<Mount> {
  const { inside, ...look } = await looking
  return { ...describe(line), ...look, ...tellMount(line, pod, inside) }
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

/** Never fails, and takes six seconds at most: a turn is waited for three, and what it brings three more. */
async function lookAt({ point, type }: MountLine): Promise<Look> {
  // To look into one of autofs would have it mounted.
  const seen = type === 'autofs' ? null : await looks.at(point, () => look(point))
  return seen ?? unseen
}

async function look(path: string): Promise<Look> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => null,
  )
  const inside = await lookInside(path, isFolder)
  const used = await statfs(path).catch(() => null)
  if (!used) return { ...unseen, isFolder, inside }
  const { blocks, bfree, bsize, files, ffree } = used
  return {
    isFolder,
    inside,
    // Those of the kernel have no size, and some of the others count no inodes.
    ...(blocks > 0 ? { size: blocks * bsize, used: (blocks - bfree) * bsize } : { size: null, used: null }),
    ...(files > 0 ? { inodes: files, inodesUsed: files - ffree } : { inodes: null, inodesUsed: null }),
  }
}

async function lookInside(path: string, isFolder: boolean | null): Promise<Inside> {
  if (isFolder !== true) return { hasData: isFolder === null ? null : false, hasToken: false }
  const hasData = await lstat(join(path, '..data')).then(
    (stats) => stats.isSymbolicLink(),
    (error: unknown) => ((error as NodeJS.ErrnoException).code === 'ENOENT' ? false : null),
  )
  const hasToken = hasData === true && (await lstat(join(path, 'token')).catch(() => null)) !== null
  return { hasData, hasToken }
}
