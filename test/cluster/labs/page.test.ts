/** Labs in a browser: the page says of each step that it is open, and ticks it while its learner works at the terminal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { viewerPort } from '../../../server/features/manifests/commands.ts'
import { openPageOfPod } from '../../support/cluster-page.ts'
import { startKubectl, type Forward } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { Learner, textOf, type Onlooker } from '../../support/learner.ts'

/** What a teacher adds. */
const own = {
  'greeting.md': `---
title: A greeting from your teacher
minutes: 2
goal: You start a pod as your teacher wants it.
---

## Say hello

Run it.

\`\`\`step
run:
  - kubectl run hello --image=kuard:blue --image-pull-policy=IfNotPresent
expect:
  - { see: pods, named: hello, with: { ready: true } }
\`\`\`

It says hello.

## Think

What has it cost you?

## Say goodbye

\`\`\`step
run:
  - kubectl delete pod hello
expect:
  - { see: pods, named: hello, count: 0 }
\`\`\`
`,
}

/** One of each kind. */
const labs = { chapter: '03-cluster', across: 'quotas', fix: 'fix-shop', own: 'greeting' }

/** In which a step ticks itself, in milliseconds from when the server sees that it is done. */
const promisedMs = 2000

test('a page tells each step of a lab open before it is done, and ticked after, within two seconds', async (context) => {
  const learner = await Learner.sitDown(context, own)
  const forward = await startKubectl(context, [
    'port-forward',
    `--namespace=${learner.namespace}`,
    'pod/viewer',
    ':8080',
  ])
  for (const [kind, id] of Object.entries(labs))
    await context.test(`${kind}: ${id}`, async (part) => {
      const page = await openPageOfPod(part, forward, `/-/labs/${id}`)
      const delays: number[] = []
      await learner.learn(part, id, atThePage(page, forward, delays))
      await page.getByText(/^All \d+ steps are done/).waitFor()
      const median = delays.toSorted((one, other) => one - other)[Math.floor(delays.length / 2)] ?? 0
      part.diagnostic(`ticked after ${delays.map(Math.round).join(', ')} ms`)
      assert.ok(median < promisedMs, `${Math.round(median)} ms`)
    })
  await learner.leave(context)
})

/** @param delays in milliseconds, of each step that ticked by itself; added to */
function atThePage(page: Page, { url }: Forward, delays: number[]): Onlooker {
  const current = page.locator('[aria-current="step"]')
  const count = (done: number) => page.getByText(new RegExp(`^${done} of \\d+ steps? done$`))
  return {
    isOpen: async (step) => {
      await count(step.number - 1).waitFor()
      await current.getByRole('button', { name: step.title, exact: true }).waitFor()
      assert.equal(await current.getByText('Done', { exact: true }).count(), step.isSeen ? 0 : 1)
      const shown = await current.locator('.commands code').allTextContents()
      const atViewer = shown.map((text) => text.replaceAll(url, `http://localhost:${String(viewerPort)}`))
      for (const text of step.commands.map(textOf)) assert.ok(atViewer.includes(text), shown.join('\n'))
    },
    isDone: async (step) => {
      const from = performance.now()
      if (!step.isSeen) await current.getByRole('button', { name: 'Done', exact: true }).click()
      await count(step.number).waitFor()
      if (step.isSeen) delays.push(performance.now() - from)
      await eventually('the page to say so aloud', async () =>
        (await page.getByRole('status').allTextContents()).some((text) =>
          text.startsWith(`Step ${step.number} is done: ${step.title}.`),
        ),
      )
    },
  }
}
