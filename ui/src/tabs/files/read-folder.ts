/** Reads a folder, and in a mounted ConfigMap, Secret or projected volume also what its keys lead to. */
import type { FileEntry } from '../../../../server/features/files/wire.ts'
import { listFiles, readFile, type Answer } from '../../lib/api.ts'
import { OnePod, OtherPod } from '../../lib/one-pod.ts'
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
  const pod = new OnePod()
  const answer = await pod.ask(() => listFiles(path))
  const { entries } = answer.value
  const files = isVolume(entries)
    ? await new VolumeReader(pod).read(`${path}${volumeLink}/`)
    : new Map<string, VolumeFile>()
  return { ...answer, value: { entries, files } }
}

/** Reads no more than a volume may hold. */
class VolumeReader {
  readonly #pod: OnePod
  #files = 0
  #bytes = 0

  /** @param pod which has answered already: another one's volume may be older or newer */
  constructor(pod: OnePod) {
    this.#pod = pod
  }

  /**
   * All files below a folder, by their paths from there. Those that can't be read are left out: in the middle of a swap they may be
   * gone already, and the next change tells.
   */
  async read(folder: string, depth = 0): Promise<Map<string, VolumeFile>> {
    const files = new Map<string, VolumeFile>()
    const listing = await this.#pod.ask(() => listFiles(folder)).catch(unlessOtherPod)
    if (!listing || depth > maxDepth) return files
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
    const answer = await this.#pod.ask(() => readFile(path, maxBytes)).catch(unlessOtherPod)
    return { size: length, modified, bytes: answer?.value }
  }
}

/** What is left out would be taken for gone. */
function unlessOtherPod(error: unknown): undefined {
  if (error instanceof OtherPod) throw error
}
