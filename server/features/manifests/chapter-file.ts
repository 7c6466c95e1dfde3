/** Reads a chapter's concepts.yaml: what to try, what to see of it, and what tests expect. */
import { posix } from 'node:path'
import * as Type from 'typebox'
import type { Static } from 'typebox'
import * as Value from 'typebox/value'
import { LineCounter, parseDocument } from 'yaml'
import { See } from '../../conditions/condition.ts'
import { LaterEditions, type Chapter, type Concept, type Sight, type Step } from './wire.ts'

/** Its name in the chapter's folder. */
export const chapterFile = 'concepts.yaml'

const text = Type.String({ minLength: 1 })
const strict = { additionalProperties: false }
const within = Type.Optional(Type.Number({ description: 'how long it may take to come true, in seconds' }))

/** What a machine can tell of a step: it comes true within a minute, unless it says otherwise. */
export const Expectation = Type.Union([
  Type.Object({ output: Type.String({ format: 'regex' }), within }, strict),
  Type.Object({ beside: Type.String({ format: 'regex' }), within }, strict),
  Type.Object({ object: text, for: text, within }, strict),
  Type.Object(
    { get: text, matches: Type.String({ format: 'regex' }), says: Type.Optional(text), within },
    strict,
  ),
  Type.Object({ ...See.properties, within }, strict),
])
export type Expectation = Static<typeof Expectation>

/** What a cluster or a machine may lack. */
export const needs = [
  'a cloud provider',
  'a checkout of the project',
  'a default StorageClass',
  'a load balancer',
  'a registry',
  'an Ingress controller',
  'an NFS server',
  'Docker',
  'kind',
  'metrics-server',
  'network policies that are enforced',
  'two nodes',
] as const

const SightFile = Type.Object({ tab: text, view: Type.Optional(text), see: text }, strict)

const id = Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' })

const StepFile = Type.Object(
  {
    id: Type.Optional(id),
    run: text,
    stays: Type.Optional(Type.Union([Type.Boolean(), Type.Integer({ minimum: 1 })])),
    type: Type.Optional(Type.Array(Type.String())),
    again: Type.Optional(Type.Boolean()),
    fails: Type.Optional(Type.Boolean()),
    page: Type.Optional(Type.Union([SightFile, Type.Array(SightFile, { minItems: 1 })])),
    kubectl: Type.Optional(text),
    expect: Type.Optional(Type.Array(Expectation, { minItems: 1 })),
    notRun: Type.Optional(text),
  },
  strict,
)

const ConceptFile = Type.Object(
  {
    id,
    name: text,
    book: Type.Optional(
      Type.Object(
        {
          section: text,
          examples: Type.Optional(Type.Array(Type.String({ pattern: String.raw`^\d+-\d+$` }))),
          later: Type.Optional(LaterEditions),
        },
        strict,
      ),
    ),
    needs: Type.Optional(Type.Array(Type.Enum(needs))),
    continues: Type.Optional(Type.Boolean()),
    apply: Type.Optional(Type.Array(text)),
    steps: Type.Optional(Type.Array(StepFile)),
    cleanup: Type.Optional(Type.Array(text)),
    notRun: Type.Optional(text),
    tests: Type.Optional(Type.Array(text)),
  },
  strict,
)
type ConceptFile = Static<typeof ConceptFile>

const Change = Type.Object(
  { book: text, today: text, why: text, also: Type.Optional(Type.Array(Type.Integer())) },
  strict,
)
/** What the book has, and what took its place; also in other chapters than its own. */
export type Change = Static<typeof Change>

const ChapterFile = Type.Object(
  {
    chapter: Type.Integer(),
    title: text,
    later: LaterEditions,
    concepts: Type.Array(ConceptFile),
    changes: Type.Optional(Type.Array(Change)),
  },
  strict,
)

/** A step with what tests expect of it, and the name that labs have for it. */
export interface ProvenStep extends Step {
  /** Unique within its concept; null where no lab names it. */
  readonly id: string | null
  /** The paths of the files that it names. */
  readonly files: readonly string[]
  readonly expect: readonly Expectation[]
}

/** A chapter with what only tests and its own page of text are made of. */
export interface WholeChapter extends Chapter {
  readonly concepts: WholeConcept[]
  /** What the years changed. */
  readonly changes: readonly Change[]
}

/** A concept with what tests expect of its steps. */
export interface WholeConcept extends Concept {
  readonly steps: ProvenStep[]
  /** Why no test runs any of it. */
  readonly notRun: string | null
}

/**
 * @param folder the chapter's own, such as 05-pods
 * @param source the text of its concepts.yaml
 * @param paths of all files there are, below the folder of all chapters
 * @throws Error that says in which line of which file, or at which place in it, something is wrong
 */
