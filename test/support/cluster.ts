/** The Kubernetes that the manifests are proven on: kubectl in the context that was named, and a namespace for each test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { command, type Outcome } from './command.ts'
import { comesTrue } from './comes-true.ts'
import { eventually } from './eventually.ts'
import { ask, type Answer, type Question } from './kuard.ts'

/** Between two looks at what is in the cluster, in milliseconds: each is a process of its own. */
const pauseMs = 500

const folder = join(import.meta.dirname, '../../manifests')

/** Namespaces with it are removed at the end of a run, whatever became of their tests. */
export const namespaceLabel = 'kuard-ts.example/test'

/** What a Pod may do, as Pod Security names it. */
export type SecurityLevel = 'restricted' | 'baseline' | 'privileged'

/** Never the context that happens to be the current one. */
function contextArgument(): string {
  const { KUARD_TEST_CONTEXT: name = '' } = process.env
  if (name === '') throw new Error('KUARD_TEST_CONTEXT must name the kubectl context to test in')
  return `--context=${name}`
}

/** Runs kubectl to its end, whatever its exit code; given up after eight minutes. */
export const tryKubectl = (args: readonly string[], input?: string): Promise<Outcome> =>
  command('kubectl', [contextArgument(), ...args], {
    limitMs: 480_000,
    ...(input === undefined ? {} : { input }),
  })

/** As tryKubectl, for a command that has to succeed: what it prints. */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, output, errors } = await tryKubectl(args, input)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}:\n${errors}${output}`)
  return output.trim()
}

/** Where a manifest is. @param path as `05-pods/kuard-pod.yaml` */
export const manifest = (path: string): string => join(folder, path)

/** What a manifest says, for a reader who edits it. @param path as `05-pods/kuard-pod.yaml` */
export const manifestText = (path: string): string => readFileSync(manifest(path), 'utf8')

/** A way into the cluster, open until its test ends. */
export class Forward {
  readonly port: number

  constructor(port: number) {
    this.port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  ask(method: string, path: string, question: Question = {}): Promise<Answer> {
    return ask(this.port, method, path, question)
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path)
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.ask('PUT', path, { body: JSON.stringify(body) })
  }

  post(path: string, body = ''): Promise<Answer> {
    return this.ask('POST', path, { body })
  }
}

/** A kubectl that goes on until it is done, or its test ends. */
export class RunningKubectl {
  /** Everything that it printed, standard output and standard error. */
  output = ''
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  readonly #args: readonly string[]

  constructor(context: TestContext, args: readonly string[]) {
    this.#args = args
    this.#child = spawn('kubectl', [contextArgument(), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
    atEnd(context, () => this.end())
  }

  /** Whole lines so far. */
  get lines(): string[] {
    return this.output.split('\n').slice(0, -1)
  }

  /** Resolves to the match once the output matches; rejects with the output if it ends without. */
  printed(pattern: RegExp, seconds = 30): Promise<RegExpExecArray> {
    return eventually(
      `kubectl ${this.#args.join(' ')} to print ${pattern}`,
      () => {
        const match = pattern.exec(this.output)
        if (!match && this.#child.exitCode !== null)
          throw new Error(`kubectl ${this.#args.join(' ')} ended:\n${this.output}`)
        return match
      },
      seconds * 1000,
    )
  }

  end(): Promise<number | null> {
    this.#child.kill('SIGKILL')
    return this.ended
  }
}

/**
 * Starts a kubectl that goes on until the test ends, and says on which port of 127.0.0.1 it listens.
 * @param args as `['proxy', '--port=0']`
 */
export async function startKubectl(context: TestContext, args: readonly string[]): Promise<Forward> {
  const [, port] = await new RunningKubectl(context, args).printed(/127\.0\.0\.1:(\d+)/)
  return new Forward(Number(port))
}

/** A namespace that goes with its test. */
export class Namespace {
  readonly name: string
  readonly #context: TestContext

  constructor(context: TestContext, name: string) {
    this.#context = context
    this.name = name
  }

  /** Runs a command that has to succeed: what it prints. */
  kubectl(...args: string[]): Promise<string> {
    return kubectl([`--namespace=${this.name}`, ...args])
  }

  /** Runs a command, whatever its exit code. */
  try(...args: string[]): Promise<Outcome> {
    return tryKubectl([`--namespace=${this.name}`, ...args])
  }

  /** Applies manifests as they ship. @param paths as `05-pods/kuard-pod.yaml` */
  async apply(...paths: string[]): Promise<void> {
    await this.kubectl('apply', ...paths.map((path) => `--filename=${manifest(path)}`))
  }

  /** Applies what a reader would have edited, or would pipe. */
  applyText(text: string): Promise<string> {
    return kubectl([`--namespace=${this.name}`, 'apply', '--filename=-'], text)
  }

