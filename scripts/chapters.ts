/** The chapters as their concepts.yaml say them, and how much of each a test runs. */
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  chapterFile,
  readChapter,
  type WholeChapter,
  type WholeConcept,
} from '../server/features/manifests/chapter-file.ts'

/** Where each chapter has its folder. */
export const manifestsFolder = join(import.meta.dirname, '../manifests')

/** What the folders hold beside the files that a reader applies. */
const aboutThem = ['README.md', chapterFile]

/** The paths of all files that a reader applies. */
export const manifestPaths = (folder = manifestsFolder): string[] =>
  globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile() && !aboutThem.includes(entry.name))
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort()

/** Every chapter that there is, in the book's order. @throws Error where one is not as it has to be */
export function chapters(folder = manifestsFolder): WholeChapter[] {
  const paths = manifestPaths(folder)
  return globSync(`*/${chapterFile}`, { cwd: folder })
    .sort()
    .map((path) => readChapter(dirname(path), readFileSync(join(folder, path), 'utf8'), paths))
}

/** Puts what each chapter's concepts.yaml says in its place, as the server reads it. @throws Error where one is not as it has to be */
export function shipChapters(folder: string): void {
  for (const chapter of chapters(folder)) {
    const path = join(folder, chapter.folder, chapterFile)
    writeFileSync(path.replace(/yaml$/, 'json'), JSON.stringify(chapter))
    rmSync(path)
  }
}

/** How many there are of something, and how many of them are run. */
export interface Share {
  readonly run: number
  readonly all: number
}

/** Of the commands of concepts; that which applies their files is one. */
export function commandsRun(concepts: readonly WholeConcept[]): Share {
  return share(
    concepts.flatMap(({ apply, steps, notRun }) => [
      ...(apply.length > 0 ? [notRun === null] : []),
      ...steps.map((step) => step.notRun === null),
    ]),
  )
}

/** Of concepts; of one that is run, single commands may not be. */
export const conceptsRun = (concepts: readonly WholeConcept[]): Share =>
  share(concepts.map(({ notRun }) => notRun === null))

const share = (flags: readonly boolean[]): Share => ({ run: flags.filter(Boolean).length, all: flags.length })

/** A line on how much of a chapter is run, and one for each thing that is not, with the reason. */
export function summaryOf({ folder, concepts }: WholeChapter): string[] {
  const [of, commands] = [conceptsRun(concepts), commandsRun(concepts)]
  const reasons = concepts.flatMap(({ name, notRun, steps }) =>
    notRun === null
      ? steps.flatMap((step) => (step.notRun === null ? [] : [`${name}: ${step.run}: ${step.notRun}`]))
      : [`${name}: ${notRun}`],
  )
  return [
    `${folder}: ${of.run} of ${of.all} concepts and ${commands.run} of ${commands.all} commands run as pasted`,
    ...reasons.map((reason) => `${folder}: only validated: ${reason}`),
  ]
}
