/** Starts the built server as a user would, and speaks to it over HTTP. */
import { spawn, type ChildProcess } from 'node:child_process'
import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { atEnd, type Lifetime } from './at-end.ts'
import { eventually } from './eventually.ts'

/** The executable that `npm start` runs. */
export const executable = join(import.meta.dirname, '../../dist/kuard.cjs')

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What was answered. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  /** The body as JSON; throws if it is not of the schema's shape. */
  json<Schema extends TSchema>(schema: Schema): Static<Schema>
}

/** What to ask beside method and path. */
export interface Question {
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** Keeps connections for many questions; without, each has its own. */
  readonly agent?: Agent
}

/** How to start the process, beside its arguments. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Node's own options, such as `--import`. */
  readonly nodeArgs?: readonly string[]
  /** A command that runs the one after it in other surroundings, and becomes it: `unshare`, `sh -c '... exec "$@"' sh`. */
  readonly under?: readonly string[]
  /** A file to print to; what goes there can't be read as `output`. */
  readonly stdout?: number
}

/** A running process of the executable; ended when its test ends. */
export class Kuard {
  readonly child: ChildProcess
  readonly ended: Promise<Ending>
  /** Everything that it printed, standard output and standard error. */
  output = ''
  /** What it printed on standard error alone. */
  errors = ''
  /** The HTTP port, once `started` has resolved. */
  port = 0

  /** Starts the process without waiting for anything. */
  constructor(context: Lifetime, args: readonly string[], options: StartOptions = {}) {
    const { env, nodeArgs = [], under = [], stdout = 'pipe' } = options
    const [command = '', ...rest] = [...under, process.execPath, ...nodeArgs, executable, ...args]
    this.child = spawn(command, rest, {
      stdio: ['ignore', stdout, 'pipe'],
      env: { ...process.env, ...env },
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    }
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()))
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal })
      })
    })
    atEnd(context, () => this.kill())
  }

  /** The log's lines so far. */
  get lines(): string[] {
    return this.output.split('\n')
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Resolves once it serves HTTP; rejects with what it printed if it ends before. */
  async started(): Promise<this> {
    await this.logged(/Serving on HTTP on \S*:(\d+)/)
    this.port = Number(/Serving on HTTP on \S*:(\d+)/.exec(this.output)?.[1])
    return this
  }

  /** Resolves to the match once the output matches; rejects with the output if the process ends without. */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    let ended = false
    void this.ended.then(() => (ended = true))
    return eventually(`the log to say ${pattern}`, () => {
      const match = pattern.exec(this.output)
      if (!match && ended) throw new Error(`the process ended before it logged ${pattern}:\n${this.output}`)
      return match
    })
  }

  /** Sends a request on a connection of its own. */
  ask(method: string, path: string, { body, headers }: Question = {}): Promise<Answer> {
    return ask(this.port, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(headers ? { headers } : {}),
    })
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('GET', path, { headers })
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.ask('PUT', path, { body: JSON.stringify(body) })
  }

  post(path: string, body?: string): Promise<Answer> {
    return this.ask('POST', path, body === undefined ? {} : { body })
  }

  /** Asks it to end, as Kubernetes does. */
  terminate(): Promise<Ending> {
    this.child.kill('SIGTERM')
    return this.ended
  }

  /** Ends it at once. */
  kill(): Promise<Ending> {
    this.child.kill('SIGKILL')
    return this.ended
  }
}

/**
 * Starts a server on a port of its own on 127.0.0.1, quick to end, and waits until it serves.
 * @param context ends the server with the test
 * @param args more arguments; the last of a flag wins
 */
export function startKuard(
  context: Lifetime,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Kuard> {
  return new Kuard(context, ['--address=127.0.0.1:0', '--shutdown-delay=0', ...args], options).started()
}

/** Runs the executable to its end. */
export async function runKuard(
  context: Lifetime,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Ending & { output: string; errors: string }> {
  const kuard = new Kuard(context, args, options)
  return { ...(await kuard.ended), output: kuard.output, errors: kuard.errors }
}

/** Sends a request to a port of 127.0.0.1. */
export function ask(
  port: number,
  method: string,
  path: string,
  { body, headers = {}, agent }: Question = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const options = { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers } }
  const request = httpRequest({ ...options, agent: agent ?? false }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const text = bytes.toString()
      const json = <Schema extends TSchema>(schema: Schema) => Value.Parse(schema, JSON.parse(text))
      resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json })
    })
  })
  request.on('error', reject)
  request.end(body)
  return promise
}
