/** The JSON shape of the list of manifests. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** One file. */
export const ManifestFile = Type.Object({
  path: Type.String({ description: 'below manifests/, such as 05-pods/kuard-pod.yaml' }),
  watchFor: Type.Union([Type.String(), Type.Null()], {
    description: 'what to watch for when it is applied: its opening comment; null where it has none',
  }),
})
export type ManifestFile = Static<typeof ManifestFile>

const inWords = 'in words, with code between backticks; null when there is nothing to see'

/** Something that the book explains, and how to see it happen. */
export const Concept = Type.Object({
  name: Type.String(),
  apply: Type.Array(Type.String(), { description: 'paths of files' }),
  run: Type.Array(Type.String(), { description: 'commands, in their order' }),
  page: Type.Union([Type.String(), Type.Null()], {
    description: `what this server’s page shows, ${inWords}`,
  }),
  kubectl: Type.Union([Type.String(), Type.Null()], { description: `what kubectl shows, ${inWords}` }),
  tests: Type.Array(Type.String(), { description: 'what proves it: paths in the project’s repository' }),
})
export type Concept = Static<typeof Concept>

/** A chapter of the book. */
export const Chapter = Type.Object({
  number: Type.Integer(),
  title: Type.String(),
  concepts: Type.Array(Concept),
})
export type Chapter = Static<typeof Chapter>

/** All that there is. */
export const ManifestList = Type.Object({
  files: Type.Array(ManifestFile, { description: 'sorted by path' }),
  chapters: Type.Array(Chapter),
})
export type ManifestList = Static<typeof ManifestList>
