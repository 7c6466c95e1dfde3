/** What a lab's steps refer to in the chapters' concepts: the commands to give, and what is then to be seen. */
import { dirname } from 'node:path/posix'
import type { Condition, See } from '../../conditions/condition.ts'
import { sinceOf } from '../../conditions/seen.ts'
import { nearest } from '../../text/nearest.ts'
import { askedBy } from './forwarded.ts'
import type { LocatedLab, LocatedStep, WrittenLab, WrittenStep } from './lab-file.ts'
import type { TaughtChapter, TaughtConcept } from './lessons.ts'
import type { Fault } from './strict-yaml.ts'
import type { Lab, LabCommand } from './wire.ts'

/** A lab with all that belongs to its steps. */
export interface WholeLab {
  readonly told: Omit<Lab, 'id'>
  /** What is to be seen of each step, in their order; none where the learner says that it is done. */
  readonly conditions: readonly (readonly Condition[])[]
}

/** Something that a lab can refer to. */
interface Referred {
  readonly folder: string
  readonly concept: TaughtConcept
  /** Its place among the concept's; undefined for `apply` and `cleanup`. */
  readonly index: number | undefined
  readonly part: 'step' | 'apply' | 'cleanup'
}

/** A command, and where it stands in the concept that it is of. */
interface Placed {
  readonly command: LabCommand
  readonly step: number
  readonly of?: Referred
}

const endsByItself = {
  stays: false,
  until: null,
  type: [],
  again: false,
  fails: false,
  kubectl: null,
} satisfies Partial<LabCommand>

/** An object of a manifest that belongs to the namespace in which it is applied, or to none. */
export interface ManifestObject {
  readonly kind: string
  readonly name: string
}

/** The objects of each manifest, by its path below manifests/. */
export type ManifestObjects = ReadonlyMap<string, readonly ManifestObject[]>

/** Everything that labs can refer to. */
export class Curriculum {
  readonly #references = new Map<string, Referred>()
  readonly #chapters: readonly number[]
  readonly #manifests: ManifestObjects
  readonly #resources: readonly string[] | undefined

  /** @param resources that `see` may speak of; undefined where nothing is seen anyway */
  constructor(
    chapters: readonly TaughtChapter[],
    manifests: ManifestObjects,
    resources: readonly string[] | undefined,
  ) {
    this.#manifests = manifests
    this.#resources = resources
    this.#chapters = chapters.map(({ number }) => number)
    for (const { folder, concepts } of chapters) for (const concept of concepts) this.#add(folder, concept)
  }

  /** Everything by its name, as `do` has it. */
  get names(): Iterable<string> {
    return this.#references.keys()
  }

  /** What a lab refers to that isn't there. */
  faultsOf(lab: LocatedLab): Fault[] {
    return [
      ...(lab.chapter === undefined || this.#chapters.includes(lab.chapter)
        ? []
        : [{ line: null, reason: `there is no chapter ${lab.chapter}` }]),
      ...lab.steps.flatMap((step) => this.#faults(step)),
    ]
  }

  /** @param lab without faults */
  complete(lab: WrittenLab): WholeLab {
    const conditions = lab.steps.map((step) => this.#conditions(step))
    const placed = lab.steps.flatMap((step, index) => this.#commands(step, index + 1))
    const steps = lab.steps.map((step, index) => ({
      number: index + 1,
      id: step.id,
      title: step.title,
      before: step.before,
      after: step.after,
      commands: placed
        .filter((one) => one.step === index + 1)
        .map((one) => ({ ...one.command, until: lastBeside(one, placed) })),
      page: this.#referred(step).flatMap(({ concept, index: at }) => [
        ...(concept.steps[at ?? -1]?.page ?? []),
      ]),
      hints: [...step.hints],
      solution: step.block.solution ?? null,
      isSeen: (conditions[index] ?? []).length > 0,
      resources: resourcesOf(conditions[index] ?? []),
    }))
    const { title, kind, chapter = null, minutes, goal, needs = [], intro } = lab
    return { told: { title, kind, chapter, minutes, goal, needs: [...needs], intro, steps }, conditions }
  }

  #add(folder: string, concept: TaughtConcept): void {
    const name = (part: string) => `${folder}/${concept.id}/${part}`
    const { apply, steps, cleanup } = concept
    if (apply.length > 0)
      this.#references.set(name('apply'), { folder, concept, index: undefined, part: 'apply' })
    if (cleanup.run.length + cleanup.delete.length > 0)
      this.#references.set(name('cleanup'), { folder, concept, index: undefined, part: 'cleanup' })
    for (const [index, { id }] of steps.entries())
      if (id !== null) this.#references.set(name(id), { folder, concept, index, part: 'step' })
  }

