/** Does what a chapter tells a reader to do: every command as it stands, in a real shell, in one namespace, from the first to the last. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { chapters, commandsRun, summaryOf } from '../../scripts/chapters.ts'
import type { WholeConcept } from '../../server/features/manifests/chapter-file.ts'
import { notEnforced } from './network-policies.ts'
import { Reader, type Trial } from './reader.ts'

/** How a chapter is gone through. */
export interface Course extends Trial {
  /** How many go through it side by side, each in a namespace of its own and with a part of the concepts: 2 for a long one. */
  readonly readers?: number
}

/** Declares the test of a chapter. @param folder as `05-pods` */
export function proveChapter(folder: string, { readers = 1, ...trial }: Course): void {
  const chapter = chapters().find((one) => one.folder === folder)
  assert.ok(chapter, folder)
  const title = `${chapter.number} ${chapter.title}: every command does what it says as pasted into ${trial.shell}`
  test(title, { concurrency: readers }, async (context) => {
    const parts = partsOf(chapter.concepts.filter(isWanted), readers)
    await Promise.all(parts.map((concepts) => read(context, folder, trial, concepts)))
    for (const line of summaryOf(chapter)) context.diagnostic(line)
  })
}

/** Goes through concepts one after another. */
async function read(
  context: TestContext,
  folder: string,
  trial: Trial,
  concepts: readonly WholeConcept[],
): Promise<void> {
  const reader = await Reader.sitDown(context, folder, trial)
  try {
    if (concepts.some(looksAtCluster)) await reader.openViewer(context)
    for (const concept of concepts)
      await context.test(concept.name, { skip: concept.notRun ?? lacking(concept) }, (part) =>
        reader.prove(part, concept),
      )
  } finally {
    await reader.closeViewer(context)
  }
}

/** Parts of about as many commands each; what continues a concept is in the part of that. */
function partsOf(concepts: readonly WholeConcept[], count: number): readonly (readonly WholeConcept[])[] {
  const all = commandsRun(concepts).run
  const parts: WholeConcept[][] = []
  for (const [index, concept] of concepts.entries()) {
    const before = commandsRun(concepts.slice(0, index)).run
    const isNext = before >= (all * parts.length) / count && !concept.continues
    if (isNext || parts.length === 0) parts.push([])
    parts.at(-1)?.push(concept)
  }
  return parts
}

/** KUARD_TEST_CONCEPTS is a pattern for the ids of those to be tried; all, where it is not set. */
const isWanted = ({ id }: WholeConcept): boolean => new RegExp(process.env.KUARD_TEST_CONCEPTS ?? '').test(id)

/** Why the cluster isn't one for it. */
const lacking = ({ needs }: WholeConcept): string | false =>
  needs.includes('network policies that are enforced') && notEnforced

const looksAtCluster = ({ steps }: WholeConcept): boolean =>
  steps.some(
    ({ page, expect }) => page.some(({ tab }) => tab === 'Cluster') || expect.some((one) => 'see' in one),
  )
