/** Somebody who does what a chapter says, in as many terminals as it takes, and looks whether it comes out as it says. */
import assert from 'node:assert/strict'
import { posix } from 'node:path'
import type { TestContext } from 'node:test'
import type { See } from '../../server/conditions/condition.ts'
import { resourcesOf } from '../../server/features/cluster/sight/scene.ts'
import { verdictOf } from '../../server/features/cluster/sight/verdict.ts'
import type { Listing, Resource } from '../../server/features/cluster/wire.ts'
import type { Expectation, ProvenStep, WholeConcept } from '../../server/features/manifests/chapter-file.ts'
import { applyCommand, deleteCommand } from '../../server/features/manifests/commands.ts'
import { comesTrue, messageOf } from './comes-true.ts'
import { Desk, type Files, type Network } from './desk.ts'
import { holdExternalMetrics, holdNodes } from './cluster-lock.ts'
import type { ShellName, Terminal } from './terminal.ts'
import { Viewer, type OwnLabs } from './viewer.ts'

/** What a command that ends has to end in, in seconds, unless something is expected of it that may take longer. */
const commandLimit = 240
/** What is expected has to come true in this time where the chapter says no other, in seconds. */
const expectationLimit = 60

/** Commands after which a node takes no pods, or has labels that pods ask for. */
const changesNode = /^kubectl (cordon|drain|taint|label nodes) /m
/** And after which there is who serves external metrics. */
const servesMetrics = /apiservice\.yaml.*kubectl apply/

/** How a chapter is tried. */
export interface Trial {
  /** Of macOS or of Linux; either has to do. */
  readonly shell: ShellName
  /** By default a loopback interface of its own. */
  readonly network?: Network
  /** By default a checkout. */
  readonly files?: Files
}

/** A command that stays, in its own terminal. */
interface Staying {
  readonly terminal: Terminal
  /** How many more steps run beside it. */
  left: number
}

/** A reader of one chapter, or of what leads through several. */
export class Reader {
  readonly #desk: Desk
  readonly #folder: string
  #staying: Staying[] = []
  #viewer: Viewer | undefined

  private constructor(desk: Desk, folder: string) {
    this.#desk = desk
    this.#folder = folder
  }

  /** @param folder the chapter's, as `05-pods`, or another beside these */
  static async sitDown(
    context: TestContext,
    folder: string,
    { shell, network = 'own loopback', files = 'checkout' }: Trial,
  ): Promise<Reader> {
    return new Reader(await Desk.for(context, folder, { shell, network, files }), folder)
  }

