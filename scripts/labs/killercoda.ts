/**
 * A lab as a Killercoda scenario: index.json names a text for the introduction, each step and the end, a script that runs in the
 * background of the introduction, and one for each step that has to end with 0 before the next; https://killercoda.com/creators, and by
 * example https://github.com/killercoda/scenario-examples (foreground-background-scripts-multi-step for the fields,
 * kubernetes-2node-multi-step-verification for the image of two nodes, code-actions for `{{exec}}`).
 */
import type { Lab, LabCommand, LabStep } from '../../server/features/labs/wire.ts'
import type { Files } from './exports.ts'
import { isDone, paragraphs, sightsOf, wordsAfter, wordsBefore, type Writing } from './writing.ts'

/** Several labs want a second node. */
const imageid = 'kubernetes-kubeadm-2nodes'

/** @returns the scenario's files, by their paths in its folder */
export function scenarioOf(lab: Lab, writing: Writing): Files {
  const { id, title, goal, minutes, intro, steps } = lab
  const index = {
    title,
    description: goal,
    details: {
      intro: { text: 'intro.md', background: 'setup.sh' },
      steps: steps.map((step) => ({
        title: step.title,
        text: `step${step.number}.md`,
        ...(step.isSeen ? { verify: `verify${step.number}.sh` } : {}),
      })),
      finish: { text: 'finish.md' },
    },
    backend: { imageid },
  }
  const files: Record<string, string> = {
    'index.json': `${JSON.stringify(index, null, 2)}\n`,
    'intro.md': paragraphs([goal, `About ${minutes} minutes.`, intro, opened]),
    'setup.sh': `#!/bin/sh\nset -eu\n${writing.setup}\n`,
    'finish.md': paragraphs(['That was all of it.', goal]),
  }
  for (const step of steps) {
    files[`step${step.number}.md`] = stepText(step, writing)
    if (step.isSeen) files[`verify${step.number}.sh`] = `#!/bin/sh\n${isDone(id, step.number)}\n`
  }
  return files
}

const opened =
  'The page of the pod `viewer` is at port 8000 of this machine, [here]({{TRAFFIC_HOST1_8000}}): its Cluster tab shows what you do.'

const stepText = (step: LabStep, writing: Writing): string =>
  paragraphs([
    step.before,
    ...step.commands.flatMap((command) => [
      ...wordsBefore(command),
      codeOf(command, writing),
      ...wordsAfter(command),
    ]),
    sightsOf(step).join('\n'),
    ...step.hints.map((hint, index) => folded(`Hint ${index + 1}`, hint)),
    step.solution === null
      ? ''
      : folded('Solution', `\`\`\`\n${writing.inCommand(step.solution.trimEnd())}\n\`\`\`{{copy}}`),
    step.after === '' ? '' : folded('What it shows', step.after),
  ])

/** What stays would keep the terminal that the rest is run in. */
const codeOf = (command: LabCommand, writing: Writing): string =>
  `\`\`\`\n${writing.command(command)}\n\`\`\`{{${command.stays ? 'copy' : 'exec'}}}`

const folded = (summary: string, text: string): string =>
  `<details><summary>${summary}</summary>\n\n${text.trim()}\n\n</details>`
