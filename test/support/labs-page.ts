/** Labs of one test, in the page of a pod that sees a stand-in API server. */
import type { Page } from 'playwright-core'
import type { TestApiServer } from './api-server.ts'
import type { Lifetime } from './at-end.ts'
import { labFolder } from './labs.ts'
import { startPodIn, type Pod, type PodOptions } from './pod.ts'

/** Starts the pod viewer with labs beside those that ship. @param files by their names */
export const startLabs = (
  lifetime: Lifetime,
  api: TestApiServer,
  files: Readonly<Record<string, string>>,
  options: PodOptions = {},
): Promise<Pod> =>
  startPodIn(lifetime, api, {
    name: 'viewer',
    args: [`--labs-dir=${labFolder(lifetime, files)}`],
    ...options,
  })

/** The title of a step, by which it is opened. */
export const stepTitle = (page: Page, title: string, options: { readonly expanded?: boolean } = {}) =>
  page.getByRole('button', { name: title, exact: true, ...options })

/** The step that the learner is at. */
export const currentStep = (page: Page) => page.locator('[aria-current="step"]')

/** A lab of a teacher: the first step and the last are seen, the one between them isn't; the last is a riddle. */
export const webLab = `---
title: A pod of your own
minutes: 3
goal: You make a pod and take it away.
needs: [a terminal]
---

It takes **three** steps.

## Make it

Run it. Will it be ready?

\`\`\`step
run:
  - kubectl run web --image=kuard:blue
expect:
  - { see: pods, named: web, with: { ready: true } }
\`\`\`

It was made for you.

## Think about it

What is it good for?

\`\`\`step
expect: []
\`\`\`

For trying.

## Take it away

Find out how.

\`\`\`step
expect:
  - { see: pods, named: web, count: 0 }
hints:
  - There is a word for it.
  - The word is \`delete\`.
  - Delete the pod named \`web\`.
solution: |
  kubectl delete pod web
\`\`\`

Nobody makes it anew.
`