  /**
   * Reads a field of an object, or of a list.
   * @param resource as `pod/kuard`, or `pods`
   * @param path a JSONPath, as `.status.podIP`
   * @param more other arguments, as `--selector=app=kuard`
   */
  read(resource: string, path: string, ...more: string[]): Promise<string> {
    return this.kubectl('get', resource, ...more, `--output=jsonpath={${path}}`)
  }

  /** The names of the objects of a kind, sorted. */
  async names(kind: string, selector = ''): Promise<string[]> {
    const names = await this.read(kind, '.items[*].metadata.name', `--selector=${selector}`)
    return names.split(' ').filter(Boolean).sort()
  }

  /**
   * Waits for what `kubectl wait` can wait for.
   * @param condition as `condition=Ready` or `jsonpath={.status.phase}=Running`
   */
  async wait(resource: string, condition: string, seconds = 90, ...more: string[]): Promise<void> {
    await this.kubectl('wait', resource, `--for=${condition}`, `--timeout=${seconds}s`, ...more)
  }

  /** Waits until a field matches; resolves to what it then is. */
  async until(resource: string, path: string, pattern: RegExp, seconds = 90): Promise<string> {
    let last = ''
    try {
      return await eventually(
        `${path} of ${resource} to match ${pattern}`,
        async () => {
          const { code, output, errors } = await this.try('get', resource, `--output=jsonpath={${path}}`)
          last = code === 0 ? output : errors
          return code === 0 && pattern.test(output) ? output : undefined
        },
        seconds * 1000,
        pauseMs,
      )
    } catch (error) {
      throw new Error(`${path} of ${resource} is ${JSON.stringify(last)}`, { cause: error })
    }
  }

  /** Waits until a command prints what matches: a line of a log, an event or an endpoint is there a moment after what it tells of. */
  prints(pattern: RegExp, ...args: string[]): Promise<void> {
    return comesTrue(`kubectl ${args.join(' ')} to print ${pattern}`, 30, async () => {
      const seen = await this.kubectl(...args)
      return { is: pattern.test(seen), seen }
    })
  }

  /** What a pod's container said before it was started again; while the kubelet takes away what has ended, there may be none to read. */
  async previousLog(pod: string): Promise<string> {
    let log = ''
    await comesTrue(`the log of ${pod} before its restart to be there`, 90, async () => {
      const { code, output, errors } = await this.try('logs', pod, '--previous')
      log = output
      // Said in place of a log, and with success, of a container that has made room for the next to end.
      const is = code === 0 && !output.startsWith('unable to retrieve container logs')
      return { is, seen: errors + output }
    })
    return log
  }

  /** Starts a command that goes on, as `get --watch` and `logs --follow` do. */
  start(...args: string[]): RunningKubectl {
    return new RunningKubectl(this.#context, [`--namespace=${this.name}`, ...args])
  }

  /** Opens a port-forward. @param target as `pod/kuard` or `service/queue` */
  async forward(target: string, port = 8080): Promise<Forward> {
    const args = ['port-forward', `--namespace=${this.name}`, target, `:${port}`]
    if (port !== 8080) return startKubectl(this.#context, args)
    // Without a readiness probe a pod is Ready before it takes connections, and kubectl ends when one is refused.
    return eventually(`${target} to answer`, async () => {
      const forward = await startKubectl(this.#context, args)
      return forward.get('/').then(
        () => forward,
        () => undefined,
      )
    })
  }

  /** Asks a Service through the API server, which sends each request to any one of its pods. @param path as `/healthy` */
  throughService(service: string, path: string): Promise<Outcome> {
    return tryKubectl(['get', '--raw', `/api/v1/namespaces/${this.name}/services/${service}/proxy${path}`])
  }
}

/**
 * Makes a namespace that enforces a level of Pod Security; when its test fails, says what is in it; removes it.
 * @param level what the concept needs: most pods run as the restricted level wants
 */
export async function makeNamespace(
  context: TestContext,
  level: SecurityLevel = 'restricted',
): Promise<Namespace> {
  const namespace = new Namespace(context, `kuard-${randomBytes(4).toString('hex')}`)
  atEnd(context, async () => {
    if (!context.passed) context.diagnostic(await whatIsIn(namespace))
    await kubectl(['delete', 'namespace', namespace.name, '--wait=false', '--ignore-not-found'])
  })
  await kubectl(
    ['apply', '--filename=-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace.name,
        labels: { [namespaceLabel]: '', 'pod-security.kubernetes.io/enforce': level },
      },
    }),
  )
  return namespace
}

async function whatIsIn(namespace: Namespace): Promise<string> {
  const objects = await namespace.try('get', 'all,persistentvolumeclaims', '--output=wide')
  const events = await namespace.try('get', 'events', '--sort-by=.lastTimestamp')
  return `${objects.output}${objects.errors}\n${events.output.split('\n').slice(-40).join('\n')}`
}