  /** Opens the page that stays while concepts come and go. @param labs that it is to have beside its own */
  async openViewer(context: TestContext, labs?: OwnLabs): Promise<Viewer> {
    return (this.#viewer = await Viewer.open(context, this.#desk, labs))
  }

  /** Closes it, if it has been opened. */
  async closeViewer(context: TestContext): Promise<void> {
    await this.#viewer?.close(context)
  }

  /** Does all of a concept and cleans up after it. @throws Error with the step that came out otherwise, and how */
  async prove(context: TestContext, concept: WholeConcept): Promise<void> {
    const failure = await this.#do(context, concept).then(() => undefined, messageOf)
    const untidy = await this.#cleanUp(context, concept.cleanup).then(() => undefined, messageOf)
    const faults = [failure, untidy].filter((fault) => fault !== undefined)
    if (faults.length > 0) throw new Error(faults.join('\n\nand the clean-up:\n'))
  }

  async #do(context: TestContext, { apply, steps }: WholeConcept): Promise<void> {
    const commands = steps.map(({ run }) => run)
    await this.work(context, commands, async (main) => {
      if (apply.length > 0) await main.succeeds(applyCommand(this.#names(apply)), commandLimit)
      for (const step of steps) if (step.notRun === null) await this.take(context, main, step)
    })
  }

  /**
   * Opens a terminal, and ends what stays in others once all is done.
   * @param commands that will be given: some take from the cluster what it has once
   */
  async work(
    context: TestContext,
    commands: readonly string[],
    task: (main: Terminal) => Promise<void>,
  ): Promise<void> {
    if (commands.some((run) => changesNode.test(run))) await holdNodes(context)
    if (commands.some((run) => servesMetrics.test(run))) await holdExternalMetrics(context)
    const main = await this.#desk.terminal(context)
    this.#staying = []
    try {
      await task(main)
    } finally {
      await this.#endStaying(() => true)
    }
  }

  get namespace(): string {
    return this.#desk.namespace
  }

  /** As Desk.isTidy. */
  isTidy(): Promise<void> {
    return this.#desk.isTidy()
  }

  async #cleanUp(context: TestContext, { run, delete: paths }: WholeConcept['cleanup']): Promise<void> {
    const commands = [...run, ...(paths.length > 0 ? [deleteCommand(this.#names(paths))] : [])]
    if (commands.length === 0) return
    const terminal = await this.#desk.terminal(context)
    for (const one of commands) await terminal.succeeds(one, commandLimit)
    await this.isTidy()
  }

  #names(paths: readonly string[]): string[] {
    return paths.map((path) => posix.relative(this.#folder, path))
  }

  /** Gives one command and waits for what is expected of it, then ends what was to stay beside it. @param main for what doesn't stay */
  async take(context: TestContext, main: Terminal, step: ProvenStep): Promise<void> {
    const terminal = step.stays ? await this.#desk.terminal(context) : main
    try {
      await this.#paste(terminal, step)
      for (const expectation of step.expect) await this.#expect(terminal, step, expectation)
    } catch (error) {
      throw new Error(`${step.run}\n${messageOf(error)}`, { cause: error })
    }
    await this.#endStaying((one) => (one.left -= 1) <= 0)
    if (step.stays) this.#staying.push({ terminal, left: step.beside ?? Infinity })
  }

  /** Pastes it, again where it says so, and waits until it has ended or, where it stays, begun. */
  async #paste(terminal: Terminal, step: ProvenStep): Promise<void> {
    if (step.again) {
      await this.#pasteAgain(terminal, step)
      return
    }
    pasteOnce(terminal, step)
    // It has begun once it has said something.
    if (step.stays) await terminal.printed(/\S/, expectationLimit)
    else {
      const code = await terminal.ended(
        Math.max(commandLimit, ...step.expect.map(({ within = 0 }) => within)),
      )
      assert.equal(code !== 0, step.fails, `it ended with ${code}:\n${terminal.output}`)
    }
  }

  async #pasteAgain(terminal: Terminal, step: ProvenStep): Promise<void> {
    const printed = step.expect.filter((one) => 'output' in one || 'beside' in one)
    const seconds = Math.max(...printed.map(({ within = expectationLimit }) => within))
    await comesTrue('it to end as it should and show that', seconds, async () => {
      pasteOnce(terminal, step)
      const code = await terminal.ended(commandLimit)
      const shows = printed.every((one) =>
        'output' in one
          ? new RegExp(one.output, 'm').test(terminal.output)
          : new RegExp(one.beside, 'm').test(this.#staying.at(-1)?.terminal.output ?? ''),
      )
      return { is: shows && (code !== 0) === step.fails, seen: `${terminal.output}(exit code ${code})` }
    })
  }

  async #expect(terminal: Terminal, step: ProvenStep, expectation: Expectation): Promise<void> {
    const { within = expectationLimit } = expectation
    if ('output' in expectation) await terminal.printed(new RegExp(expectation.output, 'm'), within)
    else if ('beside' in expectation) {
      const beside = this.#staying.at(-1)
      assert.ok(beside, 'nothing runs beside it')
      await beside.terminal.printed(new RegExp(expectation.beside, 'm'), within)
    } else if ('object' in expectation) await this.#expectObject(expectation.object, expectation.for, within)
    else if ('see' in expectation) await this.#expectSight(expectation, within)
    else
      await comesTrue(`${expectation.get} to answer /${expectation.matches}/`, within, async () => {
        // A port-forward ends at a request that comes before the server listens: whoever sees that starts it again.
        if (Viewer.isAt(expectation.get)) await this.#viewer?.stays()
        else if (step.stays && terminal.code !== undefined) await this.#paste(terminal, step)
        return this.#answer(expectation.get, new RegExp(expectation.matches, 'm'))
      })
  }

  /** kubectl waits for what there is, and not for it to be there. */
  async #expectObject(object: string, condition: string, seconds: number): Promise<void> {
    await comesTrue(`${object} to be ${condition}`, seconds, async () => {
      const what = object.split(' ')
      const { code, output, errors } = await this.#desk.run(
        'kubectl',
        'wait',
        ...what,
        `--for=${condition}`,
        '--timeout=5s',
      )
      return { is: code === 0, seen: output + errors }
    })
  }

  /** Looks as labs do, at what the viewer's page is told. */
  async #expectSight(see: See, seconds: number): Promise<void> {
    const resources = resourcesOf(see)
    assert.ok(resources.length > 0, `there is no ${see.see} in the page`)
    await comesTrue(`${JSON.stringify(see)} to be seen`, seconds, async () => {
      assert.ok(this.#viewer, 'no viewer is open')
      const { output, errors } = await this.#viewer.ask(listingPath(resources))
      const { holds, saw, why } = verdictOf(see, {
        namespace: 'of this chapter',
        entries: (resource) => listingIn(output, resource)?.items,
      })
      return { is: holds === true, seen: `${saw} ${why ?? ''}\n${errors}${output}` }
    })
  }

  async #answer(url: string, pattern: RegExp) {
    const { output, errors } = await this.#desk.run('curl', '-sSk', '--max-time', '10', url)
    return { is: pattern.test(output), seen: output + errors }
  }

  async #endStaying(isOver: (staying: Staying) => boolean): Promise<void> {
    const over = this.#staying.filter(isOver)
    this.#staying = this.#staying.filter((one) => !over.includes(one))
    for (const { terminal } of over) await terminal.interrupt()
  }
}

function pasteOnce(terminal: Terminal, { run, type }: ProvenStep): void {
  terminal.paste(run)
  for (const line of type) terminal.type(line)
}

/** Where the viewer tells of resources once. */
const listingPath = (resources: readonly Resource[]): string =>
  `events?topics=${resources.map((resource) => `cluster.${resource}`).join()}&once=true`

/** @param stream what the viewer's event stream told. @returns undefined where it didn't tell that, or not all of it has come */
function listingIn<Name extends Resource>(stream: string, resource: Name): Listing<Name> | undefined {
  const lines = stream.split('\n')
  const line = lines[lines.indexOf(`event: cluster.${resource}`) + 1] ?? ''
  if (!line.startsWith('data: ')) return undefined
  const listing = JSON.parse(line.slice('data: '.length)) as Listing<Name>
  return listing.listed ? listing : undefined
}
