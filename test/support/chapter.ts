/** Does what a chapter tells a reader to do: every command as it stands, in a real shell, in one namespace, from the first to the last. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chapters, summaryOf } from '../../scripts/chapters.ts'
import type { WholeConcept } from '../../server/features/manifests/chapter-file.ts'
import { Reader, type Trial } from './reader.ts'

/** Declares the test of a chapter. @param folder as `05-pods` */
export function proveChapter(folder: string, trial: Trial): void {
  const chapter = chapters().find((one) => one.folder === folder)
  assert.ok(chapter, folder)
  test(`${chapter.number} ${chapter.title}: every command does what it says as pasted into ${trial.shell}`, async (context) => {
    const reader = await Reader.sitDown(context, folder, trial)
    for (const concept of chapter.concepts.filter(isWanted))
      await context.test(concept.name, { skip: concept.notRun ?? false }, (part) =>
        reader.prove(part, concept),
      )
    for (const line of summaryOf(chapter)) context.diagnostic(line)
  })
}

/** KUARD_TEST_CONCEPTS is a pattern for the ids of those to be tried; all, where it is not set. */
const isWanted = ({ id }: WholeConcept): boolean => new RegExp(process.env.KUARD_TEST_CONCEPTS ?? '').test(id)
<<<<<<< HEAD
=======

/** A command that stays, in its own terminal. */
interface Staying {
  readonly terminal: Terminal
  readonly step: ProvenStep
  /** How many more steps run beside it. */
  left: number
}

/** Somebody with a checkout, a kubectl of their own, and as many terminals as it takes. */
class Reader {
  readonly #place: Place
  readonly #namespace: string
  /** Everything that a namespace can hold, as kubectl takes it. */
  readonly #kinds: string
  /** The files in the chapter's folder before anything was done. */
  readonly #files: string[]
  #staying: Staying[] = []

  private constructor(place: Place, namespace: string, kinds: string) {
    this.#place = place
    this.#namespace = namespace
    this.#kinds = kinds
    this.#files = filesIn(place.folder)
  }

  static async sitDown(context: TestContext, { folder }: WholeChapter, trial: Trial): Promise<Reader> {
    const { name } = await makeNamespace(context, trial.level ?? 'privileged')
    const home = temporaryFolder(context)
    cpSync(manifest(''), join(home, 'manifests'), { recursive: true })
    const kubeconfig = join(home, 'kubeconfig')
    const under = await connectTo(context, kubeconfig, name, trial.network ?? 'own loopback')
    const env = { ...process.env, HOME: home, KUBECONFIG: kubeconfig }
    return new Reader(
      { shell: trial.shell, folder: join(home, 'manifests', folder), env, under },
      name,
      await kindsOfObjects(),
    )
  }

