/**
 * The manifests that ship with this server, and the chapters that the build has read: a server that parsed these would answer nobody
 * meanwhile. All are few and small, so they are kept once someone has asked for them.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { Image } from './image.ts'
import type { WholeChapter } from './chapter-file.ts'
import type { Chapter, ManifestList } from './wire.ts'

/** This server was started without the folder. */
export class NoManifests extends Error {
  override name = 'NoManifests'

  constructor(folder: string) {
    super(`this server was started without its manifests: they are not in ${folder}`)
  }
}

/** In a chapter's folder beside the files that a reader applies: what the build has read of its concepts. */
const chapterFile = 'concepts.json'

/** What was read of the folder. */
interface Read {
  /** By path, sorted. */
  readonly texts: ReadonlyMap<string, string>
  readonly chapters: readonly WholeChapter[]
}

/** What a manifest can name in place of its own: an image, a namespace. */
interface StandIn {
  inManifest(text: string): string
}

/** One folder of them. */
export class Manifests {
  readonly #folder: string
  #read: Read | undefined

  /** @param folder with a folder for each chapter, and in each its concepts.json */
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
      files: Array.from(texts, ([path, text]) => ({
        path,
        watchFor: openingComment(text),
        text: image?.inManifest(text) ?? text,
      })),
      chapters: chapters.map((chapter) => told(chapter, withImage)),
    }
  }

  /**
   * A file's text; undefined if there is none of this path.
   * @param others that stand in for what it names
   * @throws NoManifests
   */
  async text(path: string, others: readonly StandIn[] = []): Promise<string | undefined> {
    const text = (await this.#all()).texts.get(path)
    return text === undefined ? undefined : others.reduce((before, one) => one.inManifest(before), text)
  }

  /**
   * The chapters with what tests expect of them, for whoever teaches by them.
   * @throws NoManifests
   */
  async chapters(): Promise<readonly WholeChapter[]> {
    return (await this.#all()).chapters
  }

  async #all(): Promise<Read> {
    try {
      return (this.#read ??= await readAll(this.#folder))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new NoManifests(this.#folder)
    }
  }
}

async function readAll(folder: string): Promise<Read> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const all = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort()
  const textOf = (path: string) => readFile(join(folder, path), 'utf8')
  const texts = all
    .filter((path) => basename(path) !== chapterFile)
    .map(async (path) => [path, await textOf(path)] as const)
  const chapters = all
    .filter((path) => basename(path) === chapterFile)
    // As this version's own build wrote it.
    .map(async (path) => JSON.parse(await textOf(path)) as WholeChapter)
  if (all.length === 0) throw new NoManifests(folder)
  return { texts: new Map(await Promise.all(texts)), chapters: await Promise.all(chapters) }
}

/** A chapter without what only tests and its page of text are made of. */
function told(
  { changes, concepts, ...chapter }: WholeChapter,
  withImage: (command: string) => string,
): Chapter {
  return {
    ...chapter,
    concepts: concepts.map(({ notRun, steps, cleanup, ...concept }) => ({
      ...concept,
      steps: steps.map(({ id, files, expect, ...step }) => ({ ...step, run: withImage(step.run) })),
      cleanup: { ...cleanup, run: cleanup.run.map(withImage) },
    })),
  }
}

/** The comment in a file's first line; in a script's second, after the name of its shell. */
const openingComment = (text: string): string | null =>
  /^(?:#!.*\n)?(?:#|\/\/) *(\S.*)/.exec(text)?.[1]?.trim() ?? null
