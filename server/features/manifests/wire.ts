/** The JSON shape of the list of manifests. */
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { imagePattern, maxImageLength } from './image.ts'
import { maxNamespaceLength, namespacePattern } from './namespace.ts'

/** One file. */
export const ManifestFile = Type.Object({
  path: Type.String({ description: 'below manifests/, such as 05-pods/kuard-pod.yaml' }),
  watchFor: Type.Union([Type.String(), Type.Null()], {
    description: 'what to watch for when it is applied: its opening comment; null where it has none',
  }),
  text: Type.String(),
})
export type ManifestFile = Static<typeof ManifestFile>

const orNull = <Schema extends Type.TSchema>(schema: Schema, options: Type.TSchemaOptions) =>
  Type.Union([schema, Type.Null()], options)
const paths = (description: string) => Type.Array(Type.String(), { description })
const words = 'in words, with code between backticks'

/** A chapter's number in the editions after the first; null where one has no such chapter. */
export const LaterEditions = Type.Object({
  second: Type.Union([Type.Integer(), Type.Null()]),
  third: Type.Union([Type.Integer(), Type.Null()]),
})
export type LaterEditions = Static<typeof LaterEditions>

/** Where the first edition of the book tells of something. */
export const Place = Type.Object({
  section: Type.String({ description: 'its heading' }),
  examples: Type.Array(Type.String(), { description: 'the numbers of its examples, such as 5-1' }),
  later: LaterEditions,
})
export type Place = Static<typeof Place>

/** Something to see in this server’s page. */
export const Sight = Type.Object({
  tab: Type.String({ description: 'the tab’s word, or Header' }),
  view: orNull(Type.String(), { description: 'the word of one of the tab’s views, where it has some' }),
  see: Type.String({ description: words }),
})
export type Sight = Static<typeof Sight>

/** One command, and what to see of it. */
export const Step = Type.Object({
  run: Type.String({ description: 'what is pasted into a terminal, in the chapter’s folder' }),
  stays: Type.Boolean({
    description: 'it goes on in the foreground of a terminal of its own, until it is ended by Ctrl-C',
  }),
  beside: orNull(Type.Integer(), {
    description: 'how many of the next steps run while it stays; null for all that are left',
  }),
  type: Type.Array(Type.String(), { description: 'what is then typed into the command, line by line' }),
  again: Type.Boolean({ description: 'to be run again until it shows what there is to see' }),
  fails: Type.Boolean({ description: 'it is refused, as it should be' }),
  page: Type.Array(Sight, { description: 'where in this server’s page it shows, and what of it' }),
  kubectl: orNull(Type.String(), { description: `what the terminal shows, ${words}` }),
  notRun: orNull(Type.String(), { description: 'why no test has run it; null where one has' }),
})
export type Step = Static<typeof Step>

/** Something that the book explains, and how to see it happen. */
export const Concept = Type.Object({
  id: Type.String({ description: 'unique within its chapter' }),
  name: Type.String(),
  book: orNull(Place, { description: 'where the book tells of it; null for what was added' }),
  needs: Type.Array(Type.String(), { description: 'what the cluster or the machine has to have' }),
  continues: Type.Boolean({ description: 'it goes on where the concept before it ended' }),
  apply: paths('paths of the files to apply first'),
  fetch: paths('paths of the files that the commands name'),
  steps: Type.Array(Step),
  cleanup: Type.Object(
    {
      run: Type.Array(Type.String()),
      delete: paths('then the objects of these files, as far as they are there'),
    },
    { description: 'what ends it; empty where the next concept continues it' },
  ),
  tests: paths('tests that go deeper: paths in the project’s repository'),
})
export type Concept = Static<typeof Concept>

/** A chapter of the book, as the first edition numbers it. */
export const Chapter = Type.Object({
  folder: Type.String({ description: 'where its files are and its commands are for, such as 05-pods' }),
  number: Type.Integer(),
  title: Type.String(),
  later: LaterEditions,
  concepts: Type.Array(Concept),
})
export type Chapter = Static<typeof Chapter>

/** All that there is. */
export const ManifestList = Type.Object({
  files: Type.Array(ManifestFile, { description: 'sorted by path' }),
  chapters: Type.Array(Chapter),
})
export type ManifestList = Static<typeof ManifestList>

const image = Type.Optional(
  Type.String({
    pattern: imagePattern,
    maxLength: maxImageLength,
    title: 'a name such as registry.example.com/me/kuard or localhost:5000/kuard:blue',
    description: 'stands in for kuard’s own image; without a tag it keeps each manifest’s',
  }),
)
const namespace = Type.Optional(
  Type.String({
    pattern: namespacePattern,
    maxLength: maxNamespaceLength,
    title: 'a name of small letters, digits and hyphens',
    description: 'stands in for default where a file names a namespace, as the subject of a binding has to',
  }),
)
/** What the list is to name in place of kuard's own image. */
export const ListQuery = Type.Object({ image })

/** What a file is to name in place of what it does. */
export const FileQuery = Type.Object({ image, namespace })
export type FileQuery = Static<typeof FileQuery>
