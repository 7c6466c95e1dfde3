/** The concepts with their files, chapter by chapter, and those of them that are searched for. */
import type {
  Chapter,
  Concept,
  ManifestFile,
  ManifestList,
} from '../../../../server/features/manifests/wire.ts'

/** A concept, knowing the files that its paths stand for. */
export interface ShownConcept extends Concept {
  /** Tells it from others of its chapter. */
  readonly id: number
  readonly files: readonly ManifestFile[]
}

export interface ShownChapter extends Omit<Chapter, 'concepts'> {
  readonly concepts: readonly ShownConcept[]
  /** Those of the chapter's folder that no concept applies as they are. */
  readonly otherFiles: readonly ManifestFile[]
}

/** Every chapter that has something to try. */
export function arrange({ files, chapters }: ManifestList): ShownChapter[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const applied = new Set(chapters.flatMap(({ concepts }) => concepts.flatMap(({ apply }) => apply)))
  return chapters
    .map(({ concepts, ...chapter }) => ({
      ...chapter,
      concepts: concepts.map((concept, id) => ({
        ...concept,
        id,
        files: concept.apply.map((path) => byPath.get(path) ?? { path, watchFor: null }),
      })),
      otherFiles: files.filter(({ path }) => !applied.has(path) && parseInt(path, 10) === chapter.number),
    }))
    .filter(isThere)
}

/** What has the words in it, in capitals or not. */
export function narrow(chapters: readonly ShownChapter[], words: string): readonly ShownChapter[] {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return chapters
  const has = (texts: readonly (string | null)[]) =>
    texts.some((text) => text?.toLowerCase().includes(wanted) === true)
  const fileHas = ({ path, watchFor }: ManifestFile) => has([path, watchFor])
  return chapters
    .map((chapter) => ({
      ...chapter,
      concepts: chapter.concepts.filter(
        ({ name, run, page, kubectl, files }) => has([name, page, kubectl, ...run]) || files.some(fileHas),
      ),
      otherFiles: chapter.otherFiles.filter(fileHas),
    }))
    .filter(isThere)
}

const isThere = ({ concepts, otherFiles }: ShownChapter): boolean =>
  concepts.length > 0 || otherFiles.length > 0
