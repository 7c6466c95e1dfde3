/** Somebody who does labs at a terminal and at the page of the viewer, and looks whether each step is open before and ticked after. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { chapters } from '../../scripts/chapters.ts'
import { readLabFile } from '../../server/features/labs/lab-file.ts'
import { Lab, LabList, StepState, type LabCommand, type LabStep } from '../../server/features/labs/wire.ts'
import type { ProvenStep } from '../../server/features/manifests/chapter-file.ts'
import {
  applyCommand,
  deleteCommand,
  downloadCommand,
  nameIn,
  viewerPort,
} from '../../server/features/manifests/commands.ts'
import { comesTrue, messageOf } from './comes-true.ts'
import { Reader } from './reader.ts'
import type { Terminal } from './terminal.ts'
import type { OwnLabs, Viewer } from './viewer.ts'

/** How long Kubernetes may take for what a step has asked of it, in seconds. */
const stepLimit = 120
/** And for listing what has to be seen, after which a step is known to be open. */
const listingLimit = 60
/** How long a step that nobody has done is watched, in milliseconds: what is to tick does so within two seconds. */
const idleMs = 2500
const pauseMs = 300

/** Where labs that ship are. */
const labsFolder = join(import.meta.dirname, '../../labs')

/** Whoever else looks on. */
export interface Onlooker {
  /** Before anything is done for a step; before what is broken is mended, at the end of some waiting. */
  readonly isOpen: (step: LabStep, state: StepState) => unknown
  /** When the server says that it is done, or nothing can tell. */
  readonly isDone?: (step: LabStep, state: StepState) => unknown
}

export class Learner {
  readonly #reader: Reader
  readonly #viewer: Viewer
  readonly #own: OwnLabs

  private constructor(reader: Reader, viewer: Viewer, own: OwnLabs) {
    this.#reader = reader
    this.#viewer = viewer
    this.#own = own
  }

  /** Opens the viewer, in a namespace of its own. @param own labs that it has beside those that ship */
  static async sitDown(context: TestContext, own?: OwnLabs): Promise<Learner> {
    const reader = await Reader.sitDown(context, 'labs', { shell: 'bash', files: 'viewer' })
    return new Learner(reader, await reader.openViewer(context, own), own ?? {})
  }

  get namespace(): string {
    return this.#reader.namespace
  }

  /** Closes the viewer, which has rights beyond its namespace. */
  closeViewer(context: TestContext): Promise<void> {
    return this.#reader.closeViewer(context)
  }

  /** Closes the viewer. @throws Error where something else is left */
  async leave(context: TestContext): Promise<void> {
    await this.closeViewer(context)
    await this.#reader.isTidy()
  }

  /** What there is to learn. */
  labs(): Promise<LabList> {
    return this.#ask('labs/', LabList)
  }

  /** Does all of a lab. @throws Error with the step that came out otherwise, and how */
  async learn(context: TestContext, id: string, onlooker?: Onlooker): Promise<void> {
    const { steps } = await this.#ask(`labs/${id}`, Lab)
    const taught = taughtBy(this.#own[`${id}.md`] ?? readFileSync(join(labsFolder, `${id}.md`), 'utf8'))
    const commands = steps.flatMap((step, index) =>
      step.commands.map((command) => ({ command, step, taught: taught[index]?.get(command.run)?.shift() })),
    )
    const runs = commands.map(({ command }) => command.run)
    await this.#reader.work(context, runs, async (main) => {
      for (const step of steps)
        try {
          await onlooker?.isOpen(step, await this.#isOpen(id, step))
          for (const [index, one] of commands.entries())
            if (one.step === step) {
              const beside = commands.slice(index + 1).filter((other) => isBeside(other.step, one.command))
              await this.#give(context, main, one.command, one.taught, beside.length)
            }
          if (step.solution !== null) await main.succeeds(step.solution, stepLimit)
          await onlooker?.isDone?.(step, await this.#isDone(id, step))
        } catch (error) {
          throw new Error(`step ${step.number}, ${step.title}: ${messageOf(error)}`, { cause: error })
        }
    })
    await this.#reader.isTidy()
  }

  /** Pastes a command as the page has it. @param taught what its concept expects of it @param beside how many more run while it stays */
  async #give(
    context: TestContext,
    main: Terminal,
    command: LabCommand,
    taught: ProvenStep | undefined,
    beside: number,
  ): Promise<void> {
    const { kind, folder, paths, stays, type, again, fails } = command
    if (kind === 'run' && folder !== '') {
      // A folder for the chapter, with the files that the commands name.
      await main.succeeds(`mkdir -p ../${folder} && cd ../${folder}`, stepLimit)
      if (paths.length > 0) await main.succeeds(fetching(command), stepLimit)
    }
    // What a terminal shows depends on what else the concept has done, which may be no part of the lab.
    const expect = (taught?.expect ?? []).filter((one) => !('beside' in one) && (again || !('output' in one)))
    const step = {
      id: null,
      page: [],
      kubectl: null,
      notRun: null,
      files: [],
      stays,
      type,
      again,
      fails,
      expect,
    }
    // Another terminal is opened in the same folder.
    const run = stays && folder !== '' ? `cd ../${folder}\n${textOf(command)}` : textOf(command)
    await this.#reader.take(context, main, { ...step, run, beside: stays ? beside : null })
  }

