/** Reads a folder, and in a mounted ConfigMap, Secret or projected volume also what its keys lead to. */
import type { FileEntry } from '../../../../server/features/files/wire.ts'
import { listFiles, readFile, type Answer } from '../../lib/api.ts'
import { machinery, volumeLink, type FolderReading, type VolumeFile } from './changes.ts'

/** What Kubernetes lets a ConfigMap or Secret hold; a projected volume may have several. */
const maxBytes = 4 * 1024 * 1024
const maxFiles = 200
/** A key's path may have folders in it. */
const maxDepth = 4

/** Whether keys are links through a link that is swapped, as kubelet writes volumes. */
export const isVolume = (entries: readonly FileEntry[]): boolean =>
  entries.some(({ name, kind }) => name === volumeLink && kind === 'link') && entries.some(isKey)

const isKey = ({ name, kind, target }: FileEntry): boolean =>
  kind === 'link' && !name.startsWith(machinery) && target === `${volumeLink}/${name}`

/** @param path below the root, such as `fs/config/` */
export async function readFolder(path: string): Promise<Answer<FolderReading>> {
  const answer = await listFiles(path)
  const { entries } = answer.value
  const files = isVolume(entries)
    ? await new VolumeReader(answer.pod).read(`${path}${volumeLink}/`)
    : new Map<string, VolumeFile>()
  return { ...answer, value: { entries, files } }
}

/** Reads no more than a volume may hold. */
class VolumeReader {
  readonly #pod: string
  #files = 0
  #bytes = 0

  /** @param pod whose answers count: behind a Service another one's volume may be older or newer */
  constructor(pod: string) {
    this.#pod = pod
  }

  /**
   * All files below a folder, by their paths from there. Those that can't be read are left out: in the middle of a swap they may be
   * gone already, and the next change tells.
   */
  async read(folder: string, depth = 0): Promise<Map<string, VolumeFile>> {
    const files = new Map<string, VolumeFile>()
    const listing = await listFiles(folder).catch(() => undefined)
    if (listing?.pod !== this.#pod || depth > maxDepth) return files
    for (const entry of listing.value.entries) {
      const path = `${folder}${entry.href}`
      if (entry.kind === 'directory') {
        const inside = await this.read(path, depth + 1)
        for (const [name, file] of inside) files.set(`${entry.name}/${name}`, file)
      } else if (entry.kind === 'file') {
        files.set(entry.name, await this.#readOne(path, entry))
      }
    }
    return files
  }

  async #readOne(path: string, { size, modified }: FileEntry): Promise<VolumeFile> {
    const length = size ?? 0
    this.#files += 1
    this.#bytes += length
    if (this.#files > maxFiles || this.#bytes > maxBytes) return { size: length, modified, bytes: undefined }
    const answer = await readFile(path, maxBytes).catch(() => undefined)
    return { size: length, modified, bytes: answer?.pod === this.#pod ? answer.value : undefined }
  }
}
