/** The process: what the command line asks for. Each task is a bundle of its own, which is read when it is the one asked for. */
import { inspect } from 'node:util'
import { readConfig, usage, type Config } from '../cli/flags.ts'
import { isUsageError, UsageError } from '../cli/pflag.ts'
import { versionNamed } from '../identity/version.ts'

const version = versionNamed(process.env.KUARD_VERSION, process.env.KUARD_COMMIT)

/**
 * libuv's threads: the shares of host/gate.ts, and two for the log and the server's own files. Each key that is being made takes one more for seconds, and each
 * core that a fault burns another.
 */
const threadsBesideWork = 15

/** Does what this process's command line says. */
export async function main(): Promise<void> {
  process.on('uncaughtException', fail)
  try {
    await run(readConfig(process.argv.slice(2), process.env.PORT))
  } catch (error) {
    if (!isUsageError(error)) throw error
    // Last as well as first, since the usage is longer than a screen, and Kubernetes shows the end of a log.
    print(process.stderr, `${error.message}\n\n${usage()}\n${error.message}\n`)
    process.exitCode = 2
  }
}

/** Ends the process by an error that nobody caught. Node's own report quotes the line that threw: in a bundle, a page of code. */
function fail(error: unknown): void {
  print(process.stderr, `kuard has failed: ${inspect(error)}\n`)
  process.exit(1)
}

/** Prints, whether or not there is still a reader. */
function print(stream: NodeJS.WriteStream, text: string): void {
  stream.on('error', () => undefined).write(text)
}

async function run(config: Config | 'help'): Promise<void> {
  if (config === 'help') print(process.stdout, usage())
  else if (config.version) print(process.stdout, `kuard-ts ${version.name}\n`)
  else if (config.check !== '') await checkOnce(config.check)
  else if (config.reach !== '') await reachOnce(config)
  else if (config.generateCerts !== '') await writeCerts(config.generateCerts)
  else {
    if (config.wait > 0) throw new UsageError('--wait: there is no --reach=TARGET to wait for')
    // As it was given; the line below is for libuv alone.
    const env = { ...process.env }
    process.env.UV_THREADPOOL_SIZE ??= String(
      threadsBesideWork + config.keygenWorkers + Math.ceil(config.faultCpu),
    )
    const { serve } = await import('./serve.ts')
    await serve(config, version, env)
  }
}

async function checkOnce(url: string): Promise<void> {
  const { check } = await import('../cli/check.ts')
  const { healthy, words } = await check(url)
  print(process.stdout, `${words.trimEnd()}\n`)
  process.exitCode = healthy ? 0 : 1
}

async function reachOnce(config: Config): Promise<void> {
  // The first process of a container is not ended by a signal that it has no handler for: its pod would stay for its grace period.
  // 143 is what a shell says of one that SIGTERM has ended.
  process.once('SIGTERM', () => process.exit(143))
  const { reachOnce } = await import('../cli/reach.ts')
  const reached = await reachOnce(config, process.env, (text) => {
    print(process.stdout, text)
  })
  process.exitCode = reached ? 0 : 1
}

async function writeCerts(folder: string): Promise<void> {
  const { generateCerts } = await import('../cli/certs.ts')
  try {
    print(process.stdout, `${await generateCerts(folder)}\n`)
  } catch (error) {
    print(process.stderr, `${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
