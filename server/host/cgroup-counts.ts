/** What control groups count beside memory and the CPU's quota: CPU time, processes, huge pages; of version 1 and 2 alike. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMachinesOwn, type PlaceOf } from './cgroup-folders.ts'
import { finite, lowest, readNumbers } from './cgroup.ts'
import { readNumber, readTable } from './kernel-files.ts'

/** Processes and threads; null is: not limited, not known, or no such control group. */
export interface PidsControl {
  /** The lowest of the group's own and those above it that can be seen. */
  readonly limit: number | null
  readonly usage: number | null
}

/** Huge pages of one size, in bytes; null as above. */
export interface HugePagesControl {
  readonly size: number
  readonly limit: number | null
  readonly usage: number | null
}

/** How long all of the group has run on CPUs so far, in seconds; null when that can't be read. Version 1 has a controller of its own for it. */
export async function readCpuSeconds(placeOf: PlaceOf): Promise<number | null> {
  const place = (await placeOf('cpuacct')) ?? (await placeOf('cpu'))
  if (!place || (await isMachinesOwn(place))) return null
  const [own] = place.folders
  if (place.version === 1) {
    const nanoseconds = await readNumber(join(own, 'cpuacct.usage'))
    return nanoseconds === null ? null : nanoseconds / 1e9
  }
  const microseconds = (await readTable(join(own, 'cpu.stat'))).usage_usec
  return microseconds === undefined ? null : microseconds / 1e6
}

/** Files as Documentation/admin-guide/cgroup-v1/pids.rst and cgroup-v2.rst have them, under the same names. */
export async function readPids(placeOf: PlaceOf): Promise<PidsControl> {
  const place = await placeOf('pids')
  if (!place) return { limit: null, usage: null }
  const [limits, usage] = await Promise.all([
    readNumbers(place.folders, 'pids.max'),
    readNumber(join(place.folders[0], 'pids.current')),
  ])
  return { limit: lowest(limits), usage }
}

/** Files as Documentation/admin-guide/cgroup-v1/hugetlb.rst and cgroup-v2.rst have them. @returns null without such a control group */
export async function readHugePages(placeOf: PlaceOf): Promise<HugePagesControl[] | null> {
  const place = await placeOf('hugetlb')
  if (!place) return null
  const { version, folders } = place
  const names = await readdir(folders[0]).catch(() => [])
  const [limit, usage] = version === 1 ? ['limit_in_bytes', 'usage_in_bytes'] : ['max', 'current']
  const sizes = names.flatMap((name) => {
    const [, size = '', number = '', unit = ''] = /^hugetlb\.((\d+)(KB|MB|GB))\.\w+$/.exec(name) ?? []
    return name === `hugetlb.${size}.${usage}`
      ? [{ name: size, bytes: Number(number) * (units[unit] ?? 0) }]
      : []
  })
  const controls = sizes.map(async ({ name, bytes }) => ({
    size: bytes,
    limit: lowest((await readNumbers(folders, `hugetlb.${name}.${limit}`)).map(finite)),
    usage: await readNumber(join(folders[0], `hugetlb.${name}.${usage}`)),
  }))
  if (controls.length === 0) return null
  return (await Promise.all(controls)).sort((one, other) => one.size - other.size)
}

const units: Readonly<Partial<Record<string, number>>> = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }
