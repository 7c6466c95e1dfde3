/** What the build has read of the labs that ship, and of the manifests: a server that parsed them would answer nobody meanwhile. */
import { readFile } from 'node:fs/promises'
import type { WrittenLab } from './lab-file.ts'
import type { ManifestObject, ManifestObjects } from './steps.ts'

/** A lab that ships; none of them has a fault. */
export interface ShippedLab extends WrittenLab {
  readonly id: string
}

/** The build's file. */
export interface ShippedFile {
  readonly labs: readonly ShippedLab[]
  readonly manifests: readonly (readonly [path: string, objects: readonly ManifestObject[]])[]
}

/** @throws Error of node:fs */
export async function readShipped(
  path: string,
): Promise<{ readonly labs: readonly ShippedLab[]; readonly manifests: ManifestObjects }> {
  // As this version's own build wrote it.
  const { labs, manifests } = JSON.parse(await readFile(path, 'utf8')) as ShippedFile
  return { labs, manifests: new Map(manifests) }
}