  #referred({ block }: WrittenStep): Referred[] {
    return (block.do ?? []).flatMap((name) => this.#references.get(name) ?? [])
  }

  #faults({ block, lineOf }: LocatedStep): Fault[] {
    const faults: Fault[] = []
    for (const [index, name] of (block.do ?? []).entries())
      if (!this.#references.has(name)) {
        const meant = nearest(name, this.names)
        const hint = meant === undefined ? '' : `; the nearest is ${meant}`
        faults.push({ line: lineOf('do', index), reason: `no concept has ${name}${hint}` })
      }
    for (const list of ['apply', 'delete'] as const)
      for (const [index, path] of (block[list] ?? []).entries())
        if (!this.#manifests.has(path))
          faults.push({ line: lineOf(list, index), reason: `there is no manifest ${path}` })
    for (const [index, condition] of (block.expect ?? []).entries())
      for (const [field, resource] of 'see' in condition ? namedIn(condition) : [])
        if (this.#resources?.includes(resource) === false)
          faults.push({
            line: lineOf('expect', index, field),
            reason: `${resource} can't be seen; what can is ${this.#resources.join(', ')}`,
          })
    return faults
  }

  #conditions(step: WrittenStep): readonly Condition[] {
    if (step.block.expect) return step.block.expect
    const referred = this.#referred(step)
    const applied = referred.flatMap(({ part, concept }) => (part === 'apply' ? concept.apply : []))
    const deleted = referred.flatMap(({ part, concept }) =>
      part === 'cleanup' ? concept.cleanup.delete : [],
    )
    const all = [
      ...this.#objects([...applied, ...(step.block.apply ?? [])], '>= 1'),
      ...referred.flatMap(shownBy),
      ...this.#objects([...deleted, ...(step.block.delete ?? [])], 0),
    ]
    return withoutImplied([...new Map(all.map((one) => [JSON.stringify(one), one])).values()])
  }

  /** That so many of the objects of these files are there, as far as their kind is watched. */
  #objects(paths: readonly string[], count: NonNullable<See['count']>): See[] {
    return paths
      .flatMap((path) => this.#manifests.get(path) ?? [])
      .flatMap(({ kind, name }) => {
        const see = `${kind.toLowerCase()}s`
        return this.#resources?.includes(see) ? [{ see, named: name, count }] : []
      })
  }

  #commands(step: WrittenStep, number: number): Placed[] {
    const { apply = [], run = [], delete: deleted = [] } = step.block
    const file = (kind: 'apply' | 'delete', path: string): LabCommand => ({
      ...endsByItself,
      kind,
      folder: dirname(path),
      paths: [path],
      run: '',
    })
    const own: LabCommand[] = [
      ...apply.map((path) => file('apply', path)),
      ...run.map((text): LabCommand => ({
        ...endsByItself,
        kind: 'run',
        folder: '',
        paths: [],
        run: text.trimEnd(),
      })),
      ...deleted.map((path) => file('delete', path)),
    ]
    return [
      ...this.#referred(step).flatMap((of) =>
        commandsOf(of).map((command) => ({ command, step: number, of })),
      ),
      ...own.map((command) => ({ command, step: number })),
    ]
  }
}