export function readChapter(folder: string, source: string, paths: readonly string[]): WholeChapter {
  const where = `${folder}/${chapterFile}`
  const document = parseDocument(source, { lineCounter: new LineCounter() })
  const [wrong] = document.errors
  if (wrong) throw new Error(`${where}: ${wrong.message}`)
  const parsed: unknown = document.toJS()
  if (!Value.Check(ChapterFile, parsed)) throw new Error(`${where}: ${faultOf(parsed)}`)
  const { chapter: number, title, later, concepts: written, changes = [] } = parsed
  const files = new Files(folder, paths)
  const concepts = written.map((concept) => ({
    ...conceptOf(concept, files, later),
    cleanup: { run: [], delete: [] },
  }))
  return {
    folder,
    number,
    title,
    later,
    concepts: concepts.map((concept, index) => ({
      ...concept,
      cleanup: cleanupAfter(written, index, files),
    })),
    changes,
  }
}

function faultOf(parsed: unknown): string {
  // The one that lies deepest says most: a union's own says only that none of it fits.
  const [deepest] = Value.Errors(ChapterFile, parsed).toSorted(
    (one, other) => other.instancePath.split('/').length - one.instancePath.split('/').length,
  )
  return `${deepest?.instancePath.slice(1).replaceAll('/', '.') ?? ''} ${deepest?.message ?? 'is not valid'}`
}

function conceptOf(concept: ConceptFile, files: Files, later: LaterEditions) {
  const {
    id,
    name,
    book,
    needs = [],
    continues = false,
    apply = [],
    steps = [],
    cleanup = [],
    tests = [],
    notRun = null,
  } = concept
  return {
    id,
    name,
    book: book ? { section: book.section, examples: book.examples ?? [], later: book.later ?? later } : null,
    needs: [...needs],
    continues,
    apply: apply.map((path) => files.path(path)),
    fetch: files.namedIn([...steps.map(({ run }) => run), ...cleanup]),
    steps: steps.map((step) => stepOf(step, files, notRun)),
    notRun,
    tests: tests.map((test) => files.test(test)),
  }
}

function stepOf(step: Static<typeof StepFile>, files: Files, notRun: string | null): ProvenStep {
  const {
    id = null,
    run,
    stays = false,
    type = [],
    again = false,
    fails = false,
    page = [],
    kubectl = null,
  } = step
  return {
    id,
    run: run.trimEnd(),
    stays: stays !== false,
    beside: typeof stays === 'number' ? stays : null,
    type: [...type],
    again,
    fails,
    page: sightsOf(page),
    kubectl,
    notRun: step.notRun ?? notRun,
    files: files.namedIn([run]),
    expect: step.expect ?? [],
  }
}

const sightsOf = (page: NonNullable<Static<typeof StepFile>['page']>): Sight[] =>
  [page].flat().map(({ tab, view = null, see }) => ({ tab, view, see }))

/** What those before it left that it continues ends with it, the newest first. */
function cleanupAfter(concepts: readonly ConceptFile[], index: number, files: Files): Concept['cleanup'] {
  if (concepts[index + 1]?.continues === true) return { run: [], delete: [] }
  let first = index
  while (concepts[first]?.continues === true) first -= 1
  const together = concepts.slice(Math.max(first, 0), index + 1).toReversed()
  const applied = together.flatMap(({ apply = [] }) => apply.map((path) => files.path(path)))
  return { run: together.flatMap(({ cleanup = [] }) => cleanup), delete: [...new Set(applied)] }
}

/** The files as a chapter names them: by their path from its own folder. */
class Files {
  readonly #folder: string
  readonly #paths: readonly string[]
  /** By each name that a command may have for them: a file's own, or that of a folder that it is in. */
  readonly #named = new Map<string, string[]>()

  constructor(folder: string, paths: readonly string[]) {
    this.#folder = folder
    this.#paths = paths
    for (const path of paths)
      for (const name of namesOf(posix.relative(folder, path)))
        this.#named.set(name, [...(this.#named.get(name) ?? []), path])
  }

  /** @returns the path below the folder of all chapters. @throws Error where there is no such file */
  path(relative: string): string {
    const path = posix.join(this.#folder, relative)
    if (this.#paths.includes(path)) return path
    throw new Error(`${this.#folder}/${chapterFile}: there is no file ${path}`)
  }

  /** The test of that name, or with a path from the folder of all tests. */
  test(name: string): string {
    return posix.join('test/cluster', name.includes('/') ? '' : this.#folder, `${name}.test.ts`)
  }

  /** The files, and those in folders, that are words of these commands. */
  namedIn(commands: readonly string[]): string[] {
    const words = commands.flatMap((command) => command.split(/[\s'"`|;&=<>(),@]+/)).map(withoutDots)
    const named = new Set(words.flatMap((word) => this.#named.get(word) ?? []))
    return this.#paths.filter((path) => named.has(path))
  }
}

/** A path and the folders that it is in, but for the one above the chapter's. */
function namesOf(relative: string): string[] {
  const parts = relative.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/')).filter((name) => name !== '..')
}

/** A word as a path from the folder that it is in, without the slash that a folder's may end with. */
const withoutDots = (word: string): string => word.replace(/^(?:\.\/)+|\/+$/g, '')
