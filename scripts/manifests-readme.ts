/**
 * Writes manifests/README.md from the concepts.yaml of each chapter: `npm run manifests`. Tests fail while it is not what the
 * concepts say.
 */
import { writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { WholeChapter, WholeConcept } from '../server/features/manifests/chapter-file.ts'
import {
  applyCommand,
  closeViewer,
  deleteCommand,
  letViewerSee,
  openViewer,
  placeOf,
  viewerFile,
  viewerPort,
} from '../server/features/manifests/commands.ts'
import type { LaterEditions, Step } from '../server/features/manifests/wire.ts'
import { chapters, manifestsFolder } from './chapters.ts'

/** What manifests/README.md has to say. */
export function readmeText(): string {
  const all = chapters()
  return `${[
    introduction(),
    '## Chapters',
    all.map(contents).join('\n'),
    ...all.flatMap(chapterText),
    '## What the years changed',
    changesTable(all),
  ].join('\n\n')}\n`
}

const introduction = (): string => `# Manifests

Every concept of the book _Kubernetes: Up and Running_, to try on a cluster of Kubernetes 1.30 or later: what to apply, what to type, what to see. One folder for
each chapter, numbered as in the book's first edition, with the book's file names. **This page is made from the concepts.yaml of each folder** by
\`npm run manifests\`; the page of a running kuard shows the same, and tests run every command of it on a cluster as it stands here, from the first to the last.

Before anything else, the image has to be where the cluster finds it, as \`kuard:blue\`, \`green\` and \`purple\`, and as \`1\`, \`2\` and \`3\`, which are the same three.
One command in the project's folder builds it and brings it there:

\`\`\`
sh scripts/bring-images.sh kind                                   # or minikube, k3d; docker for Docker alone
sh scripts/bring-images.sh registry registry.example.com/me       # pushes to a registry
sh scripts/use-image.sh registry.example.com/me/kuard             # and has every file and command here name that
\`\`\`

It comes as \`gcr.io/kuar-demo/kuard-amd64:1\` and so on too: the book's own files find it there unchanged, unless they say \`imagePullPolicy: Always\`.

The commands are for a terminal in the chapter's folder, in bash or zsh, on Linux or macOS, and for the namespace of kubectl's current context. Each concept begins
and ends clean; a concept marked as going on takes up what the one before it left. A command that _stays_ goes on in its terminal: open another one for the next, in
the same folder, and end it with Ctrl-C. What the page of a concept's pod shows is at <http://localhost:8080> once a \`kubectl port-forward\` to it runs;
that ends by itself at a request that finds nobody listening, as while a container starts: run it again.

## How to see it

Most steps say what the **Cluster** tab shows while they run. A page that stays while the concepts' pods come and go is that of a pod \`viewer\`: once, in the namespace
where you try the chapters. The last command stays, and <http://localhost:${viewerPort}/-/cluster> is the page:

${block(openViewer(`../${viewerFile}`).join('\n'))}

In another terminal, let it see: each pod that runs in its namespace as the default service account may then list and watch what the tab shows, never a Secret, and change
nothing.

${block(letViewerSee)}

\`kubectl get pods\` lists it with the others. Where a concept works in a namespace of its own (chapter 4's \`mystuff\`, chapter 5's \`kuard-restricted\`, chapter 7's
\`elsewhere\`, chapter 13's \`test\` and \`prod\`) or in \`kube-system\`, the viewer doesn't see it. In the end:

${block(closeViewer(`../${viewerFile}`).join('\n'))}

## By address

A running kuard hands the same files out: \`kubectl apply -f http://localhost:8080/manifests/05-pods/kuard-pod.yaml\`, with
\`?image=registry.example.com/me/kuard\` rewritten.

The page's Cluster tab shows what the pod's service account may read, which at first is nothing. [cluster-view.yaml](cluster-view.yaml) lets the default account of a
namespace read what the tab shows of it, and [cluster-view-nodes.yaml](cluster-view-nodes.yaml) adds nodes, volumes and storage classes: to read, never secrets, never to
write. The tab has the commands for its own namespace; as the files lie here, they are for \`default\`.`

const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

const headingOf = ({ number, title }: WholeChapter): string => `${number} ${title}`

const contents = (chapter: WholeChapter): string =>
  `- [${headingOf(chapter)}](#${anchor(headingOf(chapter))}): ${chapter.concepts.length} concepts${inLater(chapter.number, chapter.later)}`

/** Nothing where the numbers are the same. */
function inLater(number: number, { second, third }: LaterEditions): string {
  if (second === number && third === number) return ''
  const named =
    second === third && second !== null
      ? `${second} in the second and third editions`
      : `${one(second, 'second')}, ${one(third, 'third')}`
  return `; ${named}`
}

const one = (number: number | null, edition: string): string =>
  number === null ? `not in the ${edition} edition` : `${number} in the ${edition} edition`

const chapterText = (chapter: WholeChapter): string[] => [
  `## ${headingOf(chapter)}`,
  block(`cd manifests/${chapter.folder}`),
  ...chapter.concepts.flatMap((concept) => conceptText(concept, chapter)),
]

function conceptText(concept: WholeConcept, chapter: WholeChapter): string[] {
  const relative = (path: string) => posix.relative(chapter.folder, path)
  const { apply, cleanup } = concept
  const ending = [
    ...cleanup.run,
    ...(cleanup.delete.length > 0 ? [deleteCommand(cleanup.delete.map(relative))] : []),
  ]
  return [
    `### ${concept.name}`,
    aboutConcept(concept, chapter),
    ...(apply.length > 0
      ? [`Apply ${apply.map(link).join(', ')}:`, block(applyCommand(apply.map(relative)))]
      : []),
    ...concept.steps.flatMap((step) => stepText(step, concept)),
    ...(ending.length > 0 ? ['Clean up:', block(ending.join('\n'))] : []),
  ].filter((part) => part !== '')
}

function aboutConcept(
  { book, needs, continues, notRun, tests }: WholeConcept,
  { number, later }: WholeChapter,
): string {
  const elsewhere = book && (book.later.second !== later.second || book.later.third !== later.third)
  const examples =
    book && book.examples.length > 0
      ? `, ${book.examples.map((example) => `Example ${example}`).join(', ')}`
      : ''
  const sentences = [
    book
      ? `In the book: ${book.section}${examples}${elsewhere ? inLater(number, book.later) : ''}.`
      : 'Not in the first edition.',
    ...(continues ? ['Goes on where the one before ended.'] : []),
    ...(needs.length > 0 ? [`Needs ${needs.join(', ')}.`] : []),
    ...(notRun === null ? [] : [`Validated only: ${notRun}.`]),
    ...(tests.length > 0
      ? [
          `Goes deeper: ${tests.map((path) => `[${posix.basename(path, '.test.ts')}](../${path})`).join(', ')}.`,
        ]
      : []),
  ]
  return `_${sentences.join(' ')}_`
}

function stepText(step: Step, { notRun }: WholeConcept): string[] {
  const marks = [
    step.stays ? staying(step) : '',
    step.type.length > 0 ? `then type ${step.type.map(code).join(', ')}` : '',
    step.again ? 'again, until it shows what there is to see' : '',
    step.fails ? 'is refused' : '',
    step.notRun !== null && notRun === null ? `validated only: ${step.notRun}` : '',
  ].filter((mark) => mark !== '')
  const seen = [
    ...step.page.map((sight) => `- In the page, **${placeOf(sight)}**: ${sight.see}`),
    step.kubectl === null ? '' : `- In the terminal: ${step.kubectl}`,
  ].filter((line) => line !== '')
  return [
    block(step.run),
    ...(marks.length > 0 ? [`_${sentence(marks.join('; '))}_`] : []),
    ...(seen.length > 0 ? [seen.join('\n')] : []),
  ]
}

const staying = ({ beside }: Step): string =>
  `it stays; open another terminal${beside === null ? '' : `, and end it after ${beside === 1 ? 'the next step' : `the next ${beside} steps`}`}`

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

const block = (text: string): string => `\`\`\`\n${text}\n\`\`\``
const code = (text: string): string => `\`${text}\``
const link = (path: string): string => `[${posix.basename(path)}](${path})`

function changesTable(all: readonly WholeChapter[]): string {
  const rows = all.flatMap(({ number, changes }) =>
    changes.map(({ book, today, why, also = [] }) =>
      [[number, ...also].join(', '), book, today, why].map(cellText),
    ),
  )
  const header = ['Chapter', 'In the book', 'Today', 'Why']
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const cellText = (text: string): string => text.replaceAll('|', String.raw`\|`)

if (import.meta.main) writeFileSync(join(manifestsFolder, 'README.md'), readmeText())
