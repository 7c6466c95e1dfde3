/** A terminal as a reader has it: a shell on a pseudo-terminal, in which a command is pasted and what it prints is read. */
import { spawn, type ChildProcess } from 'node:child_process'
import { atEnd, type Lifetime } from './at-end.ts'
import { messageOf } from './comes-true.ts'
import { eventually } from './eventually.ts'

/** What the shell prints when it waits for the next command, with the last one's exit code in it; nothing else prints the like. */
const prompt = /\x1e(\d+)\x1e/ // eslint-disable-line no-control-regex -- chosen since no program prints it

/** The shells of Linux and of macOS. */
export type ShellName = 'bash' | 'zsh'

const shells: Readonly<Record<ShellName, { readonly start: string; readonly settle: string }>> = {
  bash: {
    start: 'bash --noprofile --norc --noediting -i',
    settle: String.raw`PS1= PS2= PROMPT_COMMAND='printf "\036%s\036" $?'`,
  },
  zsh: {
    start: 'zsh -f -i +o zle +o prompt_cr +o prompt_sp',
    settle: String.raw`PS1= PS2=; precmd() { printf "\036%s\036" $? }`,
  },
}

/** Where a terminal is opened. */
export interface Place {
  readonly shell: ShellName
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** What it runs in, as a command that takes another: a network of its own. */
  readonly under: readonly string[]
}

/** One terminal, closed when its test ends. */
export class Terminal {
  readonly #child: ChildProcess
  /** Since the command that was pasted last. */
  #output = ''
  #closed = false

  private constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text.replaceAll('\r', '')))
    child.once('close', () => (this.#closed = true))
  }

  static async open(lifetime: Lifetime, { shell, folder, env, under }: Place): Promise<Terminal> {
    const { start, settle } = shells[shell]
    const line = [...under, 'script', '--quiet', '--flush', '--command', start, '/dev/null']
    // Nothing is coloured or edited, so that what is read is what was printed.
    const child = spawn('env', line, { cwd: folder, env: { ...env, TERM: 'dumb', PAGER: 'cat' } })
    const terminal = new Terminal(child)
    atEnd(lifetime, () => terminal.close())
    terminal.#write(`stty -echo; ${settle}\n`)
    await terminal.ended(10)
    // The prompts of the lines before it may still be on their way.
    terminal.paste('printf ready')
    await terminal.printed(/ready/, 10)
    await terminal.ended(10)
    return terminal
  }

  /** What the command has printed so far. */
  get output(): string {
    return this.#output.replace(prompt, '')
  }

  /** Its exit code once it has ended and the shell waits for the next one. */
  get code(): number | undefined {
    const match = prompt.exec(this.#output)
    if (match) return Number(match[1])
    if (this.#closed) throw new Error(`the terminal was closed:\n${this.#output}`)
    return undefined
  }

  /** Pastes a command, of however many lines, as one. */
  paste(text: string): void {
    this.#output = ''
    this.#write(`{\n${text}\n}\n`)
  }

  /** Pastes a command that has to succeed. @throws Error with what it printed when it fails, or goes on for longer */
  async succeeds(text: string, seconds: number): Promise<void> {
    this.paste(text)
    const code = await this.ended(seconds)
    if (code !== 0) throw new Error(`${text}\nended with ${code}:\n${this.output}`)
  }

  /** Types a line into the command that runs. */
  type(line: string): void {
    this.#write(`${line}\n`)
  }

  /** Presses Ctrl-C until the command has ended, every half second. */
  async interrupt(): Promise<void> {
    let pressed = -Infinity
    await eventually('Ctrl-C to end it', () => {
      if (this.code !== undefined) return true
      if (performance.now() - pressed < 500) return false
      this.#write('\x03')
      pressed = performance.now()
      return false
    })
  }

  /** Resolves to the exit code. @throws Error with what it printed when it goes on for longer */
  ended(seconds: number): Promise<number> {
    return this.#within(seconds, 'the command to end', () => this.code)
  }

  /**
   * Resolves once what it printed matches; a command that has ended prints no more.
   * @throws Error with what it printed when it does not
   */
  async printed(pattern: RegExp, seconds: number): Promise<void> {
    const limit = this.code === undefined ? seconds : 0
    await this.#within(limit, `${pattern}`, () => pattern.test(this.output))
  }

  async #within<Value>(seconds: number, what: string, attempt: () => Value) {
    try {
      return await eventually(what, attempt, seconds * 1000)
    } catch (error) {
      throw new Error(`${messageOf(error)}; printed was:\n${this.output}`, { cause: error })
    }
  }

  #write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** As a window is closed: what runs in it is told to hang up. */
  async close(): Promise<void> {
    this.#child.kill('SIGTERM')
    await eventually('the terminal to close', () => this.#closed)
  }
}
