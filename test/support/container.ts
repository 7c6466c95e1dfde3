/** Runs the image that `npm run image` has built, with podman. */
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { command, type Outcome } from './command.ts'
import { eventually } from './eventually.ts'
import { ask, type Answer } from './kuard.ts'

process.env.CONTAINERS_CONF ??= join(import.meta.dirname, '../../scripts/containers.conf')

export const image = 'localhost/kuard:blue'

/** Runs podman to its end, whatever its exit code; given up after a minute. */
export const podman = (...args: string[]): Promise<Outcome> => command('podman', args)

/** As podman, for a command that has to succeed: what it prints. */
export async function succeed(...args: string[]): Promise<string> {
  const { code, output, errors } = await podman(...args)
  if (code !== 0) throw new Error(`podman ${args.join(' ')} ended with ${code}:\n${errors}`)
  return output.trim()
}

/** How a container is run, beside the arguments of its program. */
export interface RunOptions {
  /** podman's, as for `docker run`. */
  readonly flags?: readonly string[]
  /** As a manifest's `command`: instead of the image's entrypoint. */
  readonly command?: readonly string[]
  readonly image?: string
}

/** A container; removed with its test. */
export class Container {
  readonly id: string
  port = 0

  constructor(id: string) {
    this.id = id
  }

  /** Resolves once it serves HTTP, on a port of 127.0.0.1. */
  async serving(): Promise<this> {
    const mapped = await eventually('the port to be published', async () =>
      /:(\d+)$/m.exec((await podman('port', this.id, '8080')).output),
    )
    this.port = Number(mapped[1])
    await eventually('the container to serve', async () => {
      if ((await this.inspect('.State.Status')) === 'exited')
        throw new Error(`it ended:\n${await this.log()}`)
      return this.get('/healthy').then(
        ({ status }) => status === 200,
        () => false,
      )
    })
    return this
  }

  get(path: string): Promise<Answer> {
    return ask(this.port, 'GET', path)
  }

  /** As `kubectl exec`. */
  exec(...words: string[]): Promise<Outcome> {
    return podman('exec', this.id, ...words)
  }

  /** Everything that it printed. */
  async log(): Promise<string> {
    const { output, errors } = await podman('logs', this.id)
    return output + errors
  }

  /** @param field as in `.State.Status` */
  inspect(field: string): Promise<string> {
    return succeed('inspect', '--format', `{{${field}}}`, this.id)
  }

  /** Resolves to the exit code once it has ended. */
  async ended(): Promise<number> {
    return Number(await succeed('wait', this.id))
  }

  /** Sends a signal, SIGTERM as Kubernetes does; resolves to the exit code. */
  async terminate(signal = 'TERM'): Promise<number> {
    await succeed('kill', '--signal', signal, this.id)
    return this.ended()
  }
}

/** Starts a container without waiting for anything. */
export async function startContainer(
  context: TestContext,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Container> {
  const { flags = [], image: name = image } = options
  const entrypoint = options.command ? [`--entrypoint=${JSON.stringify(options.command)}`] : []
  const published = '--publish=127.0.0.1::8080'
  const container = new Container(await succeed('create', published, ...flags, ...entrypoint, name, ...args))
  atEnd(context, () => succeed('rm', '--force', '--time=0', container.id))
  await succeed('start', container.id)
  return container
}

/** Starts a container that is quick to end, and waits until it serves. */
export async function serveContainer(
  context: TestContext,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Container> {
  const container = await startContainer(context, [...args, '--shutdown-delay=0'], options)
  return container.serving()
}
