/** Starts a real Redis, as Debian packages it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { command } from './command.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'

/** A port of 127.0.0.1 that nobody has just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One that runs on 127.0.0.1, in a folder that goes with its test. */
export class Redis {
  readonly port: number
  readonly #folder: string
  readonly #args: readonly string[]
  #child: ChildProcess = spawn('true')

  constructor(context: TestContext, port: number, args: readonly string[]) {
    this.port = port
    this.#args = args
    this.#folder = temporaryFolder(context)
    atEnd(context, () => this.kill())
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`
  }

  /** Starts it, anew if it was ended, on what it has written. */
  async start(): Promise<this> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '']
    this.#child = spawn('redis-server', [...own, ...this.#args], { stdio: 'ignore' })
    await eventually('Redis to answer', async () => /^(PONG|NOAUTH)/.test(await this.cli('PING')))
    return this
  }

  /** Runs redis-cli: what it prints. */
  async cli(...args: string[]): Promise<string> {
    const { output } = await command('redis-cli', ['-p', String(this.port), ...args])
    return output.trim()
  }

  /** Ends it at once, or stops and continues it. */
  async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return
    this.#child.kill(signal)
    if (signal === 'SIGKILL') await new Promise((resolve) => this.#child.once('exit', resolve))
  }
}

/** @param args as redis-server takes them */
export const startRedis = async (context: TestContext, args: readonly string[] = []): Promise<Redis> =>
  new Redis(context, await freePort(), args).start()
