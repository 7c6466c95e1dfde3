/** The concepts with their files, chapter by chapter, and those of them that are searched for. */
import type {
  Chapter,
  Concept,
  ManifestFile,
  ManifestList,
  Step,
} from '../../../../server/features/manifests/wire.ts'
import { placeOf } from '../../../../server/features/manifests/commands.ts'
import { bookPlaceOf, editionsOf } from './place.ts'

/** A concept, knowing the files that its paths stand for. */
export interface ShownConcept extends Concept {
  /** Tells it from all others: `5/a-pod`. */
  readonly key: string
  /** What is applied first, and what the commands name. */
  readonly files: readonly ManifestFile[]
  /** Where the book tells of it, in words; null for what was added. */
  readonly place: string | null
  /** Why no test has run any of it; null where one has run some of it. */
  readonly notRun: string | null
  /** Whether the next one goes on from here, so that nothing is cleaned up. */
  readonly isTakenUp: boolean
}

export interface ShownChapter extends Omit<Chapter, 'concepts'> {
  readonly concepts: readonly ShownConcept[]
  /** The later editions' numbers for it, in words. */
  readonly editions: string
}

/** Every chapter that has something to try. */
export function arrange({ files, chapters }: ManifestList): ShownChapter[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  return chapters
    .map((chapter) => ({
      ...chapter,
      editions: editionsOf(chapter.later),
      concepts: chapter.concepts.map((concept, index, all) => ({
        ...concept,
        key: `${String(chapter.number)}/${concept.id}`,
        files: [...new Set([...concept.apply, ...concept.fetch])].map(
          (path) => byPath.get(path) ?? { path, watchFor: null, text: '' },
        ),
        place: concept.book && bookPlaceOf(concept.book, chapter),
        notRun: reasonOfAll(concept.steps),
        isTakenUp: all[index + 1]?.continues === true,
      })),
    }))
    .filter(hasConcepts)
}

function reasonOfAll(steps: readonly Step[]): string | null {
  const [reason = null, ...others] = new Set(steps.map(({ notRun }) => notRun))
  return others.length === 0 ? reason : null
}

/** What has the words in it, in capitals or not. */
export function narrow(chapters: readonly ShownChapter[], words: string): readonly ShownChapter[] {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return chapters
  return chapters
    .map((chapter) => ({
      ...chapter,
      concepts: chapter.concepts.filter((concept) =>
        textsOf(concept).some((text) => text?.toLowerCase().includes(wanted) === true),
      ),
    }))
    .filter(hasConcepts)
}

/** All that is shown of it, and all that is in its files. */
const textsOf = ({ name, place, needs, files, steps, cleanup }: ShownConcept): (string | null)[] => [
  name,
  place,
  ...needs,
  ...files.flatMap(({ path, watchFor, text }) => [path, watchFor, text]),
  ...steps.flatMap(({ run, type, page, kubectl, notRun }) => [
    run,
    ...type,
    ...page.map((sight) => `${placeOf(sight)}: ${sight.see}`),
    kubectl,
    notRun,
  ]),
  ...cleanup.run,
]

const hasConcepts = ({ concepts }: ShownChapter): boolean => concepts.length > 0