  async prove(context: TestContext, concept: WholeConcept): Promise<void> {
    const terminal = await Terminal.open(context, this.#place)
    this.#staying = []
    const names = (paths: readonly string[]) => paths.map((path) => posix.relative(this.#folderName, path))
    try {
      if (concept.apply.length > 0) await succeed(terminal, applyCommand(names(concept.apply)))
      for (const step of concept.steps) if (step.notRun === null) await this.#take(context, terminal, step)
      await this.#endStaying(() => true)
    } finally {
      const { run, delete: paths } = concept.cleanup
      const commands = [...run, ...(paths.length > 0 ? [deleteCommand(names(paths))] : [])]
      const last = await Terminal.open(context, this.#place)
      for (const one of commands) await succeed(last, one)
      if (commands.length > 0) await this.#isClean()
    }
  }

  get #folderName(): string {
    return relative(dirname(this.#place.folder), this.#place.folder)
  }

  async #take(context: TestContext, main: Terminal, step: ProvenStep): Promise<void> {
    const terminal = step.stays ? await Terminal.open(context, this.#place) : main
    try {
      await this.#paste(terminal, step)
      for (const expectation of step.expect) await this.#expect(terminal, step, expectation)
    } catch (error) {
      throw new Error(`${step.run}\n${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
    await this.#endStaying((one) => (one.left -= 1) <= 0)
    if (step.stays) this.#staying.push({ terminal, step, left: step.beside ?? Infinity })
  }

  async #paste(terminal: Terminal, step: ProvenStep): Promise<void> {
    terminal.paste(step.run)
    for (const line of step.type) terminal.type(line)
    // It has begun once it has said something.
    if (step.stays) await terminal.printed(/\S/, expectationLimit)
    else if (step.again && step.expect.some((one) => 'output' in one)) await terminal.ended(commandLimit)
    else await hasEnded(terminal, step)
  }

  async #expect(terminal: Terminal, step: ProvenStep, expectation: Expectation): Promise<void> {
    const { within = expectationLimit } = expectation
    if ('output' in expectation)
      await this.#expectOutput(terminal, step, new RegExp(expectation.output, 'm'), within)
    else if ('beside' in expectation) {
      const beside = this.#staying.at(-1)
      assert.ok(beside, 'nothing runs beside it')
      await beside.terminal.printed(new RegExp(expectation.beside, 'm'), within)
    } else if ('object' in expectation) await this.#expectObject(expectation.object, expectation.for, within)
    else await this.#expectAnswer(expectation.get, new RegExp(expectation.matches, 'm'), within)
  }

  async #expectOutput(terminal: Terminal, step: ProvenStep, pattern: RegExp, seconds: number): Promise<void> {
    if (step.stays) return terminal.printed(pattern, seconds)
    if (!step.again) {
      assert.match(terminal.output, pattern)
      return
    }
    // What it says and how it ends before that doesn't matter: what it asks for may not be there yet.
    const hasShown = () => pattern.test(terminal.output) && (terminal.code !== 0) === step.fails
    await explained(
      () => terminal.output,
      () =>
        eventually(
          `it to show ${pattern}`,
          async () => {
            if (hasShown()) return true
            await this.#paste(terminal, step)
            return hasShown()
          },
          seconds * 1000,
          1000,
        ),
    )
  }

  async #expectObject(object: string, condition: string, seconds: number): Promise<void> {
    let last = ''
    // kubectl waits for what there is, and not for it to be there.
    await explained(
      () => last,
      () =>
        eventually(
          `${object} to be ${condition}`,
          async () => {
            const { code, output, errors } = await this.#command(
              'kubectl',
              'wait',
              ...object.split(' '),
              `--for=${condition}`,
              '--timeout=5s',
            )
            last = output + errors
            return code === 0
          },
          seconds * 1000,
          500,
        ),
    )
  }

  async #expectAnswer(url: string, pattern: RegExp, seconds: number): Promise<void> {
    let last = ''
    await explained(
      () => last,
      () =>
        eventually(
          `${url} to answer ${pattern}`,
          async () => {
            const { output, errors } = await this.#command(
              'curl',
              '--silent',
              '--show-error',
              '--insecure',
              '--max-time',
              '10',
              url,
            )
            last = output + errors
            return pattern.test(output)
          },
          seconds * 1000,
          500,
        ),
    )
  }

  #command(...line: string[]) {
    const [program = '', ...args] = [
      ...this.#place.under,
      'env',
      `KUBECONFIG=${this.#place.env.KUBECONFIG ?? ''}`,
      ...line,
    ]
    return command(program, args)
  }

  async #endStaying(isOver: (staying: Staying) => boolean): Promise<void> {
    const over = this.#staying.filter(isOver)
    this.#staying = this.#staying.filter((one) => !over.includes(one))
    for (const { terminal } of over) await terminal.interrupt()
  }

  /** A concept leaves nothing: no object, no file, and kubectl's settings as they were. */
  async #isClean(): Promise<void> {
    let left: string[] = []
    await explained(
      () => left.join('\n'),
      () =>
        eventually(
          'nothing to be left',
          async () => {
            const objects = await kubectl([
              'get',
              this.#kinds,
              `--namespace=${this.#namespace}`,
              '--output=name',
              '--ignore-not-found',
            ])
            left = objects.split('\n').filter((name) => name !== '' && !ownOfNamespace.test(name))
            return left.length === 0
          },
          90_000,
          500,
        ),
    )
    assert.deepEqual(filesIn(this.#place.folder), this.#files)
    const { output } = await this.#command(
      'kubectl',
      'config',
      'view',
      '--minify',
      '--output=jsonpath={..namespace}',
    )
    assert.equal(output, this.#namespace, 'the namespace of kubectl’s current context')
  }
}

/** What comes and goes by itself. */
const transient = /^(events|podmetrics|bindings|localsubjectaccessreviews|endpoints)\b/
/** What each namespace has. */
const ownOfNamespace = /^(serviceaccount\/default|configmap\/kube-root-ca\.crt)$/

async function kindsOfObjects(): Promise<string> {
  const kinds = await kubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name'])
  return kinds
    .split('\n')
    .filter((kind) => !transient.test(kind))
    .join(',')
}

const filesIn = (folder: string): string[] => globSync('**/*', { cwd: folder }).sort()

/** Gives kubectl a configuration of its own, for this namespace. @returns what commands are put under to reach the cluster */
async function connectTo(
  context: TestContext,
  kubeconfig: string,
  namespace: string,
  network: NonNullable<Trial['network']>,
): Promise<string[]> {
  writeFileSync(kubeconfig, await kubectl(['config', 'view', '--minify', '--flatten']), { mode: 0o600 })
  const config = (...args: string[]) => command('kubectl', [`--kubeconfig=${kubeconfig}`, 'config', ...args])
  const { KUARD_TEST_CONTEXT: name = '' } = process.env
  await config('use-context', name)
  await config('set-context', '--current', `--namespace=${namespace}`)
  if (network === 'machine') return []
  const { output } = await config(
    'view',
    '--minify',
    '--output=jsonpath={.clusters[0].name} {.clusters[0].cluster.server}',
  )
  const [cluster = '', server = ''] = output.split(' ')
  const { hostname, port } = new URL(server)
  const apiPort = Number(port || 443)
  await config(
    'set-cluster',
    cluster,
    `--server=https://127.0.0.1:${apiPort}`,
    `--tls-server-name=${hostname}`,
  )
  return ownLoopback(context, hostname, apiPort)
}

async function succeed(terminal: Terminal, text: string): Promise<void> {
  terminal.paste(text)
  const code = await terminal.ended(commandLimit)
  assert.ok(code === 0, `${text}\nended with ${code}:\n${terminal.output}`)
}

async function hasEnded(terminal: Terminal, { fails }: ProvenStep): Promise<void> {
  const code = await terminal.ended(commandLimit)
  assert.ok((code !== 0) === fails, `it ended with ${code}:\n${terminal.output}`)
}

/** Adds to an error what was seen instead. */
async function explained(seen: () => string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt()
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; seen was:\n${seen()}`, {
      cause: error,
    })
  }
}
>>>>>>> 93e25be (Go through chapter 4 as a reader does, each concept by itself)
