/** The manifests that ship with this server. They are few and small, so they are kept once someone has asked for them. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Image } from './image.ts'
import { parseChapters } from './table.ts'
import type { Chapter, ManifestList } from './wire.ts'

/** This server was started without the folder. */
export class NoManifests extends Error {
  override name = 'NoManifests'
}

const table = 'README.md'

/** What was read of the folder. */
interface Read {
  /** By path, sorted. */
  readonly texts: ReadonlyMap<string, string>
  readonly chapters: readonly Chapter[]
}

/** One folder of them. */
export class Manifests {
  readonly #folder: string
  #read: Read | undefined

  /** @param folder with a folder for each chapter, and the tables of README.md */
  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * What there is.
   * @param image for kuard's own in the commands
   * @throws NoManifests
   */
  async list(image?: Image): Promise<ManifestList> {
    const { texts, chapters } = await this.#all()
    const withImage = (command: string) => image?.inCommand(command) ?? command
    return {
      files: Array.from(texts, ([path, text]) => ({ path, watchFor: openingComment(text) })),
      chapters: chapters.map(({ concepts, ...chapter }) => ({
        ...chapter,
        concepts: concepts.map((concept) => ({ ...concept, run: concept.run.map(withImage) })),
      })),
    }
  }

  /**
   * A file's text; undefined if there is none of this path.
   * @param image for kuard's own
   * @throws NoManifests
   */
  async text(path: string, image?: Image): Promise<string | undefined> {
    const text = (await this.#all()).texts.get(path)
    return text === undefined ? undefined : (image?.inManifest(text) ?? text)
  }

  async #all(): Promise<Read> {
    try {
      return (this.#read ??= await readAll(this.#folder))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new NoManifests(`this server was started without its manifests: they are not in ${this.#folder}`)
    }
  }
}

async function readAll(folder: string): Promise<Read> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((path) => path !== table)
    .sort()
  const texts = paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)
  return {
    texts: new Map(await Promise.all(texts)),
    chapters: parseChapters(await readFile(join(folder, table), 'utf8')),
  }
}

/** The comment in a file's first line; in a script's second, after the name of its shell. */
const openingComment = (text: string): string | null =>
  /^(?:#!.*\n)?(?:#|\/\/) *(\S.*)/.exec(text)?.[1]?.trim() ?? null
