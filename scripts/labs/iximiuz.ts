/**
 * A lab as a challenge of iximiuz Labs: index.md with front matter, tasks that are run until they end with 0, and a component that shows each;
 * by example https://github.com/iximiuz/labs-content-samples: sample-challenge for the fields and components, and that a solution has a
 * file of its own; sample-tutorial for what fields may hold (title of 10 to 120 characters, description of 500 at most, two categories of a
 * closed list, five tags) and for tasks (`init`, `machine`, which all or none have, `needs`, `timeout_seconds`).
 */
import { stringify } from 'yaml'
import type { Lab, LabStep } from '../../server/features/labs/wire.ts'
import type { Files } from './exports.ts'
import { askViewer, isDone, paragraphs, sightsOf, wordsAfter, wordsBefore, type Writing } from './writing.ts'

/** Of the playground k8s-omni; kubectl is there for each user. */
const machine = 'dev-machine'
const user = 'laborant'

/** For all that a cluster that begins takes, in seconds. */
const setupSeconds = 300
const askSeconds = 15

const difficulties: Readonly<Record<Lab['kind'], string>> = {
  chapter: 'easy',
  across: 'medium',
  fix: 'medium',
  own: 'medium',
}

/** @returns the challenge's files, by their paths in its folder */
export function challengeOf(lab: Lab, writing: Writing): Files {
  const { title, goal, kind, intro, minutes, steps } = lab
  const front = {
    kind: 'challenge',
    title: title.length < 10 ? `Kubernetes: ${title}` : title,
    description: goal,
    categories: ['kubernetes', 'containers'],
    tagz: ['kuard', kind],
    difficulty: difficulties[kind],
    createdAt: new Date().toISOString().slice(0, 10),
    playground: { name: 'k8s-omni' },
    tasks: tasksOf(lab, writing),
  }
  const body = paragraphs([
    intro,
    `About ${minutes} minutes.`,
    opened,
    ...steps.flatMap((step) => stepParts(step, writing)),
  ])
  const solved = steps.filter(({ solution }) => solution !== null)
  const solution = paragraphs(
    solved.flatMap((step) => [
      `## ${step.title}`,
      `\`\`\`sh\n${writing.inCommand(step.solution ?? '').trimEnd()}\n\`\`\``,
    ]),
  )
  return {
    'index.md': `---\n${stringify(front, { lineWidth: 0 })}---\n\n${body}`,
    ...(solved.length > 0 ? { 'solution.md': solution } : {}),
  }
}

const opened =
  'The page of the pod `viewer` is at http://localhost:8000 of the machine dev-machine, and answers to curl there; expose the port to have it in the browser.'

const taskOf = ({ number }: LabStep): string => `verify_step_${number}`

/** One after another: what a later step waits for may be so from the begin. */
function tasksOf({ id, steps }: Lab, writing: Writing): Record<string, object> {
  const where = { machine, user }
  const seen = steps.filter(({ isSeen }) => isSeen)
  const tasks = seen.map((step, index): [string, object] => [
    taskOf(step),
    {
      ...where,
      needs: [seen[index - 1]].map((before) => (before ? taskOf(before) : 'init_viewer')),
      timeout_seconds: askSeconds,
      hintcheck: `${askViewer(id, step.number)} | sed 's/.*"saw":"//; s/".*//'\n`,
      run: `${isDone(id, step.number)}\n`,
    },
  ])
  const setup = { init: true, ...where, timeout_seconds: setupSeconds, run: `set -eu\n${writing.setup}\n` }
  return { init_viewer: setup, ...Object.fromEntries(tasks) }
}

const stepParts = (step: LabStep, writing: Writing): string[] => [
  `## ${step.title}`,
  step.before,
  ...step.commands.flatMap((command) => [
    ...wordsBefore(command),
    `\`\`\`sh\n${writing.command(command)}\n\`\`\``,
    ...wordsAfter(command),
  ]),
  sightsOf(step).join('\n'),
  ...step.hints.map((hint, index) => box('hint-box', `Hint ${index + 1}`, hint)),
  step.isSeen ? simpleTask(step) : '',
  step.after === '' ? '' : box('details-box', 'What it shows', step.after),
]

const box = (component: string, summary: string, text: string): string =>
  `::${component}\n---\n:summary: ${summary}\n---\n\n${text.trim()}\n::`

const simpleTask = (step: LabStep): string =>
  `::simple-task\n---\n:tasks: tasks\n:name: ${taskOf(step)}\n---\n#active\nNot done yet.\n\n#completed\nDone.\n::`
