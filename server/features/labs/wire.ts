/** The JSON shapes of labs: what there is, one of them with its steps, and how it stands with a step. */
import * as Type from 'typebox'
import type { Static, TSchema } from 'typebox'
import { Verdict } from '../../conditions/condition.ts'

const orNull = <Schema extends TSchema>(schema: Schema, options: Type.TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options)
const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const texts = (description: string) => Type.Array(Type.String(), { description })

const about = {
  id: text('its file’s name without .md'),
  title: text(),
  kind: Type.Enum(['chapter', 'across', 'fix', 'own'], {
    description: 'of a chapter; across chapters; something broken to mend; of --labs-dir',
  }),
  chapter: orNull(Type.Integer()),
  minutes: Type.Integer({ description: 'that it takes, about' }),
  goal: text('one sentence'),
  needs: texts('what the cluster or the machine has to have'),
}

/** One of the list. */
export const LabSummary = Type.Object({
  ...about,
  steps: Type.Array(Type.Object({ id: text(), title: text() })),
})
export type LabSummary = Static<typeof LabSummary>

/** A file that can't be read as a lab. */
export const LabFault = Type.Object({
  file: text(),
  line: orNull(Type.Integer(), { description: 'from 1; null where it is the file as a whole' }),
  reason: text(),
})
export type LabFault = Static<typeof LabFault>

/** Where the labs are done; progress is kept apart by it. */
export const LabPlace = Type.Object({
  cluster: text('tells one cluster from another'),
  namespace: text(),
})

export const LabList = Type.Object({
  place: orNull(LabPlace, { description: 'null outside of a cluster' }),
  labs: Type.Array(LabSummary, {
    description: 'chapters in the book’s order, then across, fix, and own ones',
  }),
  faults: Type.Array(LabFault),
})
export type LabList = Static<typeof LabList>

/** Something to see in this server’s page; as the manifests' own. */
export const LabSight = Type.Object({ tab: text(), view: orNull(Type.String()), see: text() })
export type LabSight = Static<typeof LabSight>

/** What is to be done at a terminal. */
export const LabCommand = Type.Object({
  kind: Type.Enum(['apply', 'delete', 'run']),
  folder: text('the chapter’s, for which the command is written; its files are named from there'),
  paths: texts(
    'below manifests/: the files to apply or whose objects to delete; of a run, those that it names',
  ),
  run: text('what is pasted; empty for apply and delete'),
  stays: Type.Boolean({ description: 'it goes on in a terminal of its own' }),
  until: orNull(Type.Integer(), { description: 'the step after which what stays is ended by Ctrl-C' }),
  type: texts('what is then typed into it, line by line'),
  again: Type.Boolean({ description: 'to be run again until it shows what there is to see' }),
  fails: Type.Boolean({ description: 'it is refused, as it should be' }),
  kubectl: orNull(Type.String(), { description: 'what the terminal shows, with code between backticks' }),
})
export type LabCommand = Static<typeof LabCommand>

export const LabStep = Type.Object({
  number: Type.Integer({ description: 'from 1' }),
  id: text('its title in small letters and hyphens; unique within the lab'),
  title: text(),
  before: text('HTML without anything active: what to do, and a question'),
  after: text('HTML likewise: what it shows; for when it is done'),
  commands: Type.Array(LabCommand),
  page: Type.Array(LabSight),
  hints: texts(
    'HTML likewise: three of them in a lab that mends something, each saying more than the one before; where there are some, ' +
      'a page says what a verdict saw, and why only to who asks for it, since that may name the fault',
  ),
  solution: orNull(Type.String(), { description: 'what mends it, to be pasted' }),
  isSeen: Type.Boolean({
    description: 'whether the server can see that it is done; else the learner says so',
  }),
  resources: texts('what has to be listed and watched to see it, such as pods'),
})
export type LabStep = Static<typeof LabStep>

export const Lab = Type.Object({ ...about, intro: text('HTML likewise'), steps: Type.Array(LabStep) })
export type Lab = Static<typeof Lab>

/** How it stands with one step: the state of the topic `lab:ID/NUMBER`, and the answer of labs/ID/steps/NUMBER. */
export const StepState = Type.Object({
  lab: text(),
  step: Type.Integer(),
  state: Type.Enum(['open', 'done', 'unseen'], {
    description: 'unseen: nothing can see it, or it can’t be seen now; then the verdicts say why',
  }),
  verdicts: Type.Array(Verdict, {
    description: 'one for each condition; none where the learner says when it is done',
  }),
})
export type StepState = Static<typeof StepState>

/** Which lab. */
export const LabPath = Type.Object({ id: text('its id, as the list has it') })
export type LabPath = Static<typeof LabPath>

/** Which step of which lab. */
export const StepPath = Type.Object({
  ...LabPath.properties,
  step: Type.String({ pattern: '^[0-9]{1,4}$', description: 'its number' }),
})
export type StepPath = Static<typeof StepPath>