function commandsOf({ folder, concept, index, part }: Referred): LabCommand[] {
  const { apply, cleanup, steps } = concept
  const fixed = { ...endsByItself, folder }
  if (part === 'apply') return [{ ...fixed, kind: 'apply', paths: [...apply], run: '' }]
  if (part === 'cleanup')
    return [
      ...cleanup.run.map((run): LabCommand => ({ ...fixed, kind: 'run', paths: [], run })),
      ...(cleanup.delete.length > 0
        ? [{ ...fixed, kind: 'delete' as const, paths: [...cleanup.delete], run: '' }]
        : []),
    ]
  const step = steps[index ?? -1]
  if (!step) return []
  const { run, stays, type, again, fails, kubectl, files } = step
  return [
    {
      kind: 'run',
      folder,
      paths: [...files],
      run,
      stays,
      until: null,
      type: [...type],
      again,
      fails,
      kubectl,
    },
  ]
}

/** The step of the lab after which a command that stays is ended: that of the last command which runs beside it. */
function lastBeside({ command, step, of }: Placed, all: readonly Placed[]): number | null {
  if (!command.stays || of?.index === undefined) return null
  const { beside } = of.concept.steps[of.index] ?? {}
  const last = of.index + (beside ?? Infinity)
  const within = all.filter(
    (one) =>
      one.of?.concept === of.concept &&
      one.of.index !== undefined &&
      one.of.index > (of.index ?? 0) &&
      one.of.index <= last,
  )
  const beyond = typeof beside === 'number' ? [] : besideBeyond({ command, step, of }, all)
  return Math.max(step, ...[...within, ...beyond].map((one) => one.step))
}

/** Later commands of other concepts that begin with the same command, until the lab gives it again: it needn't be ended in between. */
function besideBeyond({ command, step, of }: Placed, all: readonly Placed[]): Placed[] {
  const isGivenAgain = (one: Placed) => one.step > step && one.command.run === command.run
  const end = all.find(isGivenAgain)?.step ?? Infinity
  return all.filter(
    (one) =>
      one.step > step &&
      one.step < end &&
      one.of?.index !== undefined &&
      one.of.concept !== of?.concept &&
      one.of.concept.steps.some(({ run, stays }) => stays && run === command.run),
  )
}

/** Without those that only say that something is there of which another one says more. */
function withoutImplied(conditions: readonly Condition[]): Condition[] {
  const saysMore = (one: See, other: Condition): boolean =>
    'see' in other &&
    other !== one &&
    other.see === one.see &&
    other.named === one.named &&
    (other.count === undefined || other.count === 1)
  const isImplied = (one: Condition): boolean =>
    'see' in one &&
    one.named !== undefined &&
    one.count === '>= 1' &&
    one.with === undefined &&
    one.labels === undefined &&
    conditions.some((other) => saysMore(one, other))
  return conditions.filter((one) => !isImplied(one))
}

/** What can be seen of a concept's step. */
function shownBy({ concept, index }: Referred): Condition[] {
  return (concept.steps[index ?? -1]?.expect ?? []).flatMap((expected): Condition[] => {
    if ('see' in expected) {
      const { within: _seconds, ...see } = expected
      return [see]
    }
    return 'get' in expected ? askedBy(expected, concept) : []
  })
}

/** The resources that a condition names, each by its field. */
function namedIn(see: See): (readonly [field: 'see' | 'since', resource: string])[] {
  const since = sinceOf(see)
  return [['see', see.see], ...(since ? [['since', since.see] as const] : [])]
}

/** What is listed and watched to see it. */
function resourcesOf(conditions: readonly Condition[]): string[] {
  const listed = conditions.flatMap((condition) => {
    if ('see' in condition)
      return namedIn(condition).map(([, name]) => (name === 'endpoints' ? 'endpointslices' : name))
    const kind = condition.of.replace(/\/.*/, '')
    return kind === 'service' ? ['services', 'endpointslices'] : [`${kind}s`, 'pods']
  })
  return [...new Set(listed)]
}