  /** Nothing was done for it yet; of what is to be mended, nothing but waiting either. */
  async #isOpen(id: string, step: LabStep): Promise<StepState> {
    let last = await this.#stands(id, step, 'open', listingLimit)
    if (step.solution === null) return last
    const end = performance.now() + idleMs
    while (performance.now() < end) {
      last = await this.#stands(id, step, 'open', listingLimit)
      await sleep(pauseMs)
    }
    return last
  }

  async #isDone(id: string, step: LabStep): Promise<StepState> {
    const state = await this.#stands(id, step, 'done', stepLimit)
    for (const { saw } of state.verdicts) assert.match(saw, /\w/)
    return state
  }

  /** Waits until a step is so, or nothing can tell. @throws Error where it is done and should not be: a page would keep that */
  async #stands(id: string, step: LabStep, wanted: 'open' | 'done', seconds: number): Promise<StepState> {
    const all: StepState[] = []
    await comesTrue(`it to be ${wanted}`, seconds, async () => {
      const now = await this.#state(id, step)
      all.push(now)
      const seen = `${now.state}: ${JSON.stringify(now.verdicts)}`
      if (now.state === 'done') assert.equal(wanted, 'done', seen)
      return { is: now.state === (step.isSeen ? wanted : 'unseen'), seen }
    })
    const last = all.at(-1)
    assert.ok(last)
    return last
  }

  #state(id: string, { number }: LabStep): Promise<StepState> {
    return this.#ask(`labs/${id}/steps/${number}`, StepState)
  }

  async #ask<Schema extends TSchema>(path: string, schema: Schema): Promise<Static<Schema>> {
    let answer: unknown
    // A port-forward may end, and is started again.
    await comesTrue(`an answer to ${path}`, 150, async () => {
      const { code, output, errors } = await this.#viewer.ask(path)
      if (code !== 0 || !output.startsWith('{')) return { is: false, seen: errors + output }
      answer = JSON.parse(output)
      return { is: true, seen: output }
    })
    return Value.Parse(schema, answer)
  }
}

const isBeside = ({ number }: LabStep, { until }: LabCommand): boolean => number <= (until ?? Infinity)

const addressOf = (path: string): string => `http://localhost:${String(viewerPort)}/manifests/${path}`

const fetching = ({ folder, paths }: LabCommand): string =>
  downloadCommand(paths.map((path) => ({ name: nameIn(folder, path), address: addressOf(path) })))

/** A command as the page gives it, at the viewer's address. */
export function textOf({ kind, paths, run }: LabCommand): string {
  if (kind === 'run') return run
  return (kind === 'apply' ? applyCommand : deleteCommand)(paths.map(addressOf))
}

/**
 * For each step of a lab what its concepts say of the commands that it takes from them, by the command; in their order where it is given
 * more than once.
 * @param source the text of its file
 */
function taughtBy(source: string): ReadonlyMap<string, ProvenStep[]>[] {
  const read = readLabFile(source, 'own')
  assert.ok('lab' in read, JSON.stringify(read))
  return read.lab.steps.map(({ block }) =>
    Map.groupBy((block.do ?? []).flatMap(stepsNamed), ({ run }) => run),
  )
}

/** Read once: each reading takes a second. */
const allChapters = chapters()

/** @param name as `05-pods/limits/wait`; other parts of a concept than its steps have no expectations */
function stepsNamed(name: string): ProvenStep[] {
  const [folder, concept, id] = name.split('/')
  return allChapters
    .filter((chapter) => chapter.folder === folder)
    .flatMap(({ concepts }) => concepts.filter((one) => one.id === concept))
    .flatMap(({ steps }) => steps.filter((step) => step.id === id))
}
