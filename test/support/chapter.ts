/** Does what a chapter tells a reader to do: every command as it stands, in a real shell, in one namespace, from the first to the last. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chapters, summaryOf } from '../../scripts/chapters.ts'
import type { WholeConcept } from '../../server/features/manifests/chapter-file.ts'
import { notEnforced } from './network-policies.ts'
import { Reader, type Trial } from './reader.ts'

/** Declares the test of a chapter. @param folder as `05-pods` */
export function proveChapter(folder: string, trial: Trial): void {
  const chapter = chapters().find((one) => one.folder === folder)
  assert.ok(chapter, folder)
  test(`${chapter.number} ${chapter.title}: every command does what it says as pasted into ${trial.shell}`, async (context) => {
    const reader = await Reader.sitDown(context, folder, trial)
    const concepts = chapter.concepts.filter(isWanted)
    try {
      if (concepts.some(looksAtCluster)) await reader.openViewer(context)
      for (const concept of concepts)
        await context.test(concept.name, { skip: concept.notRun ?? lacking(concept) }, (part) =>
          reader.prove(part, concept),
        )
    } finally {
      await reader.closeViewer(context)
    }
    for (const line of summaryOf(chapter)) context.diagnostic(line)
  })
}

/** KUARD_TEST_CONCEPTS is a pattern for the ids of those to be tried; all, where it is not set. */
const isWanted = ({ id }: WholeConcept): boolean => new RegExp(process.env.KUARD_TEST_CONCEPTS ?? '').test(id)

/** Why the cluster isn't one for it. */
const lacking = ({ needs }: WholeConcept): string | false =>
  needs.includes('network policies that are enforced') && notEnforced

const looksAtCluster = ({ steps }: WholeConcept): boolean =>
  steps.some(({ page }) => page.some(({ tab }) => tab === 'Cluster'))
