/** Where the files of this process's control groups are. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from './kernel-files.ts'
import { readMounts, type MountLine } from './mount-table.ts'

/** The folder of a process's group, and those above it as far as they can be seen. */
export type Folders = readonly [own: string, ...above: string[]]

/** Where a controller's figures are. */
export interface Place {
  readonly version: 1 | 2
  readonly folders: Folders
}

/** Finds the folders of a controller, such as `memory` or `cpu`; undefined when no hierarchy that has it can be seen. */
export type PlaceOf = (controller: string) => Promise<Place | undefined>

/**
 * Reads which groups this process is in, and where they are mounted.
 * @param root the folder that has proc/ and whatever is mounted
 */
export async function readPlaces(root = '/'): Promise<PlaceOf> {
  const [groups, mounts] = await Promise.all([readText(join(root, 'proc/self/cgroup')), readMounts(root)])
  const memberships = parseMemberships(groups ?? '')
  return (controller) => locate(root, memberships, mounts ?? [], controller)
}

async function locate(
  root: string,
  memberships: readonly Membership[],
  mounts: readonly MountLine[],
  controller: string,
): Promise<Place | undefined> {
  const first = memberships.find(({ controllers }) => controllers.includes(controller))
  const second = memberships.find(({ hierarchy }) => hierarchy === '0')
  const version = first ? 1 : 2
  const membership = first ?? second
  if (!membership) return undefined

  const candidates = mounts.filter(({ type, fileSystemOptions }) =>
    version === 1 ? type === 'cgroup' && fileSystemOptions.includes(controller) : type === 'cgroup2',
  )
  for (const mount of candidates) {
    const top = join(root, mount.point)
    const below = await groupBelow(top, mount.root, membership.path)
    if (below === undefined) continue
    if (version === 2 && !(await hasController(top, controller))) continue
    return { version, folders: lineage(top, below) }
  }
  return undefined
}

/** A group that this process is in. */
export interface Membership {
  /** 0 is version 2's. */
  readonly hierarchy: string
  readonly controllers: readonly string[]
  /** As seen from this process's namespace of control groups. */
  readonly path: string
}

/**
 * Whether a group is the machine's own, in which everybody is. Only that one has the file `release_agent` in version 1
 * (cgroup-v1/cgroups.rst, section 1.4), and only that one has no `cgroup.type` in version 2 (cgroup-v2.rst).
 */
export async function isMachinesOwn({ version, folders: [own] }: Place): Promise<boolean> {
  return version === 1
    ? (await readText(join(own, 'release_agent'))) !== null
    : (await readText(join(own, 'cgroup.type'))) === null
}

/** Lines as cgroups(7) has them: `4:memory:/kubepods/pod1`, in version 2 `0::/kubepods/pod1`. */
export const parseMemberships = (text: string): Membership[] =>
  [...text.matchAll(/^(\d+):([^:\n]*):(.*)$/gm)].map(([, hierarchy = '', controllers = '', path = '']) => ({
    hierarchy,
    controllers: controllers.split(','),
    path,
  }))

/**
 * Where below a mount this process's group is: where its path says, if the mount shows that part. In a container with
 * the host's namespace of control groups the path may be one that isn't visible; then the mount itself is the
 * group, if it says that it has this process.
 */
async function groupBelow(top: string, mountRoot: string, path: string): Promise<string | undefined> {
  const prefix = mountRoot === '/' ? '' : mountRoot
  if (path === prefix || path.startsWith(`${prefix}/`)) {
    const below = path.slice(prefix.length)
    // One that leads up, /../other, is outside of this namespace, and so of what is mounted.
    if (!below.split('/').includes('..') && (await isFolder(join(top, below)))) return below
  }
  const members = await readText(join(top, 'cgroup.procs'))
  return members?.split('\n').includes(String(process.pid)) === true ? '' : undefined
}

async function hasController(top: string, controller: string): Promise<boolean> {
  const controllers = await readText(join(top, 'cgroup.controllers'))
  return controllers?.split(' ').includes(controller) === true
}

/** The folder of the group and those above it, up to the mount's own. */
function lineage(top: string, below: string): Folders {
  const steps = below.split('/').filter((step) => step !== '')
  return steps.reduce<Folders>((folders, step) => [join(folders[0], step), ...folders], [top])
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
