/** The labs there are: those that ship with this server, read once, and a teacher's own, read anew whenever somebody asks. */
import { setImmediate as letOthers } from 'node:timers/promises'
import type { Log } from '../../log/log.ts'
import { fileOf, readLab, readLabs, type LabText } from './folder.ts'
import type { Lessons } from './lessons.ts'
import { readShipped } from './shipped.ts'
import { Curriculum, type WholeLab } from './steps.ts'
import type { Fault } from './strict-yaml.ts'
import type { Lab, LabFault, LabSummary } from './wire.ts'

/** There is no such lab, or no such step of it; the message says what there is. */
export class NoLab extends Error {
  override name = 'NoLab'
}

/** Where they come from. */
export interface LabSources {
  /** The file of those that ship with this server. */
  readonly builtIn: string
  /** The folder of a teacher's own, as `--labs-dir` says; empty for none. */
  readonly own: string
  readonly lessons: Lessons
  /** What `see` may speak of; undefined where nothing is seen anyway. */
  readonly resources: readonly string[] | undefined
  readonly log: Pick<Log, 'warn'>
}

/** A lab that can be done. */
export interface ReadLab extends WholeLab {
  readonly id: string
}

/** Those that ship, and what they and others refer to. */
interface Taught {
  readonly labs: ReadonlyMap<string, ReadLab>
  readonly curriculum: Curriculum
}

interface Shelf {
  readonly labs: ReadonlyMap<string, ReadLab>
  readonly faults: readonly LabFault[]
}

const kindsInOrder: readonly Lab['kind'][] = ['chapter', 'across', 'fix', 'own']

export class Labs {
  readonly #sources: LabSources
  #taught: Promise<Taught> | undefined
  /** What was said last of a teacher's folder, to say it once. */
  #said = ''

  constructor(sources: LabSources) {
    this.#sources = sources
  }

  /** Chapters in the book's order, then those across them, those that mend something, and own ones. */
  async list(): Promise<{ readonly labs: LabSummary[]; readonly faults: LabFault[] }> {
    const shelves = [await this.#shipped(), await this.#own()]
    const labs = shelves.flatMap((shelf) => [...shelf.labs.values()].map(summaryOf))
    return { labs: labs.sort(byPlace), faults: shelves.flatMap(({ faults }) => faults) }
  }

  /** @throws NoLab */
  async lab(id: string): Promise<ReadLab> {
    const shipped = (await this.#shipped()).labs.get(id)
    if (shipped) return shipped
    const file = fileOf(id)
    if (file !== undefined && this.#sources.own !== '') {
      const read = await readLab(this.#sources.own, file)
      if ('text' in read) {
        const {
          labs,
          faults: [fault],
        } = await this.#shelf([read])
        const lab = labs.get(id)
        if (lab) return lab
        if (fault) throw new NoLab(inWords(fault))
      }
    }
    throw new NoLab('there is no such lab; labs/ lists those that there are')
  }

  async #shipped(): Promise<Shelf> {
    try {
      return { labs: (await this.#teach()).labs, faults: [] }
    } catch (error) {
      return {
        labs: new Map(),
        faults: [{ file: this.#sources.builtIn, line: null, reason: (error as Error).message }],
      }
    }
  }

  async #own(): Promise<Shelf> {
    const { own, log } = this.#sources
    if (own === '') return { labs: new Map(), faults: [] }
    const shelf = await this.#readOwn(own)
    const said = shelf.faults.map(inWords).join('\n')
    if (said !== this.#said) for (const fault of shelf.faults) log.warn(`--labs-dir: ${inWords(fault)}`)
    this.#said = said
    return shelf
  }

  async #readOwn(folder: string): Promise<Shelf> {
    try {
      const shipped = await this.#shipped()
      const texts = (await readLabs(folder)).map((one) =>
        shipped.labs.has(one.id) ? { ...one, reason: `there is a lab ${one.id} already` } : one,
      )
      return await this.#shelf(texts)
    } catch (error) {
      return { labs: new Map(), faults: [{ file: folder, line: null, reason: (error as Error).message }] }
    }
  }

  async #shelf(texts: readonly LabText[]): Promise<Shelf> {
    const { curriculum } = await this.#teach()
    const labs = new Map<string, ReadLab>()
    const faults: LabFault[] = []
    for (const one of texts) {
      // Reading one may take a while, and all of them too long for a probe.
      await letOthers()
      const read = await readOwn(one, curriculum)
      if ('told' in read) labs.set(one.id, { ...read, id: one.id })
      else faults.push(...read.map((fault) => ({ file: one.file, ...fault })))
    }
    return { labs, faults }
  }

  #teach(): Promise<Taught> {
    return (this.#taught ??= taughtBy(this.#sources).catch((error: unknown) => {
      // To be tried again.
      this.#taught = undefined
      throw error
    }))
  }
}

async function taughtBy({ builtIn, lessons, resources }: LabSources): Promise<Taught> {
  const [chapters, { labs, manifests }] = await Promise.all([lessons.chapters(), readShipped(builtIn)])
  const curriculum = new Curriculum(chapters, manifests, resources)
  return {
    labs: new Map(labs.map(({ id, ...lab }) => [id, { ...curriculum.complete(lab), id }])),
    curriculum,
  }
}

/** @returns what is wrong with it, if anything is */
async function readOwn(one: LabText, curriculum: Curriculum): Promise<WholeLab | readonly Fault[]> {
  if ('reason' in one) return [{ line: null, reason: one.reason }]
  // Parsers of YAML and Markdown, which those that ship do without.
  const { readLabFile } = await import('./lab-file.ts')
  const read = readLabFile(one.text, 'own')
  const faults = 'faults' in read ? read.faults : curriculum.faultsOf(read.lab)
  return 'lab' in read && faults.length === 0 ? curriculum.complete(read.lab) : faults
}

function summaryOf({ id, told }: ReadLab): LabSummary {
  const { title, kind, chapter, minutes, goal, needs, steps } = told
  return {
    id,
    title,
    kind,
    chapter,
    minutes,
    goal,
    needs,
    steps: steps.map((step) => ({ id: step.id, title: step.title })),
  }
}

const byPlace = (one: LabSummary, other: LabSummary): number =>
  kindsInOrder.indexOf(one.kind) - kindsInOrder.indexOf(other.kind) ||
  (one.chapter ?? 0) - (other.chapter ?? 0) ||
  (one.id < other.id ? -1 : 1)

export const inWords = ({ file, line, reason }: LabFault): string =>
  `${file}${line === null ? '' : `:${line}`}: ${reason}`
