/** The chapters as their concepts.yaml say them, and how much of each a test runs. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  chapterFile,
  readChapter,
  type WholeChapter,
  type WholeConcept,
} from '../server/features/manifests/chapter-file.ts'

/** Where each chapter has its folder. */
export const manifestsFolder = join(import.meta.dirname, '../manifests')

/** Every chapter that there is, in the book's order. @throws Error where one is not as it has to be */
export function chapters(): WholeChapter[] {
  const paths = globSync('**/*', { cwd: manifestsFolder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(manifestsFolder, join(parentPath, name)))
  return globSync(`*/${chapterFile}`, { cwd: manifestsFolder })
    .sort()
    .map((path) => readChapter(dirname(path), readFileSync(join(manifestsFolder, path), 'utf8'), paths))
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
