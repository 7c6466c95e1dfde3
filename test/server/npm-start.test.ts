/** `npm start` in a clone: what it builds, and how what it starts ends. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ServerEnv } from '../../server/features/env/wire.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask, type Ending } from '../support/kuard.ts'

const root = join(import.meta.dirname, '../..')

/** What runs `npm start` from a terminal: none of what this test's own npm has set. */
const environment = Object.fromEntries(
  Object.entries({ ...process.env, PATH: pathOfTerminal() }).filter(
    ([name]) => !name.startsWith('npm_') && name !== 'NODE_TEST_CONTEXT',
  ),
)

function pathOfTerminal(): string {
  const folders = process.env.PATH?.split(delimiter) ?? []
  return folders.filter((folder) => !/node_modules|node-gyp-bin/.test(folder)).join(delimiter)
}

function whyNoClone(): string | false {
  const { status } = spawnSync('git', ['-C', root, 'rev-parse', 'HEAD'], { stdio: 'ignore' })
  return status === 0 ? false : 'this is no Git checkout'
}

/**
 * Clones this repository, with the tracked files as they are in the checkout. To be quick, the clone's node_modules is a
 * link to the checkout's; its dist is its own.
 */
function clone(context: TestContext): string {
  const folder = join(temporaryFolder(context), 'clone')
  execFileSync('git', ['clone', '--quiet', root, folder], { env: environment })
  const tracked = execFileSync('git', ['-C', root, 'ls-files', '-z'], { encoding: 'utf8' }).split('\0')
  for (const file of tracked.filter((name) => name !== '' && existsSync(join(root, name))))
    cpSync(join(root, file), join(folder, file))
  symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'))
  return folder
}

/** How long all that is built may take, in milliseconds. */
const buildLimitMs = 180_000

/** A running `npm start`, the first of a process group as a shell makes it. */
class NpmStart {
  readonly child: ChildProcess
  readonly ended: Promise<Ending>
  output = ''
  port = 0

  constructor(context: TestContext, folder: string, args: readonly string[] = []) {
    const own = ['--address=127.0.0.1:0', '--shutdown-delay=0', ...args]
    this.child = spawn('npm', ['start', '--', ...own], {
      cwd: folder,
      detached: true,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal })
      })
    })
    context.after(() => {
      if (this.isAlive) this.signalGroup('SIGKILL')
    })
  }

  /** Whether any process of the group is left. */
  get isAlive(): boolean {
    try {
      return this.signalGroup(0)
    } catch {
      return false
    }
  }

  /** @param signal 0 sends none */
  signalGroup(signal: NodeJS.Signals | 0): boolean {
    return process.kill(-(this.child.pid ?? NaN), signal)
  }

  async started(): Promise<this> {
    const serves = () => {
      if (this.child.exitCode !== null) throw new Error(`npm start ended:\n${this.output}`)
      return /Serving on HTTP on \S*:(\d+)/.exec(this.output)
    }
    const [, port] = await eventually('npm start to serve', serves, buildLimitMs)
    this.port = Number(port)
    return this
  }

  /** The command line of the server, as it says. */
  async commandLine(): Promise<string[]> {
    return (await ask(this.port, 'GET', '/env/api')).json(ServerEnv).commandLine
  }
}

test(
  'npm start builds once, hands its arguments on, and builds anew what has changed',
  { skip: whyNoClone() },
  async (context) => {
    const folder = clone(context)
    const built = join(folder, 'dist/kuard.cjs')
    assert.ok(!existsSync(built))

    const together = [new NpmStart(context, folder, ['two words', '$HOME']), new NpmStart(context, folder)]
    const [first] = await Promise.all(together.map((start) => start.started()))
    assert.deepEqual((await first?.commandLine())?.slice(-2), ['two words', '$HOME'])
    assert.equal((await first?.commandLine())?.[1], realpathSync(built))

    const { ino } = statSync(built)
    await new NpmStart(context, folder).started()
    assert.equal(statSync(built).ino, ino, 'it was built again')

    const source = join(folder, 'server/process/serve.ts')
    writeFileSync(source, readFileSync(source, 'utf8').replace('Starting kuard', 'Starting changed kuard'))
    const changed = await new NpmStart(context, folder).started()
    assert.match(changed.output, /Starting changed kuard/)
    assert.equal((await ask(first?.port ?? 0, 'GET', '/healthy')).status, 200)
  },
)

test(
  'SIGTERM to npm start, or Ctrl-C, ends the server and leaves nothing behind',
  { skip: whyNoClone() },
  async (context) => {
    const folder = clone(context)
    const terminated = await new NpmStart(context, folder).started()
    terminated.child.kill('SIGTERM')
    await terminated.ended
    await eventually('every process to end', () => !terminated.isAlive)
    assert.match(terminated.output, /Received SIGTERM/)

    const interrupted = await new NpmStart(context, folder).started()
    interrupted.signalGroup('SIGINT')
    await interrupted.ended
    await eventually('every process to end', () => !interrupted.isAlive)
    assert.match(interrupted.output, /Received SIGINT/)
  },
)
